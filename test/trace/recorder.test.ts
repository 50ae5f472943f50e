import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ComputeTask, TaskGraph } from '../../sim/engine/task-graph.ts';
import type { RecordedInstance, RecordedTask } from '../../sim/trace/recorded.ts';
import { TaskRecorder } from '../../sim/trace/task-recorder.ts';
import { compute, graphOf, group, jobsAt, type Run, runGraph, sum } from '../engine/graphs.ts';
import { type RandomSetting, randomSetting } from '../engine/random-graphs.ts';

/** A run with all of its jobs recorded, and every value of every counter. */
interface Recorded extends RandomSetting {
  seed: number;
  run: Run;
  recorder: TaskRecorder;
  instances: readonly RecordedInstance[];
}

function recordedRun(setting: RandomSetting, seed = 1): Recorded {
  let recorder: TaskRecorder | undefined;
  const requests = setting.times.map((_, job) => job);
  const run = runGraph(setting.graph, jobsAt(setting.times, setting.parts), {
    seed,
    work: setting.work,
    watch: (watched) => {
      const windows = [{ fromS: 0, toS: 1e6, points: 1e15 }];
      recorder = new TaskRecorder(watched, { requests, windows, mostTasks: 1e9 });
      return recorder;
    },
  });
  const instances = requests.flatMap((rank) => recorder!.kept.ofRank(rank));
  return { ...setting, seed, run, recorder: recorder!, instances };
}

function forAnyRun(check: (recorded: Recorded) => void): void {
  fc.assert(
    fc.property(fc.nat(1e6), (seed) => check(recordedRun(randomSetting(seed), seed))),
    { numRuns: 80, seed: 13 },
  );
}

/** A task that was not skipped, on its pool. */
interface Visit {
  pool: number;
  task: ComputeTask;
  recorded: RecordedTask;
  instance: RecordedInstance;
}

function visitsOf({ instances, graph, run }: Recorded): Visit[] {
  return instances.flatMap((instance) =>
    instance.tasks.flatMap((recorded) => {
      const task = graph.tasks[recorded.task];
      if (task.kind !== 'compute') return [];
      const { group: at } = graph.slots[task.slot];
      const pool = run.executor.hosts.poolAt(at, instance.replicas[task.slot], task.pool);
      return [{ pool, task, recorded, instance }];
    }),
  );
}

/** Value × time of a counter. */
function areaOf(timesS: readonly number[], values: readonly number[]): number {
  return sum(values.slice(0, -1).map((value, at) => value * (timesS[at + 1] - timesS[at])));
}

const recorder = suite('traces: recorder, on random graphs');

recorder('changes nothing: times, paths and events are those of a run without one', () => {
  forAnyRun(({ run, graph, times, parts, work, seed }) => {
    const alone = runGraph(graph, jobsAt(times, parts), { work, seed });
    assert.equal(run.trace, alone.trace);
    assert.equal(run.paths, alone.paths);
    assert.is(run.executor.events, alone.executor.events);
  });
});

recorder('has every instance of every job, with the times that the executor had', () => {
  forAnyRun(({ instances, run, parts, times }) => {
    assert.is(instances.length, parts * times.length);
    for (const [job] of times.entries()) {
      const own = instances.filter(({ requests }) => requests[0] === job);
      assert.equal(
        own.map(({ batch }) => batch).sort(),
        Array.from({ length: parts }, (_, part) => part),
      );
      const ends = own.flatMap(({ tasks }) => tasks.map(({ endS }) => endS));
      assert.is(Math.max(...ends) - times[job], run.latencies[job]);
    }
    const traced = run.trace.map(({ job, start }) => `${job} ${start[0]}`).sort();
    assert.equal(
      instances.map(({ requests, tasks }) => `${requests[0]} ${entryOf(tasks).startS}`).sort(),
      traced,
    );
  });
});

recorder('a server does one task at a time, and is one of the pool', () => {
  forAnyRun((recorded) => {
    const { servers } = recorded.run.executor.hosts;
    const lanes = new Map<string, RecordedTask[]>();
    for (const { pool, recorded: task } of visitsOf(recorded)) {
      assert.ok(task.lane >= 0 && task.lane < servers[pool]);
      const lane = `${pool} ${task.lane}`;
      lanes.set(lane, [...(lanes.get(lane) ?? []), task]);
    }
    for (const tasks of lanes.values()) {
      tasks.sort((a, b) => a.startS - b.startS || a.endS - b.endS);
      for (let at = 1; at < tasks.length; at++) assert.ok(tasks[at - 1].endS <= tasks[at].startS);
    }
  });
});

recorder('a chained task is on the server of its predecessor', () => {
  forAnyRun((recorded) => {
    for (const { task, recorded: own, instance } of visitsOf(recorded)) {
      const before = instance.tasks.find((each) => each.task === task.after[0]);
      if (task.chained && before) assert.is(own.lane, before.lane);
    }
  });
});

recorder('busy servers over time are the times of tasks; waiting tasks over time are their waits', () => {
  forAnyRun((recorded) => {
    const visits = visitsOf(recorded);
    for (const [pool, { timesS, busy, queued }] of recorded.recorder.samples.samples.entries()) {
      const own = visits.filter((visit) => visit.pool === pool).map((visit) => visit.recorded);
      const servedS = sum(own.map(({ startS, endS }) => endS - startS));
      const waitedS = sum(own.map(({ readyS, startS }) => startS - readyS));
      assert.ok(Math.abs(areaOf(timesS, busy) - servedS) < 1e-9 * (1 + servedS) * 10);
      assert.ok(Math.abs(areaOf(timesS, queued) - waitedS) < 1e-9 * (1 + waitedS) * 10);
      assert.equal([busy.at(-1), queued.at(-1)], [0, 0]);
    }
  });
});

recorder('critical paths lead from arrival to completion without a gap', () => {
  forAnyRun(({ recorder: { requests }, times, run }) => {
    assert.is(requests.size, times.length);
    for (const [job, { path, endS, candidates }] of requests) {
      assert.is(path.fromS, times[job]);
      assert.is(endS - times[job], run.latencies[job]);
      assert.ok(candidates >= 1);
      for (let at = 1; at < path.tasks.length; at++)
        assert.is(path.tasks[at].readyS, path.tasks[at - 1].endS);
      assert.is(path.tasks.at(-1)!.endS, endS);
    }
  });
});

recorder.run();

const held = suite('traces: recorder, held servers');

held('a server is taken until the task that it is held for is done', () => {
  const graph: TaskGraph = graphOf(
    [
      group({
        pools: ['guard', 'first', 'second'].map((name) => ({ name, servers: name === 'guard' ? 2 : 1 })),
      }),
    ],
    [compute([], { holdsUntil: 2 }), compute([0], { pool: 1 }), compute([1], { pool: 2 })],
  );
  const { instances, recorder: recorded } = recordedRun({
    graph,
    times: [0, 0, 0],
    parts: 1,
    work: () => [0, 1, 2],
  });
  // The first two hold both guards; the third gets that of the first, who is done after 3 s.
  assert.equal(
    instances.map(({ tasks: [guard] }) => [guard.startS, guard.lane]),
    [
      [0, 0],
      [0, 1],
      [3, 0],
    ],
  );
  const [guards] = recorded.samples.samples;
  assert.is(areaOf(guards.timesS, guards.busy), 3 + 5 + 4);
  assert.is(areaOf(guards.timesS, guards.queued), 3);
});

held.run();

function entryOf(tasks: readonly RecordedTask[]): RecordedTask {
  return tasks.find(({ task }) => task === 0)!;
}
