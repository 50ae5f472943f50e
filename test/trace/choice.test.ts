import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LatencyList, windowsOf } from '../../sim/trace/choose-requests.ts';
import { PoolSamples } from '../../sim/trace/pool-samples.ts';
import { RankedInstances } from '../../sim/trace/ranked-instances.ts';

const choice = suite('traces: choice of requests');

/** Requests that came one a second and took so long each, told in the order in which they were done. */
function listOf(latencies: readonly number[], warmUp = 0): LatencyList {
  const list = new LatencyList(warmUp);
  const done = latencies.map((latency, index) => ({ index, latency }));
  done.sort((a, b) => a.index + a.latency - (b.index + b.latency));
  for (const { index, latency } of done) list.jobDone(index, index, latency);
  return list;
}

const numbers = (list: LatencyList, first: number) => list.choose(first).map(({ number }) => number);

choice('takes the slowest, the median and the first ones, in this order', () => {
  const list = listOf([3, 9, 1, 5, 7]);
  assert.equal(numbers(list, 2), [1, 3, 0]);
  assert.equal(list.choose(2), [
    { number: 1, why: ['slowest', 'first'], arrivalS: 1, latencyS: 9 },
    { number: 3, why: ['median'], arrivalS: 3, latencyS: 5 },
    { number: 0, why: ['first'], arrivalS: 0, latencyS: 3 },
  ]);
});

choice('knows nothing of the warm-up', () => {
  const list = listOf([100, 90, 4, 8, 6], 2);
  assert.equal(numbers(list, 1), [3, 4, 2]);
});

choice('takes the faster of two medians, the first of equal ones, and no more than there are', () => {
  assert.equal(numbers(listOf([4, 1, 3, 2]), 0), [0, 3]);
  assert.equal(numbers(listOf([2, 2, 2]), 0), [0]);
  assert.equal(numbers(listOf([2, 2, 2]), 100), [0, 1, 2]);
  assert.equal(numbers(listOf([5]), 3), [0]);
});

choice('is what sorting would choose, for any latencies', () => {
  const latency = fc.integer({ min: 1, max: 50 });
  fc.assert(
    fc.property(fc.array(latency, { minLength: 1, maxLength: 3000 }), fc.nat(5), (latencies, warmUp) => {
      const list = listOf([...Array.from({ length: warmUp }, () => 1000), ...latencies], warmUp);
      const chosen = list.choose(0);
      const sorted = [...latencies].sort((a, b) => a - b);
      const slowest = chosen.find(({ why }) => why.includes('slowest'))!;
      const median = chosen.find(({ why }) => why.includes('median'))!;
      assert.is(slowest.latencyS, sorted.at(-1));
      assert.is(median.latencyS, sorted[Math.ceil(sorted.length / 2) - 1]);
      for (const { number, latencyS } of chosen) assert.is(latencies.indexOf(latencyS), number - warmUp);
    }),
    { numRuns: 50, seed: 3 },
  );
});

choice('windows hold the time of every request and are apart', () => {
  const request = (arrivalS: number, latencyS: number) => ({ number: 0, why: [], arrivalS, latencyS });
  assert.equal(windowsOf([request(10, 2), request(1, 3), request(2, 1), request(4, 1)], 100), [
    { fromS: 1, toS: 5, points: 300 },
    { fromS: 10, toS: 12, points: 100 },
  ]);
  assert.equal(windowsOf([], 100), []);
});

choice.run();

const samples = suite('traces: counters');

samples('are kept within windows only, from what is known at their start', () => {
  const pools = new PoolSamples(2, [
    { fromS: 10, toS: 20, points: 100 },
    { fromS: 30, toS: 40, points: 100 },
  ]);
  pools.change(0, 1, 0, 5);
  pools.change(0, 1, 3, 12);
  pools.change(1, 0, 2, 25);
  pools.change(0, -1, 0, 26);
  pools.change(0, 0, -1, 35);
  pools.change(0, 5, 5, 50);
  assert.equal(pools.samples[0], {
    timesS: [10, 12, 30, 35],
    busy: [1, 2, 1, 1],
    queued: [0, 3, 3, 2],
  });
  assert.equal(pools.samples[1], { timesS: [10, 30], busy: [0, 0], queued: [0, 2] });
});

samples('keep the last of several values of a piece, and no value twice', () => {
  const pools = new PoolSamples(1, [{ fromS: 0, toS: 10, points: 5 }]);
  for (const timeS of [0.5, 1, 1.5]) pools.change(0, 1, 0, timeS);
  pools.change(0, 1, 0, 4.1);
  pools.change(0, -1, 0, 4.2);
  assert.equal(pools.samples[0], { timesS: [0, 1.5], busy: [0, 3], queued: [0, 0] });
});

samples('are no more than the points of the window and its start', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.double({ min: 0, max: 3, noNaN: true })),
      (points, gaps) => {
        const pools = new PoolSamples(1, [{ fromS: 5, toS: 25, points }]);
        let nowS = 0;
        for (const gap of gaps) {
          nowS += gap;
          pools.change(0, 1, 0, nowS);
        }
        const { timesS, busy } = pools.samples[0];
        // The end of the window is a piece of its own.
        assert.ok(timesS.length <= points + 2, `${timesS.length} of ${points}`);
        for (let at = 1; at < timesS.length; at++) assert.ok(timesS[at] > timesS[at - 1]);
        let atS = 0;
        const counts = gaps.map((gap) => (atS += gap));
        for (const [at, timeS] of timesS.entries()) {
          const before = counts.filter((each) => each <= timeS).length;
          assert.is(busy[at], before);
        }
      },
    ),
    { numRuns: 300, seed: 5 },
  );
});

samples.run();

const bounded = suite('traces: bounded size');

const instance = (tasks: number, name: string) => ({ name, tasks: Array.from({ length: tasks }) });

bounded('the last ranks go first, whole, whatever comes when', () => {
  const kept = new RankedInstances<ReturnType<typeof instance>>(10);
  kept.add(2, instance(4, 'c1'));
  kept.add(1, instance(4, 'b'));
  kept.add(2, instance(4, 'c2'));
  assert.ok(kept.isLeftOut(2) && !kept.isLeftOut(1));
  kept.add(2, instance(1, 'c3'));
  kept.add(0, instance(6, 'a'));
  assert.equal(
    [0, 1, 2].map((rank) => kept.ofRank(rank).map(({ name }) => name)),
    [['a'], ['b'], []],
  );
  kept.add(0, instance(1, 'a2'));
  assert.ok(kept.isLeftOut(1));
  assert.equal(
    [0, 1, 2].map((rank) => kept.lostBy(rank)),
    [0, 0, 0],
  );
});

bounded('a rank that is too large by itself keeps what came last', () => {
  const kept = new RankedInstances<ReturnType<typeof instance>>(10);
  for (const name of ['a', 'b', 'c', 'd']) kept.add(0, instance(4, name));
  assert.equal(
    kept.ofRank(0).map(({ name }) => name),
    ['c', 'd'],
  );
  assert.is(kept.lostBy(0), 2);
  assert.ok(!kept.isLeftOut(0));
  kept.add(0, instance(20, 'e'));
  assert.equal(
    kept.ofRank(0).map(({ name }) => name),
    ['e'],
  );
});

bounded('no more tasks are kept than allowed, and the most important rank is never left out', () => {
  const added = fc.array(fc.record({ rank: fc.nat(6), tasks: fc.integer({ min: 1, max: 9 }) }), {
    minLength: 1,
  });
  fc.assert(
    fc.property(added, fc.integer({ min: 9, max: 60 }), (all, most) => {
      const kept = new RankedInstances<ReturnType<typeof instance>>(most);
      for (const { rank, tasks } of all) kept.add(rank, instance(tasks, ''));
      const ranks = Array.from({ length: 7 }, (_, rank) => rank);
      const tasks = ranks
        .flatMap((rank) => kept.ofRank(rank))
        .reduce((sum, each) => sum + each.tasks.length, 0);
      assert.ok(tasks <= most);
      assert.ok(!kept.isLeftOut(Math.min(...all.map(({ rank }) => rank))));
      for (const rank of ranks) {
        const given = all.filter((each) => each.rank === rank).length;
        if (kept.isLeftOut(rank)) assert.is(kept.ofRank(rank).length, 0);
        else assert.is(kept.ofRank(rank).length + kept.lostBy(rank), given);
      }
    }),
    { numRuns: 500, seed: 9 },
  );
});

bounded.run();
