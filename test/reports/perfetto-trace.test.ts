import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { perfettoTrace } from '../../reports/files/perfetto-trace.ts';
import { leftOutInWords, traceInWords } from '../../reports/files/trace-in-words.ts';
import { fitTraces } from '../../sim/trace/fit-traces.ts';
import { traceArm } from '../../sim/trace/trace-arm.ts';
import type { ArmTrace } from '../../sim/trace/trace-result.ts';
import { key, kinds, planOf, requests } from '../trace/scenarios.ts';
import { endOf, nanoseconds, type ReadTrace, readTraceFile, type Slice } from './trace-event-format.ts';

const about = { product: 'rankfleet test', scenario: 'kinds' };

const traces = new Map<string, ArmTrace>();
for (const kind of Object.keys(kinds))
  traces.set(kind, traceArm(await planOf(kind), key, { first: requests }));

const read = (...of: ArmTrace[]) => readTraceFile(perfettoTrace(of, about).text);
const files = new Map([...traces].map(([kind, trace]) => [kind, read(trace)]));

const file = suite('trace file');

/** A test of every kind of scenario, each in a file of its own. */
function forEachKind(name: string, check: (trace: ArmTrace, file: ReadTrace) => void): void {
  for (const [kind, trace] of traces) file(`${name}: ${kind}`, () => check(trace, files.get(kind)!));
}

forEachKind(
  'every task is a slice on each thread that it was on, to the nanosecond',
  (trace, { slices, threads, processes }) => {
    const written = new Set(
      slices
        .filter(({ cat }) => cat === 'task')
        .map((slice) =>
          key4(
            processes.get(slice.pid)!,
            threads.get(slice.tid)!,
            slice.name,
            nanoseconds(slice.ts),
            endOf(slice),
          ),
        ),
    );
    const tasks = trace.instances.flatMap((instance) => instance.tasks);
    for (const { name, on } of tasks) {
      for (const { host, thread, fromS, toS } of on) {
        const { name: process, threads: own } = trace.hosts[host];
        const expected = key4(
          process,
          own[thread].name,
          name,
          Math.round(fromS * 1e9),
          Math.round(toS * 1e9),
        );
        assert.ok(written.has(expected), expected);
      }
    }
    assert.is(
      slices.filter(({ cat }) => cat === 'task').length,
      tasks.reduce((sum, { on }) => sum + on.length, 0),
    );
  },
);

forEachKind(
  'what a task says of itself: whose it is, what it spent its time on, how long it waited',
  (trace, { slices }) => {
    for (const { args } of slices.filter(({ cat }) => cat === 'task')) {
      assert.is(args.arm, trace.arm);
      assert.ok(typeof args.request === 'number' || Array.isArray(args.requests));
      assert.ok(typeof args.component === 'string' && args.component.length > 0);
      assert.ok(typeof args.bytes === 'number' || Object.keys(args.phases_us as object).length > 0);
      assert.ok((args.waited_us as number) >= 0, `${args.waited_us}`);
    }
  },
);

forEachKind(
  'waits that are not short of a nanosecond are there, and end where the task starts',
  (trace, { waits, slices }) => {
    const begun = waits.filter(({ ph }) => ph === 'b');
    const waiting = trace.instances
      .flatMap(({ tasks }) => tasks.flatMap(({ on }) => on))
      .filter(({ fromS, waitS }) => Math.round(fromS * 1e9) > Math.round((fromS - waitS) * 1e9));
    assert.is(begun.length, waiting.length);
    const starts = new Set(slices.map(({ tid, ts }) => `${tid} ${nanoseconds(ts)}`));
    for (const { ph, tid, ts } of waits) if (ph === 'e') assert.ok(starts.has(`${tid} ${nanoseconds(ts)}`));
  },
);

forEachKind(
  'every RPC is one arrow from the main host to its shard and back',
  (trace, { flows, boundTo, processes }) => {
    const expected = trace.instances.reduce(
      (sum, { messages }) => sum + messages.filter(({ kind }) => kind === 'rpc').length,
      0,
    );
    const rpcs = flows.filter(({ cat }) => cat === 'rpc');
    assert.is(new Set(rpcs.map(({ id }) => id)).size, expected);
    for (const id of new Set(rpcs.map((flow) => flow.id))) {
      const stops = rpcs.filter((flow) => flow.id === id).map((flow) => boundTo.get(flow)!);
      const [first, last] = [stops[0], stops.at(-1)!];
      const [, what] = /^(net \d+ shard \d+) serialise$/.exec(first.name)!;
      const shard = /shard \d+/.exec(what)![0];
      assert.is(last.name, `${what} deserialise`);
      assert.is(first.pid, last.pid);
      assert.ok(processes.get(first.pid)!.startsWith('main'));
      const handled = stops.find(({ name }) => name === `${what} handle`)!;
      assert.ok(processes.get(handled.pid)!.startsWith(shard));
      assert.ok(stops.every(({ name }) => name.startsWith(what)));
      assert.equal(
        stops.map((slice) => slice.args.request ?? slice.args.requests),
        stops.map(() => first.args.request ?? first.args.requests),
      );
    }
  },
);

forEachKind(
  'each request has a row: itself, the steps of its critical path, what these consist of',
  (trace, { slices, threads, processes }) => {
    for (const request of trace.requests) {
      const own = slices.filter(({ tid }) => rowOf(threads.get(tid)!) === request.number);
      const [whole, ...others] = own;
      assert.is(whole.name, `request ${request.number}`);
      assert.is(processes.get(whole.pid), 'requests');
      assert.is(nanoseconds(whole.dur), Math.round(request.endS * 1e9) - Math.round(request.arrivalS * 1e9));
      assert.is(whole.args.candidates, request.candidates);
      const spent = Object.values(whole.args.components_us as Record<string, number>);
      assert.ok(Math.abs(spent.reduce((sum, us) => sum + us, 0) - request.latencyS * 1e6) < 0.02);
      const steps = others.filter(({ cat }) => cat.startsWith('critical path'));
      assert.is(steps.length, request.path.length);
      // Steps fill the request without a gap; a gate only stands around the steps of the batches.
      const filling = steps.filter(({ name }) => name !== 'batches');
      assert.is(
        filling.reduce((sum, { dur }) => sum + nanoseconds(dur), 0),
        nanoseconds(whole.dur),
      );
    }
  },
);

forEachKind('counters of each pool that the tasks ran on', (trace, { counters, processes }) => {
  const values = counters.map(({ pid, name, ts, args }) => [
    processes.get(pid),
    name,
    nanoseconds(ts),
    args.busy,
    args.queued,
  ]);
  const expected = trace.counters.flatMap(({ host, name, timesS, busy, queued }) =>
    timesS.map((timeS, at) => [trace.hosts[host].name, name, Math.round(timeS * 1e9), busy[at], queued[at]]),
  );
  assert.equal(values, expected);
});

file('rows say why their requests were chosen', () => {
  const trace = traces.get('shards, busy')!;
  const { threads } = read(trace);
  const names = [...threads.values()].filter((name) => name.startsWith('request'));
  assert.is(names.length, requests);
  assert.is(names.filter((name) => name.endsWith('(slowest)')).length, 1);
  assert.is(names.filter((name) => name.endsWith('(median)')).length, 1);
  assert.ok(names[0].endsWith('(slowest)') && names[1].endsWith('(median)'));
});

file(
  'hosts are processes in the order in which a request meets them; their threads are what they have',
  () => {
    const inFront = read(traces.get('a tier in front')!);
    assert.equal(
      [...inFront.processes.values()],
      [
        'requests',
        'preprocessing replica 0',
        'preprocessing replica 1',
        'main replica 0',
        'main replica 1',
        'shard 0',
        'shard 1',
      ],
    );
    const threadsOf = ({ threads }: ReadTrace) =>
      [...threads.values()].filter((name) => !name.startsWith('request'));
    assert.equal(threadsOf(read(traces.get('accelerators with copies of the tables')!)), [
      'core 0',
      'core 1',
      'stream 0',
      'stream 1',
      'accelerator 0',
      'accelerator 0 host link in',
      'accelerator 0 host link out',
      'accelerator 1',
      'accelerator 1 host link in',
      'accelerator 1 host link out',
    ]);
    assert.ok(
      threadsOf(read(traces.get('accelerators that share the tables, shared batches')!)).includes(
        'accelerators 0–7',
      ),
    );
    assert.ok(threadsOf(read(traces.get('shards, busy')!)).includes('NIC in'));
  },
);

file('arms are kept apart, and each says whose it is', () => {
  const kindsOfLoad = ['one host, busy', 'replicas of hosts and shards, continuations first'];
  const [one, two] = kindsOfLoad.map((kind, arm) => ({ ...traces.get(kind)!, arm: `arm ${arm}` }));
  const { processes, slices } = read(one, two);
  assert.equal([...processes.values()].slice(0, 5), [
    'arm 0 · requests',
    'arm 0 · main',
    'arm 1 · requests',
    'arm 1 · main replica 0',
    'arm 1 · main replica 1',
  ]);
  for (const { pid, args, cat } of slices) {
    if (cat !== 'component') assert.ok(processes.get(pid)!.startsWith(`${args.arm} · `));
  }
  // Times are those of the simulation in both, so that the same request can be compared.
  const request0 = slices.filter(({ name }) => name === 'request 0');
  assert.is(request0.length, 2);
  assert.is(request0[0].ts, request0[1].ts);
});

file('says what it is of', () => {
  const { otherData } = read(traces.get('overload')!);
  assert.is(otherData.product, 'rankfleet test');
  assert.is(otherData.scenario, 'kinds');
  const [{ arm, seed, replication, requests: numbers }] = otherData.arms as Record<string, unknown>[];
  assert.is(arm, traces.get('overload')!.arm);
  assert.equal([seed, replication], [key.seed, 0]);
  assert.is((numbers as number[]).length, requests);
});

file('is the same, byte for byte, each time; and has a line for every event', () => {
  const all = [...traces.values()];
  const { text, events } = perfettoTrace(all, about);
  assert.is(perfettoTrace(all, about).text, text);
  assert.is(text.split('\n').filter((line) => line.startsWith('{"ph"')).length, events);
});

file('a file of no arm is sound, too', () => assert.equal(read().slices, []));

file.run();

const fitting = suite('trace file: bounded size');

const [one, two] = ['shards, busy', 'one host, busy'].map((kind) => traces.get(kind)!);
const tasksOf = (all: readonly ArmTrace[]) =>
  all.flatMap(({ instances }) => instances).reduce((sum, { tasks }) => sum + tasks.length, 0);

fitting('all stay where there is room', () => {
  assert.equal(fitTraces([one, two], tasksOf([one, two])), [one, two]);
});

fitting(
  'the first requests of all arms go before the median of any, and the medians before the slowest',
  () => {
    for (const most of [1500, 400, 40]) {
      const fitted = fitTraces([one, two], most);
      assert.ok(tasksOf(fitted) <= most);
      for (const [arm, { requests: kept, leftOut }] of fitted.entries()) {
        const all = [one, two][arm].requests;
        assert.equal(kept, all.slice(0, kept.length), 'the least important went');
        assert.equal(
          [...kept.map(({ number }) => number), ...leftOut.requests].sort((a, b) => a - b),
          all.map(({ number }) => number).sort((a, b) => a - b),
        );
      }
      const counts = fitted.map(({ requests: kept }) => kept.length);
      assert.ok(counts[0] - counts[1] === 0 || counts[0] - counts[1] === 1, `${counts}`);
      assert.ok(counts[0] >= 1);
      read(...fitted);
    }
  },
);

fitting('one request that is too large by itself keeps its last batches, and its whole critical path', () => {
  const [{ requests: kept, instances, leftOut }] = fitTraces([one], 100);
  assert.is(kept.length, 1);
  assert.equal(kept[0], one.requests[0]);
  assert.ok(instances.length > 0 && leftOut.batches > 0);
  assert.is(instances.length + leftOut.batches, kept[0].batches);
  assert.is(Math.max(...instances.flatMap(({ tasks }) => tasks.map(({ endS }) => endS))), kept[0].endS);
});

fitting('the same holds while a trace is recorded', async () => {
  const plan = await planOf('shards, busy');
  const most = 300;
  const trace = traceArm(plan, key, { first: requests, mostTasks: most });
  assert.ok(tasksOf([trace]) <= most);
  assert.equal(trace.requests, one.requests.slice(0, trace.requests.length));
  assert.is(trace.requests.length + trace.leftOut.requests.length, requests);
  assert.equal(trace.instances, one.instances.slice(0, trace.instances.length));
});

fitting('counters hold so many values in all at most, the first pools before the last', async () => {
  const plan = await planOf('shards, busy');
  for (const mostValues of [1000, 100, 20]) {
    const { counters, leftOut } = traceArm(plan, key, { first: requests, mostValues });
    assert.ok(counters.reduce((sum, { timesS }) => sum + timesS.length, 0) <= mostValues);
    assert.is(counters.length + leftOut.counters, one.counters.length);
    assert.equal(
      counters.map(({ host, name }) => [host, name]),
      one.counters.slice(0, counters.length).map(({ host, name }) => [host, name]),
    );
  }
});

fitting('is told in words', () => {
  const limits = { tasks: 400, values: 12_000 };
  const lines = leftOutInWords(fitTraces([one, two], 400), limits);
  assert.is(lines.length, 2);
  assert.match(
    lines[0],
    /^arm '.+': left out \d+ requests \((\d+, ){5}…\); a trace holds 400 tasks and 12 000 values of counters at most: /,
  );
  const [large] = leftOutInWords(fitTraces([one], 100), limits);
  assert.match(large, /\), the first \d+ batches of a request that is too large by itself; /);
  const leftOut = { requests: [7], batches: 1, counters: 2 };
  const [all] = leftOutInWords([{ ...one, leftOut }], limits);
  assert.match(all, /left out 1 request \(7\), the first batch of .* itself, 2 counters of pools; /);
  assert.equal(leftOutInWords([one, two], limits), []);
  const written = perfettoTrace([one, two], about);
  assert.match(
    traceInWords('t.json', [one, two], written, 1_234_567),
    /^t\.json: 60 requests of 2 arms, [\d ]+ events, 1\.23 MB; open it in ui\.perfetto\.dev or chrome:\/\/tracing$/,
  );
});

fitting.run();

const refusing = suite('trace file: the check of it');

/** Breaks a sound file in one way. */
const faults: Record<string, [change: (events: Record<string, unknown>[]) => void, problem: RegExp]> = {
  'a slice that begins within another and ends after it': [
    (events) => {
      const slices = events.filter(({ ph, cat }) => ph === 'X' && cat === 'task') as unknown as Slice[];
      const [first] = slices;
      slices.push({ ...first, ts: first.ts + first.dur / 2 });
      events.push(slices.at(-1) as unknown as Record<string, unknown>);
    },
    /slices overlap/,
  ],
  'an arrow that never ends': [(events) => remove(events, ({ ph }) => ph === 'f'), /flow \d+ goes st*/],
  'an arrow from nowhere': [(events) => set(events, 's', { ts: 0 }), /a flow outside of slices/],
  'a thread without a name': [
    (events) => remove(events, ({ name }) => name === 'thread_name'),
    /a thread without a name/,
  ],
  'a process without a name': [
    (events) => remove(events, ({ name }) => name === 'process_name'),
    /a process without a name/,
  ],
  'a time that is no number': [(events) => set(events, 'X', { ts: null }), /expected number|Invalid input/],
  'a negative duration': [(events) => set(events, 'X', { dur: -1 }), /Too small|Invalid input/],
  'a wait that never ends': [(events) => remove(events, ({ ph }) => ph === 'e'), /never ended|begun twice/],
  'a counter that goes back in time': [
    (events) => {
      const [first, second] = events.filter(({ ph }) => ph === 'C');
      second.ts = first.ts;
    },
    /a counter goes back/,
  ],
  'a kind of event that is not written': [(events) => set(events, 'X', { ph: 'B' }), /Invalid input/],
};

for (const [fault, [change, problem]] of Object.entries(faults)) {
  refusing(`refuses ${fault}`, () => {
    const parsed = JSON.parse(perfettoTrace([one], about).text);
    change(parsed.traceEvents);
    assert.throws(() => readTraceFile(JSON.stringify(parsed)), problem);
  });
}

refusing.run();

function remove(
  events: Record<string, unknown>[],
  isMeant: (event: Record<string, unknown>) => boolean,
): void {
  events.splice(events.findIndex(isMeant), 1);
}

function set(events: Record<string, unknown>[], phase: string, values: Record<string, unknown>): void {
  Object.assign(events.find(({ ph }) => ph === phase)!, values);
}

function rowOf(thread: string): number | undefined {
  const [, number] = /^request (\d+)/.exec(thread) ?? [];
  return number === undefined ? undefined : Number(number);
}

function key4(...parts: (string | number)[]): string {
  return parts.join(' | ');
}
