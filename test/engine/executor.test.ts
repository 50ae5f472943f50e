import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { BalancingPolicy } from '../../sim/engine/task-graph.ts';
import { compute, graphOf, group, jobsAt, move, runGraph, sum, transfer, wait, work } from './graphs.ts';

const tasks = suite('executor: tasks');

tasks('that are chained keep their server; others queue', () => {
  // Job 1 waits from the start: an unchained second task lets it in between, a chained one does not.
  const latencies = (chained: boolean) =>
    runGraph(graphOf([group()], [compute([]), compute([0], { chained })]), jobsAt([0, 0]), { work: [1, 2] })
      .latencies;
  assert.equal(latencies(true), [3, 6]);
  // Both roots run first (t = 1, 2), then the second tasks in the order in which they became ready.
  assert.equal(latencies(false), [4, 6]);
});

tasks('that are chained leave the server to the next one when they are skipped', () => {
  const graph = graphOf(
    [group()],
    [compute([]), compute([0], { chained: true }), compute([1], { chained: true })],
  );
  const { latencies, trace } = runGraph(graph, jobsAt([0, 0]), { work: [1, -1, 2] });
  assert.equal(latencies, [3, 6]);
  assert.equal(trace[0].start[2], 1);
});

tasks('that are skipped cost nothing, keep nobody waiting and are counted', () => {
  const hosts = [group(), group()];
  const graph = graphOf(hosts, [
    compute([]),
    transfer([0], 0, 1),
    compute([1], { slot: 1, phases: [{ component: work }, { component: work }] }),
    transfer([2], 1, 0),
    compute([0, 3]),
  ]);
  const { executor, latencies } = runGraph(graph, jobsAt([0]), { work: [1, -1, 5, -1, 7, -1, 5, 2] });
  assert.equal(latencies, [3]);
  assert.equal([...executor.accounting.skippedCounts], [0, 1, 1, 1, 0]);
  // Whatever stands behind the first value of a skipped task is not work.
  assert.equal([...executor.accounting.workTotals], [1, 0, 0, 0, 0, 0, 0, 2]);
  assert.is(executor.hosts.busySeconds(1, executor.now), 0);
});

tasks('that are chained to a skipped one queue for a server of their own', () => {
  const graph = graphOf(
    [group(), group()],
    [compute([]), compute([0], { slot: 1 }), compute([1], { slot: 1, chained: true })],
  );
  const { latencies } = runGraph(graph, jobsAt([0, 0]), { work: [1, -1, 3] });
  assert.equal(latencies, [4, 7]);
});

tasks('that join wait for the slowest branch, which is the critical one', () => {
  const branches = [1, 4, 2].map((_, index) => compute([0], { slot: index + 1 }));
  const hosts = Array.from({ length: 4 }, () => group());
  const graph = graphOf(hosts, [compute([]), ...branches, compute([1, 2, 3])]);
  const { latencies, executor } = runGraph(graph, jobsAt([0]), { work: [0.5, 1, 4, 2, 0.25] });
  assert.equal(latencies, [4.75]);
  assert.equal([...executor.accounting.criticalCounts], [1, 0, 1, 0, 1]);
});

tasks('of higher priority go first, and within a priority the first come', () => {
  // Job 0 holds the server until 1; its follower (priority 0) is ready at 1, as jobs 1 and 2 wait (priority 1).
  const graph = graphOf([group()], [compute([], { priority: 1 }), compute([0], { priority: 0 })]);
  const { order, trace } = runGraph(graph, jobsAt([0, 0.1, 0.2]), { work: [1, 1] });
  assert.equal(order, [0, 1, 2]);
  assert.equal(
    trace.map(({ start }) => start),
    [
      [0, 1],
      [2, 3],
      [4, 5],
    ],
  );
});

tasks('of a job with several instances use every free server; the job ends with its last', () => {
  const pools = [{ name: 'cores', servers: 2 }];
  const { latencies, paths } = runGraph(graphOf([group({ pools })], [compute([])]), jobsAt([0, 0.5], 3), {
    work: [2],
  });
  // Three instances on two servers end at 2, 2 and 4; those of the second job at 4, 6 and 6.
  assert.equal(latencies, [4, 5.5]);
  assert.equal(paths[0], [2, 2, 0]);
});

tasks('break the rules of a graph only with an error', () => {
  const run = (...list: Parameters<typeof graphOf>[1]) =>
    runGraph(graphOf([group(), group()], list), jobsAt([0]), { work: [1, 1, 1, 1] });
  assert.throws(() => run(compute([0])), /task 0 must be the only root/);
  assert.throws(() => run(compute([]), compute([])), /only root/);
  assert.throws(() => run(compute([]), compute([2]), compute([0])), /precedes its predecessor/);
  assert.throws(() => run(compute([], { slot: 1 })), /task 0 must compute on slot 0/);
  assert.throws(() => run(compute([]), compute([0], { chained: true, slot: 1 })), /cannot take over/);
  const shared = { component: work, shared: true };
  assert.throws(() => run(compute([], { phases: [shared, shared] })), /two shared phases/);
});

tasks.run();

const bandwidth = suite('executor: shared bandwidth');

const sharing = (servers: number, unitsPerS: number, unitsPerServerPerS: number) =>
  graphOf(
    [group({ pools: [{ name: 'cores', servers, shared: { unitsPerS, unitsPerServerPerS } }] })],
    [compute([], { phases: [{ component: work, shared: true }] })],
  );

bandwidth('of n equal tasks: each at its cap, or an equal part of the whole', () => {
  for (const n of [1, 2, 3, 4, 10]) {
    const { latencies } = runGraph(sharing(10, 100, 40), jobsAt([0], n), { work: [80] });
    near(latencies[0], Math.max(80 / 40, (n * 80) / 100));
  }
});

bandwidth('is divided anew when a task joins or leaves', () => {
  // Two tasks of 80 units at 50 each; at 0.8 s a third: 33.3 each. The two end at 2.0 with their last 40, the
  // third then has 40 left and gets its cap of 50.
  const { latencies } = runGraph(sharing(4, 100, 50), jobsAt([0, 0, 0.8]), { work: [80] });
  near(latencies[0], 2);
  near(latencies[1], 2);
  near(latencies[2], 2);
  // A short task overtakes a long one: 10 units of the short take 0.2 s, the long one loses nothing by it.
  const short = runGraph(sharing(4, 100, 50), jobsAt([0, 0.5]), { work: (job) => [job === 0 ? 100 : 10] });
  near(short.latencies[1], 0.2);
  near(short.latencies[0], 2);
  assert.equal(short.order, [1, 0]);
});

bandwidth('is drawn on after the fixed part, and becomes seconds in the accounting', () => {
  const phases = [{ component: wait }, { component: work, shared: true }];
  const graph = sharing(2, 100, 100);
  graph.tasks[0] = compute([], { phases });
  const { latencies, executor, paths } = runGraph(graph, jobsAt([0], 2), { work: [1, 50] });
  near(latencies[0], 2);
  near(executor.accounting.workTotals[1], 2);
  near(sum(paths[0]), 2);
});

bandwidth('of tasks without units is no bandwidth', () => {
  const { latencies } = runGraph(sharing(2, 100, 100), jobsAt([0, 0, 0]), { work: [0] });
  assert.equal(latencies, [0, 0, 0]);
});

bandwidth.run();

const links = suite('executor: links');

const pipe = (outPerS: number, inPerS: number) =>
  graphOf(
    [
      group({ pools: [{ name: 'cores', servers: 8 }], links: [{ name: 'out', bytesPerS: outPerS }] }),
      group({
        links: [
          { name: 'out', bytesPerS: 1 },
          { name: 'in', bytesPerS: inPerS },
        ],
      }),
    ],
    [compute([]), transfer([0], 0, 1)],
  );

links('cut through: latency, then the bytes at the slower end', () => {
  for (const [out, into] of [
    [100, 100],
    [100, 50],
    [50, 100],
  ]) {
    const { latencies, paths } = runGraph(pipe(out, into), jobsAt([0]), { work: [0, 200, 1] });
    near(latencies[0], 1 + 200 / Math.min(out, into));
    near(paths[0][move], latencies[0]);
  }
});

links('pass one message after the other', () => {
  const { latencies } = runGraph(pipe(100, 100), jobsAt([0, 0]), { work: [0, 200, 1] });
  near(latencies[0], 3);
  near(latencies[1], 5);
});

links('of a receiver take an incast one by one', () => {
  const senders = [1, 2, 3].map((slot) => compute([0], { slot }));
  const messages = [1, 2, 3].map((slot) => transfer([slot], slot, 0));
  const graph = graphOf(
    Array.from({ length: 4 }, () => group()),
    [compute([]), ...senders, ...messages, compute([4, 5, 6])],
  );
  const { latencies, executor } = runGraph(graph, jobsAt([0]), {
    work: [0, 0, 0, 0, ...[200, 1, 200, 1, 200, 1], 0],
  });
  // All first bytes arrive at 1; the NIC takes 2 s for each message.
  near(latencies[0], 7);
  near(executor.hosts.linkBusyS[1], 6);
  near(executor.hosts.linkBytes[1], 600);
});

links.run();

const balancing = suite('executor: balancing');

/** Replicas chosen for slot 1 by policy, with the outstanding work of each replica just before. */
function choices(policy: BalancingPolicy, jobs: number, replicas = 4) {
  const hosts = [group({ pools: [{ name: 'cores', servers: 64 }] }), group({ replicas, policy })];
  const graph = graphOf(hosts, [compute([]), compute([0], { slot: 1 })]);
  const chosen: { replica: number; outstanding: number[] }[] = [];
  const run = runGraph(graph, jobsAt(Array.from({ length: jobs }, (_, i) => i * 0.3)), {
    // Work that varies, so that replicas differ in what they have outstanding.
    work: (job) => [0, 1 + 0.4 * ((job * 7) % 5)].map((seconds) => seconds * 0.7),
    prepare: ({ hosts: state }) => {
      const { outstanding } = state as unknown as { outstanding: Int32Array };
      const choose = state.choose.bind(state);
      state.choose = (index) => {
        const before = [...outstanding.subarray(1)];
        const replica = choose(index);
        if (index === 1) chosen.push({ replica, outstanding: before });
        return replica;
      };
    },
  });
  assert.is(run.order.length, jobs);
  return chosen;
}

balancing('round-robin takes its turns exactly', () => {
  const chosen = choices('round-robin', 20, 3);
  assert.equal(
    chosen.map(({ replica }) => replica),
    Array.from({ length: 20 }, (_, i) => i % 3),
  );
});

balancing('random is even', () => {
  const chosen = choices('random', 4000);
  for (let replica = 0; replica < 4; replica++) {
    const count = chosen.filter((choice) => choice.replica === replica).length;
    // 1,000 ± 27 in expectation; five deviations either way.
    assert.ok(Math.abs(count - 1000) < 140, `replica ${replica}: ${count}`);
  }
});

balancing('least-outstanding never picks a busier replica', () => {
  for (const { replica, outstanding } of choices('least-outstanding', 500)) {
    assert.is(outstanding[replica], Math.min(...outstanding));
  }
});

balancing('power-of-two never picks a replica that is busier than all others', () => {
  const chosen = choices('power-of-two', 500);
  for (const { replica, outstanding } of chosen) {
    const others = outstanding.filter((_, index) => index !== replica);
    assert.ok(outstanding[replica] <= Math.max(...others));
  }
  assert.is(new Set(chosen.map(({ replica }) => replica)).size, 4);
});

balancing.run();

function near(value: number, expected: number): void {
  assert.ok(Math.abs(value - expected) <= 1e-9 * Math.max(1, expected), `${value}, expected ${expected}`);
}
