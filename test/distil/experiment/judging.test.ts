import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { blockDaysOf, calibrationHarm, Differences, gain } from '../../../distil/experiment/difference.ts';
import { judgeClaim, judgePart } from '../../../distil/experiment/judge-claim.ts';
import type { DaySums } from '../../../distil/metrics/day-sums.ts';
import type { ExperimentDifference, Side } from '../../../sim/training/experiment-result.ts';

const differences = suite('experiment: differences');

const judging = { fromDay: 2, days: 12, level: 0.95, bootstrap: { resamples: 400, blockDays: 3 } };

/** Ten examples a day, three of them positive, with a loss of each day. */
function sums(lossOf: (day: number) => number, predicted = 3): DaySums {
  const days = Array.from({ length: 12 }, (_, day) => day);
  return {
    count: Float64Array.from(days, () => 10),
    positives: Float64Array.from(days, () => 3),
    predicted: Float64Array.from(days, () => predicted),
    logLoss: Float64Array.from(days, lossOf),
  };
}

differences('a gain is the relative reduction of the loss, of days that count alone', () => {
  const base = [sums((day) => (day < 2 ? 99 : 6)), sums(() => 6), sums(() => 6)];
  const arm = [sums(() => 5.4), sums(() => 5.4), sums(() => 5.4)];
  const { mean, perSeed, overSeeds, overDays, side } = new Differences(judging).of(gain, arm, base);
  near(mean, 0.1);
  for (const value of perSeed) near(value, 0.1);
  near(overSeeds!.low, 0.1);
  near(overDays!.high, 0.1);
  assert.is(side, 'above');
});

differences('seeds are paired: what moves both sides alike is no doubt about the difference', () => {
  const bases = [5, 6, 7, 8].map((loss) => sums(() => loss));
  const arms = [5, 6, 7, 8].map((loss) => sums(() => 0.98 * loss));
  const paired = new Differences(judging).of(gain, arms, bases);
  assert.is(paired.side, 'above');
  near(paired.overSeeds!.low, 0.02);
  const crossed = new Differences(judging).of(gain, [...arms].reverse(), bases);
  assert.is(crossed.side, 'open');
});

differences('days are paired, too, and a difference of a few days is not sure', () => {
  const bases = [0, 1].map(() => sums((day) => 5 + (day % 4)));
  const steady = [0, 1].map(() => sums((day) => 0.99 * (5 + (day % 4))));
  const { overDays } = new Differences(judging).of(gain, steady, bases);
  near(overDays!.low, 0.01);
  near(overDays!.high, 0.01);
  const once = [0, 1].map(() => sums((day) => 5 + (day % 4) - (day === 7 ? 1 : 0)));
  const few = new Differences(judging).of(gain, once, bases);
  assert.ok(few.overSeeds!.low > 0 && few.overDays!.low <= 0);
  assert.is(few.side, 'open');
});

differences('blocks leave room for two of them in the days that count', () => {
  assert.is(blockDaysOf(judging), 3);
  assert.is(blockDaysOf({ ...judging, bootstrap: { resamples: 9, blockDays: 7 } }), 5);
  assert.is(blockDaysOf({ ...judging, fromDay: 11 }), 1);
});

differences('harm to calibration is the same too high and too low', () => {
  const base = [sums(() => 6), sums(() => 6)];
  const tooHigh = new Differences(judging).of(calibrationHarm, [sums(() => 6, 6), sums(() => 6, 6)], base);
  const tooLow = new Differences(judging).of(calibrationHarm, [sums(() => 6, 1.5), sums(() => 6, 1.5)], base);
  near(tooHigh.mean, Math.log(2));
  near(tooLow.mean, Math.log(2));
});

differences('one seed shows nothing', () => {
  const single = new Differences(judging).of(gain, [sums(() => 5)], [sums(() => 6)]);
  assert.is(single.overSeeds, undefined);
  assert.is(single.side, 'open');
});

differences.run();

const claims = suite('experiment: verdicts');

/** An invented difference. */
function cell(low: number, high: number): { where: string; difference: ExperimentDifference } {
  const side: Side = low > 0 ? 'above' : high < 0 ? 'below' : 'open';
  const overSeeds = { low, high };
  return { where: `${low}`, difference: { mean: (low + high) / 2, perSeed: [], overSeeds, side } };
}

const above = cell(0.1, 0.2);
const open = cell(-0.1, 0.2);
const below = cell(-0.2, -0.1);

claims('hold in all cells, fail by one on the other side, and are not shown between', () => {
  const verdict = (claimed: 'above' | 'below', ...cells: (typeof above)[]) =>
    judgePart('it', claimed, cells).verdict;
  assert.is(verdict('above', above, above), 'holds');
  assert.is(verdict('above', above, open), 'not shown');
  assert.is(verdict('above', above, below), 'does not hold');
  assert.is(verdict('above', open, below), 'does not hold');
  assert.is(verdict('below', below), 'holds');
  assert.is(verdict('below', below, above), 'does not hold');
  assert.is(verdict('above'), 'not run');
});

claims('of several parts follow from theirs', () => {
  const part = (...cells: (typeof above)[]) => judgePart('it', 'above', cells);
  const verdict = (combine: 'all parts' | 'any part', ...parts: ReturnType<typeof part>[]) =>
    judgeClaim('x', 'it', combine, parts).verdict;
  assert.is(verdict('all parts', part(above), part(above)), 'holds');
  assert.is(verdict('all parts', part(above), part(open)), 'not shown');
  assert.is(verdict('all parts', part(above), part(below)), 'does not hold');
  assert.is(verdict('all parts', part(above), part()), 'not run');
  assert.is(verdict('any part', part(open), part(above)), 'holds');
  assert.is(verdict('any part', part(below), part(below)), 'does not hold');
  assert.is(verdict('any part', part(below), part(open)), 'not shown');
  assert.is(verdict('any part', part(), part()), 'not run');
});

claims('turn over with the cells', () => {
  const value = fc.double({ min: -1, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 6 }), (pairs) => {
      const cells = pairs.map(([a, b]) => cell(Math.min(a, b), Math.max(a, b)));
      const mirrored = pairs.map(([a, b]) => cell(-Math.max(a, b), -Math.min(a, b)));
      assert.is(judgePart('it', 'above', cells).verdict, judgePart('it', 'below', mirrored).verdict);
    }),
  );
});

claims.run();

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual}, not ${expected}`);
}
