import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { components } from '../../sim/serving/components.ts';
import type { ArmPlan } from '../../sim/serving/plan.ts';
import { type ReplicationOutcome, simulateReplication } from '../../sim/serving/replication.ts';
import { TaskRecorder } from '../../sim/trace/task-recorder.ts';
import { traceArm } from '../../sim/trace/trace-arm.ts';
import type {
  ArmTrace,
  Occupation,
  PathStep,
  TracedInstance,
  TracedTask,
} from '../../sim/trace/trace-result.ts';
import { sum } from '../serving/scenarios.ts';
import { key, kinds, planOf, requests } from './scenarios.ts';

/** An arm with all of its requests traced. */
interface Traced {
  plan: ArmPlan;
  outcome: ReplicationOutcome;
  trace: ArmTrace;
}

const traced = new Map<string, Traced>();
for (const kind of Object.keys(kinds)) {
  const plan = await planOf(kind);
  const outcome = simulateReplication(plan, key);
  traced.set(kind, { plan, outcome, trace: traceArm(plan, key, { first: requests }) });
}

/** A test of every kind of scenario. */
function forEachKind(name: string, check: (traced: Traced) => void): void {
  for (const [kind, each] of traced) conservation(`${name}: ${kind}`, () => check(each));
}

function isNear(value: number, expected: number, slackS = 1e-12): boolean {
  return Math.abs(value - expected) <= slackS * Math.max(1, Math.abs(expected));
}

const conservation = suite('traces: conservation');

forEachKind('every measured request is there, with all its batches', ({ trace }) => {
  assert.equal(
    trace.requests.map(({ number }) => number).sort((a, b) => a - b),
    Array.from({ length: requests }, (_, number) => number),
  );
  assert.equal(trace.leftOut, { requests: [], batches: 0, counters: 0 });
  for (const { number, batches } of trace.requests) {
    const own = instancesOf(trace, number).filter(({ kind }) => kind !== 'envelope');
    assert.is(own.length, batches);
    if (own[0].kind === 'batch') assert.equal(own.map(({ batch }) => batch).sort(ascending), range(batches));
  }
});

forEachKind('the steps of a critical path follow one another from arrival to completion', ({ trace }) => {
  for (const request of trace.requests) {
    let atS = request.arrivalS;
    for (const { kind, fromS, toS } of request.path) {
      assert.is(fromS, atS);
      assert.ok(toS >= fromS);
      if (kind !== 'gate') atS = toS;
    }
    assert.is(atS, request.endS);
    assert.ok(isNear(request.endS - request.arrivalS, request.latencyS));
  }
});

forEachKind('components recomputed from the tasks are those that the simulation counted', ({ trace }) => {
  for (const request of trace.requests) {
    const recomputed = new Map<string, number>();
    for (const { component, seconds } of request.path.flatMap(({ parts }) => parts)) {
      recomputed.set(component, (recomputed.get(component) ?? 0) + seconds);
    }
    const counted = new Map(request.components.map(({ component, seconds }) => [component, seconds]));
    for (const component of components) {
      const [one, other] = [recomputed.get(component) ?? 0, counted.get(component) ?? 0];
      assert.ok(isNear(one, other), `request ${request.number}, ${component}: ${one}, counted ${other}`);
    }
    assert.ok(isNear(sum([...recomputed.values()]), request.latencyS));
  }
});

forEachKind(
  'each task of a critical path is one that was traced, and its parts fill its time',
  ({ trace }) => {
    for (const request of trace.requests) {
      const tasks = instancesOf(trace, request.number).flatMap((instance) => instance.tasks);
      for (const step of request.path.filter(({ kind }) => kind === 'task')) {
        assert.ok(
          tasks.some((task) => task.isCritical && isOf(task, step)),
          `request ${request.number}: ${step.name}`,
        );
        assert.ok(isNear(sum(step.parts.map(({ seconds }) => seconds)), step.toS - step.fromS));
      }
    }
  },
);

forEachKind(
  'every task lies between the arrival and the completion of each request it serves',
  ({ trace }) => {
    for (const request of trace.requests) {
      for (const task of instancesOf(trace, request.number).flatMap(({ tasks }) => tasks)) {
        assert.ok(task.startS >= request.arrivalS && task.endS <= request.endS, task.name);
        assert.ok(task.readyS <= task.startS && task.startS <= task.endS, task.name);
        for (const { fromS, toS, waitS } of task.on) {
          assert.ok(fromS >= request.arrivalS && fromS <= toS && toS <= request.endS, task.name);
          assert.ok(waitS >= -1e-12, `${task.name} waits ${waitS}`);
        }
      }
    }
  },
);

forEachKind('a thread does one thing at a time, and a pool has as many as it has servers', (each) => {
  const { trace } = each;
  for (const [host, { threads }] of trace.hosts.entries()) {
    for (const [thread, { name }] of threads.entries()) {
      const found = occupationsOf(trace).filter((one) => one.host === host && one.thread === thread);
      found.sort((a, b) => a.fromS - b.fromS || a.toS - b.toS);
      for (let at = 1; at < found.length; at++) {
        assert.ok(found[at - 1].toS <= found[at].fromS, `${trace.hosts[host].name}, ${name}`);
      }
    }
  }
  for (const { name, threads } of trace.hosts) {
    const cores = threads.filter(({ resource }) => resource === 'cores').length;
    assert.ok(cores <= workersOf(each, name), `${name} has ${cores} cores`);
  }
});

forEachKind('counters say how many servers the tasks held, and how many tasks waited', ({ trace }) => {
  assert.ok(trace.counters.length > 0);
  for (const { host, name, timesS, busy, queued } of trace.counters) {
    const onPool = occupationsOf(trace).filter(
      (one) => one.host === host && trace.hosts[host].threads[one.thread].resource === name,
    );
    assert.ok(onPool.length > 0, name);
    for (const [at, timeS] of timesS.entries()) {
      // What begins or ends at the time itself may be counted or not, as the counter may have changed twice.
      const [heldLeast, heldMost] = countAt(onPool, timeS, ({ fromS, toS }) => [fromS, toS]);
      assert.ok(busy[at] >= heldLeast && busy[at] <= heldMost, `${name} at ${timeS}: ${busy[at]} busy`);
      const [waitLeast, waitMost] = countAt(onPool, timeS, ({ fromS, waitS }) => [fromS - waitS, fromS]);
      assert.ok(
        queued[at] >= waitLeast && queued[at] <= waitMost,
        `${name} at ${timeS}: ${queued[at]} queued`,
      );
    }
  }
});

forEachKind('the slowest request and the median are those of the ordinary run', ({ trace, outcome }) => {
  const [slowest] = trace.requests;
  assert.ok(slowest.why.includes('slowest'));
  assert.is(slowest.latencyS, outcome.max);
  const median = trace.requests.find(({ why }) => why.includes('median'))!;
  const { p50 } = outcome.percentiles;
  assert.ok(Math.abs(median.latencyS / p50 - 1) <= 2 ** -11, `${median.latencyS}, p50 ${p50}`);
});

forEachKind('RPCs are as many as the ordinary run counted', ({ trace, outcome }) => {
  const rpcs = trace.instances.flatMap(({ messages }) => messages).filter(({ kind }) => kind === 'rpc');
  assert.ok(isNear(rpcs.length, outcome.rpcs * outcome.requests, 1e-9));
  for (const { number, rpcs: counted } of trace.requests) {
    const own = instancesOf(trace, number).flatMap(({ messages }) => messages);
    assert.is(own.filter(({ kind }) => kind === 'rpc').length, counted);
  }
});

forEachKind('bytes of the messages are those of the ordinary run', ({ trace, outcome }) => {
  const bytes = trace.instances.flatMap(({ tasks }) => tasks.map((task) => task.bytes ?? 0));
  assert.ok(isNear(sum(bytes), outcome.networkBytes * outcome.requests, 1e-9));
});

forEachKind('a run with a recorder gives the outcome of one without, bit by bit', ({ plan, outcome }) => {
  const recording = { requests: [0, 5, requests - 1], windows: [], mostTasks: 1000 };
  const watched = simulateReplication(plan, key, {
    watch: (run) => new TaskRecorder(run, recording),
  });
  assert.equal(watched, outcome);
});

forEachKind('the same arm and key give the same trace', ({ plan, trace }) => {
  assert.equal(traceArm(plan, key, { first: requests }), trace);
});

conservation('tables of one host: a batch keeps its core from its first task to its last', () => {
  for (const { tasks } of traced.get('one host, busy')!.trace.instances) {
    assert.is(new Set(tasks.map(({ on: [{ thread }] }) => thread)).size, 1);
  }
});

conservation('a stream is held until the scores are back', () => {
  const { trace } = traced.get('accelerators with copies of the tables')!;
  for (const { tasks } of trace.instances) {
    const [stream, copyOut] = ['stream', 'copy out'].map((name) => tasks.find((task) => task.name === name)!);
    assert.is(stream.on[0].toS, copyOut.endS);
    assert.ok(stream.endS < copyOut.endS);
  }
});

conservation('a message takes longer on the narrower NIC, and is done when its last byte has come', () => {
  const { trace } = traced.get('slow links to fast ones')!;
  const tasks = trace.instances.flatMap((instance) => instance.tasks);
  const [requestsSent, replies] = ['request', 'reply'].map((what) =>
    tasks.filter(({ name }) => name.endsWith(what)),
  );
  const lengths = ({ on }: TracedTask) => on.map(({ fromS, toS }) => toS - fromS);
  // The main host has the wider one.
  assert.ok(requestsSent.length > 0 && replies.length > 0);
  for (const request of requestsSent) {
    const [sending, receiving] = lengths(request);
    assert.ok(sending < receiving);
    assert.ok(isNear(request.on[1].toS, request.endS));
  }
  for (const reply of replies) {
    const [sending, receiving] = lengths(reply);
    assert.ok(sending > receiving);
    assert.ok(reply.on[1].toS <= reply.endS);
  }
  assert.ok(replies.some(({ on, endS }) => on[1].toS < endS));
});

conservation('shared batches serve several requests, and large requests need several', () => {
  for (const kind of ['shared batches', 'a tier in front of shared batches']) {
    const { instances, requests: all } = traced.get(kind)!.trace;
    assert.ok(instances.some((one) => one.kind === 'shared batch' && one.requests.length > 1));
    assert.ok(all.some(({ batches }) => batches > 1));
  }
});

conservation('tasks wait for servers of every kind, for links and for batches in these scenarios', () => {
  const all = [...traced.values()].map(({ trace }) => trace);
  const waitedFor = new Set(
    all.flatMap((trace) =>
      occupationsOf(trace)
        .filter(({ waitS }) => waitS > 1e-9)
        .map(({ host, thread }) => trace.hosts[host].threads[thread].resource),
    ),
  );
  for (const resource of ['cores', 'NIC out', 'NIC in', 'streams', 'accelerators 0–7']) {
    assert.ok(waitedFor.has(resource), `${resource}, of ${[...waitedFor].join(', ')}`);
  }
  const steps = all.flatMap((trace) => trace.requests.flatMap(({ path }) => path.map(({ name }) => name)));
  for (const step of ['wait for the batch', 'wait for cores', 'wait for streams', 'tier gate']) {
    assert.ok(steps.includes(step), step);
  }
});

conservation.run();

function instancesOf({ instances }: ArmTrace, request: number): TracedInstance[] {
  return instances.filter(({ requests: served }) => served.includes(request));
}

function occupationsOf({ instances }: ArmTrace): Occupation[] {
  return instances.flatMap(({ tasks }) => tasks.flatMap(({ on }) => on));
}

function isOf(task: TracedTask, { name, fromS, toS }: PathStep): boolean {
  return task.name === name && task.startS === fromS && task.endS === toS;
}

/** How many intervals hold a time for certain, and how many if those count that begin or end there. */
function countAt(
  occupations: readonly Occupation[],
  timeS: number,
  interval: (occupation: Occupation) => [fromS: number, toS: number],
): [least: number, most: number] {
  const slackS = 1e-12;
  const all = occupations.map(interval);
  const within = (slack: number) =>
    all.filter(([fromS, toS]) => fromS - slack <= timeS && timeS <= toS + slack).length;
  const surely = all.filter(([fromS, toS]) => fromS + slackS < timeS && timeS < toS - slackS).length;
  return [surely, within(slackS)];
}

function workersOf({ plan: { arm } }: Traced, host: string): number {
  if (host.startsWith('shard')) return arm.sparse.workers;
  return host.startsWith('preprocessing') ? arm.preprocessing!.tier!.workers : arm.main.workers;
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

function ascending(a: number, b: number): number {
  return a - b;
}
