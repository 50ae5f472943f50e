import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../foundation/random.ts';
import { asReplicaSet, measureCapacity } from '../../sim/fleet/capacity.ts';
import { crossing, crossingInterval, type LoadCurve } from '../../sim/fleet/capacity-search.ts';
import { planArm } from '../../sim/serving/plan.ts';
import { isotonic } from '../../sim/statistics/isotonic.ts';
import { near, tiny } from '../serving/scenarios.ts';
import { plannerOf } from './planners.ts';

const levelling = suite('isotonic regression');

levelling('keeps the mean, never falls, and is the closest such sequence', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 7 }), (values) => {
      const fitted = isotonic(values);
      assert.ok(fitted.every((value, index) => index === 0 || value >= fitted[index - 1] - 1e-12));
      const sum = (of: readonly number[]) => of.reduce((total, value) => total + value, 0);
      near(sum(fitted) + 1, sum(values) + 1);
      // No other non-decreasing sequence on a grid is closer.
      const distance = (of: readonly number[]) => sum(of.map((value, i) => (value - values[i]) ** 2));
      const best = distance(fitted);
      const sorted = [...values].sort((a, b) => a - b);
      assert.ok(distance(sorted) >= best - 1e-9);
      assert.ok(distance(values.map(() => sum(values) / values.length)) >= best - 1e-9);
    }),
  );
});

levelling.run();

const crossings = suite('where latency meets the limit');

/** Latency 1/(1 − rate/top) at some rates, the same in every replication but for a factor. */
function curveOf(rates: readonly number[], factors: readonly number[], highest = 0.95): LoadCurve {
  return {
    points: rates.map((rate) => ({ ratePerS: rate, latencyS: factors.map((factor) => factor / (1 - rate)) })),
    highestPerS: factors.map(() => highest),
  };
}

const dense = Array.from({ length: 93 }, (_, i) => 0.02 + i * 0.01);

crossings('is found between the rates that were simulated', () => {
  const found = crossing(curveOf(dense, [1]), 5);
  assert.is(found.limitedBy, 'latency');
  near(found.ratePerS, 0.8, 1e-3);
  assert.ok(found.lowPerS <= found.ratePerS && found.ratePerS <= found.highPerS);
});

crossings('names what ends the rate', () => {
  assert.equal(crossing(curveOf(dense, [1]), 0.9), {
    ratePerS: 0,
    limitedBy: 'unloaded-latency',
    lowPerS: 0,
    highPerS: 0.02,
  });
  const free = crossing(curveOf([0.02, 0.5, 0.9], [1], 0.9), 100);
  assert.is(free.limitedBy, 'utilisation');
  near(free.ratePerS, 0.9);
});

crossings('never passes what use allows, however high the limit', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1.05, max: 1000, noNaN: true }),
      fc.double({ min: 0.3, max: 0.95, noNaN: true }),
      (limit, highest) => {
        const { ratePerS } = crossing(curveOf([0.02 * highest, 0.4 * highest, highest], [1], highest), limit);
        assert.ok(ratePerS >= 0 && ratePerS <= highest * (1 + 1e-12));
      },
    ),
  );
});

crossings('rises with the limit', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1.1, max: 15, noNaN: true }),
      fc.double({ min: 1, max: 2, noNaN: true }),
      (limit, factor) => {
        const curve = curveOf(dense, [0.9, 1, 1.1]);
        assert.ok(crossing(curve, limit * factor).ratePerS >= crossing(curve, limit).ratePerS - 1e-12);
      },
    ),
  );
});

crossings(
  'has an interval that is zero wide for equal replications and holds the truth for noisy ones',
  () => {
    const { low, high } = crossingInterval(curveOf(dense, [1, 1, 1]), 5, 0.95);
    near(low!, high!, 1e-9);
    const random = new RandomStream(1, 2, 3, 4);
    let held = 0;
    for (let trial = 0; trial < 200; trial++) {
      const factors = Array.from({ length: 8 }, () => 1 + 0.2 * (random.uniform() - 0.5));
      const interval = crossingInterval(curveOf(dense, factors), 5, 0.95);
      if (interval.low! <= 0.8 && 0.8 <= interval.high!) held++;
    }
    assert.ok(held >= 180, `${held} of 200`);
  },
);

crossings.run();

const measured = suite('capacity of a replica set');

const single = (requests: number) =>
  tiny(`
replications: 8
confidence: 99.8 %
load: {arrivals: {kind: serial}, candidates: {kind: fixed, value: 64}, requests: ${requests}}
fleet: {main: {workers: 1}}
sharding: {strategy: singular}`);

/** p90 of the time in an M/D/1 queue with service time 1, by Lindley's recursion with variates of its own. */
function p90OfMD1(rho: number): number {
  const random = new RandomStream(7, 7, 7, 7);
  const times: number[] = [];
  let wait = 0;
  for (let i = 0; i < 400_000; i++) {
    wait = Math.max(0, wait + 1 - random.exponential() / rho);
    times.push(wait + 1);
  }
  return times.sort((a, b) => a - b)[Math.floor(0.9 * times.length)];
}

measured('of one worker and equal requests is that of M/D/1', async () => {
  const planner = await plannerOf(single(4000), { percentile: 'p90', limitS: 1 });
  const plan = await planArm(asReplicaSet(planner.scenario.arms[0]));
  const { unloadedS } = await measureCapacity(planner, plan);
  const rho = 0.7;
  const limitS = p90OfMD1(rho) * unloadedS;
  const capacity = await measureCapacity({ ...planner, sla: { percentile: 'p90', limitS } }, plan);
  assert.is(capacity.limitedBy, 'latency');
  const { low, high } = capacity.ratePerS;
  const truth = rho / unloadedS;
  assert.ok(low! <= truth && truth <= high!, `${truth} in ${low}–${high}`);
  assert.ok(high! - low! < 0.3 * truth, 'the interval says something');
});

measured('with a loose limit is the rate that use allows, and every resource is within it', async () => {
  const planner = await plannerOf(single(300), { limitS: 100, spec: { max_utilisation: 0.8 } });
  const plan = await planArm(asReplicaSet(planner.scenario.arms[0]));
  const { limitedBy, utilisation, ratePerS } = await measureCapacity(planner, plan);
  assert.is(limitedBy, 'utilisation');
  near(utilisation[0].offered, 0.8, 1e-6);
  assert.ok(ratePerS.low! <= ratePerS.mean && ratePerS.mean <= ratePerS.high!);
});

measured('is nothing where lone requests are too slow', async () => {
  const planner = await plannerOf(single(300), { limitS: 1e-6 });
  const plan = await planArm(asReplicaSet(planner.scenario.arms[0]));
  const { limitedBy, ratePerS } = await measureCapacity(planner, plan);
  assert.is(limitedBy, 'unloaded-latency');
  assert.is(ratePerS.mean, 0);
});

measured('is the same with a guess beforehand, within its interval, and the same again', async () => {
  const planner = await plannerOf(single(1500), { percentile: 'p90', limitS: 0.002 });
  const plan = await planArm(asReplicaSet(planner.scenario.arms[0]));
  const once = await measureCapacity(planner, plan);
  assert.equal(await measureCapacity(planner, plan), once);
  if (once.limitedBy !== 'latency') return;
  const guessed = await measureCapacity(planner, plan, once.ratePerS.mean);
  assert.ok(guessed.ratePerS.mean > once.ratePerS.low! && guessed.ratePerS.mean < once.ratePerS.high!);
});

measured.run();
