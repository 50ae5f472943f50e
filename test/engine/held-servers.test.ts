import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Executor } from '../../sim/engine/executor.ts';
import type { TaskGraph } from '../../sim/engine/task-graph.ts';
import { compute, graphOf, group, jobsAt, runGraph, sum, work } from './graphs.ts';

const held = suite('executor: servers held across tasks');

/** A semaphore of so many servers around two tasks on pools of their own. */
const guarded = (servers: number) =>
  graphOf(
    [
      group({
        pools: ['guard', 'first', 'second'].map((name) => ({
          name,
          servers: name === 'guard' ? servers : 1,
        })),
      }),
    ],
    [compute([], { holdsUntil: 2 }), compute([0], { pool: 1 }), compute([1], { pool: 2 })],
  );

held('bound how many instances are under way', () => {
  // One at a time: 1 + 2 s each. Two at a time: the second task of one overlaps the first of the next.
  assert.equal(runGraph(guarded(1), jobsAt([0, 0, 0]), { work: [0, 1, 2] }).latencies, [3, 6, 9]);
  assert.equal(runGraph(guarded(2), jobsAt([0, 0, 0]), { work: [0, 1, 2] }).latencies, [3, 5, 7]);
});

held('count as busy for as long as they are held, and all come back', () => {
  const { executor } = runGraph(guarded(1), jobsAt([0, 0]), { work: [0, 1, 2] });
  assert.is(executor.hosts.busySeconds(0, executor.now), 6);
  assert.equal([...executor.hosts.free], [1, 1, 1]);
});

held('must be held until a later task, by one task only, and not handed on', () => {
  const run = (tasks: TaskGraph['tasks']) => () =>
    runGraph(graphOf([group()], tasks), jobsAt([0]), { work: [1, 1, 1] });
  assert.throws(run([compute([], { holdsUntil: 0 }), compute([0])]), /cannot hold its server/);
  assert.throws(run([compute([], { holdsUntil: 1 }), compute([0], { chained: true })]), /cannot hold/);
  const both = [compute([], { holdsUntil: 2 }), compute([0], { holdsUntil: 2 }), compute([1])];
  assert.throws(run(both), /cannot hold/);
});

held.run();

const parts = suite('executor: parts of the entry host');

parts('are those of the instance’s own host, and the one with least to do', () => {
  const hosts = group({ replicas: 2, policy: 'round-robin', pools: [{ name: 'cores', servers: 8 }] });
  const units = group({ replicas: 6, perEntryHost: 3, policy: 'least-outstanding' });
  const graph = graphOf([hosts, units], [compute([]), compute([0], { slot: 1 })]);
  const { trace, latencies } = runGraph(graph, jobsAt(Array.from({ length: 6 }, () => 0)), { work: [0, 5] });
  for (const { replicas } of trace) assert.is(Math.floor(replicas[1] / 3), replicas[0]);
  // Three jobs a host on three parts each: nobody waits.
  assert.equal(latencies, [5, 5, 5, 5, 5, 5]);
  assert.is(new Set(trace.map(({ replicas }) => replicas[1])).size, 6);
});

parts.run();

const entries = suite('executor: several entries');

/** Small jobs take task 0 and, on the same server, task 3; large ones task 1 and then task 2 on another pool. */
function runRoutes(sizes: readonly number[]) {
  const pools = ['small', 'large', 'after'].map((name) => ({ name, servers: 1 }));
  const graph: TaskGraph = {
    ...graphOf(
      [group({ pools })],
      [compute([]), compute([], { pool: 1 }), compute([1], { pool: 2 }), compute([0], { chained: true })],
    ),
    entries: [0, 1],
  };
  const latencies: number[] = [];
  const paths: number[][] = [];
  let next = 0;
  const executor = new Executor(
    graph,
    {
      time: 0,
      size: 1,
      draw() {
        if (next === sizes.length) return false;
        this.size = sizes[next++];
        return true;
      },
    },
    {
      instances: () => 1,
      entry: (size) => (size < 10 ? 0 : 1),
      fill(_members, entry, target, at) {
        target.set(entry === 0 ? [1, -1, -1, 2] : [-1, 1, 4, -1], at);
      },
    },
    {
      jobDone(job, _arrival, latency, path) {
        latencies[job] = latency;
        paths[job] = [...path];
      },
    },
  );
  executor.run();
  return { executor, latencies, paths };
}

entries('are told apart by size; what follows from the other one is skipped', () => {
  const { latencies, executor, paths } = runRoutes([1, 50, 2, 60]);
  // Small jobs queue behind small ones, large ones behind large ones.
  assert.equal(latencies, [3, 5, 6, 9]);
  assert.equal([...executor.accounting.skippedCounts], [2, 2, 2, 2]);
  assert.equal([...executor.accounting.criticalCounts], [2, 2, 2, 2]);
  assert.equal(paths.map(sum), latencies);
  assert.is(paths[1][work], 5);
});

entries.run();
