import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Executor, type ExecutorOptions } from '../../sim/engine/executor.ts';
import type { JobSource } from '../../sim/engine/job.ts';
import type { TaskGraph } from '../../sim/engine/task-graph.ts';
import { compute, group, jobsAt, sum, transfer } from './graphs.ts';

const components = { wait: 0, work: 1, move: 2, delay: 3 };

/** Inner instances compute `inner` s each on slot 0; around them 2 s in front, 100 bytes at 100 B/s, 5 s, and back. */
function around(front: Partial<TaskGraph['groups'][number]> = {}, servers = 1): TaskGraph {
  const delay = (after: number[]) => ({
    kind: 'delay' as const,
    name: 'delay',
    after,
    component: components.delay,
  });
  return {
    components: Object.keys(components),
    groups: [group({ pools: [{ name: 'cores', servers }] }), group({ name: 'front', ...front })],
    slots: [
      { group: 0, releasedBy: 0 },
      { group: 1, releasedBy: 6 },
    ],
    tasks: [
      compute([]),
      compute([], { slot: 1 }),
      transfer([1], 1, 0),
      delay([2]),
      delay([3]),
      transfer([4], 0, 1),
      compute([5], { slot: 1 }),
    ],
    entries: [0, 1],
    envelope: { entry: 1, gate: 4 },
  };
}

interface Finished {
  latency: number;
  path: number[];
}

function run(graph: TaskGraph, source: JobSource, inner: number[], options: ExecutorOptions = {}) {
  const jobs: Finished[] = [];
  const executor = new Executor(
    graph,
    source,
    {
      instances: (size) => size,
      fill({ part }, entry, work, offset) {
        const skipped = [-1, -1, 0, -1, -1, -1, 0, -1];
        const shell = [-1, 2, 100, 1, 5, 0, 50, 1, 3];
        work.set(entry === 1 ? shell : [inner[part[0]], ...skipped], offset);
      },
    },
    {
      jobDone: (job, _, latency, path) => {
        jobs[job] = { latency, path: [...path] };
      },
    },
    { seed: 1, ...options },
  );
  executor.run();
  return { jobs, executor };
}

/** 2 s in front; a second on the wire and one of latency; 5 s; half a second and one; 3 s in front. */
const aroundS = 2 + 1 + 1 + 5 + 0.5 + 1 + 3;

const envelopes = suite('executor: envelopes');

envelopes('surround the instances of a job, and wait for the slowest', () => {
  const { jobs, executor } = run(around({}, 3), jobsAt([0], 3), [4, 7, 1]);
  assert.is(jobs[0].latency, aroundS + 7);
  assert.equal(jobs[0].path, [0, 2 + 3 + 7, 2 + 1.5, 5]);
  assert.is(executor.population.completed, 1);
  assert.equal([...executor.hosts.free], [3, 1]);
});

envelopes('leave their instances to queue for servers, and the path says so', () => {
  const { jobs } = run(around({}, 1), jobsAt([0], 3), [4, 7, 1]);
  assert.is(jobs[0].latency, aroundS + 12);
  assert.equal(jobs[0].path, [11, 2 + 3 + 1, 3.5, 5]);
});

envelopes('queue in front of the hosts, before and after', () => {
  const { jobs } = run(around({}, 8), jobsAt([0, 0], 1), [10]);
  // The second waits 2 s for the front server; its answer comes 2 s after that of the first, who takes 3.
  assert.is(jobs[0].latency, aroundS + 10);
  assert.is(jobs[1].latency, aroundS + 10 + 2 + 1);
  for (const { latency, path } of jobs) assert.is(sum(path), latency);
});

envelopes('come back to the hosts they left from', () => {
  const graph = around({ replicas: 3, policy: 'round-robin' }, 8);
  const { jobs } = run(graph, jobsAt([0, 0, 0], 1), [10]);
  // Each has a front server of its own; the wire into the one host is shared.
  assert.is(Math.max(...jobs.map(({ latency }) => latency)), aroundS + 10 + 2);
});

envelopes('surround batches of several jobs', () => {
  const { jobs, executor } = run(around({ replicas: 2, policy: 'round-robin' }), jobsAt([0, 0], 1), [4], {
    batching: { entry: 0, maxItems: 2, maxWaitS: 100, component: components.wait },
  });
  // The first waits a second at the gate for the one whose message took the wire after its own.
  assert.is(jobs[0].latency, aroundS + 4 + 1);
  for (const { latency, path } of jobs) assert.is(sum(path), latency);
  assert.is(executor.population.completed, 2);
});

envelopes('keep closed clients asking', () => {
  let drawn = 0;
  const source: JobSource = {
    clients: 1,
    time: 0,
    size: 1,
    draw(now) {
      this.time = now;
      return drawn++ < 3;
    },
  };
  const { jobs } = run(around(), source, [4]);
  assert.equal(
    jobs.map(({ latency }) => latency),
    [17.5, 17.5, 17.5],
  );
});

envelopes('need an entry of their own in front, and a delay as their gate', () => {
  const graph = around();
  assert.throws(() => run({ ...graph, envelope: { entry: 0, gate: 4 } }, jobsAt([0]), [1]), /another slot/);
  assert.throws(
    () => run({ ...graph, envelope: { entry: 1, gate: 2 } }, jobsAt([0]), [1]),
    /must be a delay/,
  );
});

envelopes.run();
