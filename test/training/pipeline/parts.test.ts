import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FluidLine } from '../../../sim/training/pipeline/fluid-line.ts';
import {
  arrivedBy,
  type DelayLaw,
  delayQuantile,
  lateLabelShare,
} from '../../../sim/training/pipeline/label-delay.ts';
import { requiredCapacityPerS } from '../../../sim/training/pipeline/required-capacity.ts';
import { snapshotsUntil } from '../../../sim/training/pipeline/snapshots.ts';
import { trafficOf } from '../../../sim/training/pipeline/traffic.ts';
import { trainingProgress } from '../../../sim/training/pipeline/training-progress.ts';
import { Ranked } from '../../../sim/training/pipeline/weighted.ts';
import { pipelineOf, twoDays, verticalDefaults } from './pipelines.ts';

const key = { seed: 3, replication: 0 };
const hour = 3600;
const day = 86_400;

const parts = suite('training pipeline: parts');

parts('label delay: half by the median, exponential at shape 1, quantiles invert shares', () => {
  const law: DelayLaw = { kind: 'weibull', medianS: 600, shape: 0.6 };
  near(arrivedBy(law, 600), 0.5);
  near(arrivedBy({ ...law, shape: 1 }, 1800), 1 - 2 ** -3);
  for (const share of [0, 0.01, 0.5, 0.999]) near(arrivedBy(law, delayQuantile(law, share)), share);
  near(lateLabelShare({ ...law, shape: 1 }, 1200), 0.25);
  const constant: DelayLaw = { kind: 'constant', delayS: 60 };
  assert.equal(
    [59, 60].map((timeS) => arrivedBy(constant, timeS)),
    [0, 1],
  );
});

parts('traffic: what a day brings, its peak and its time, the overlap', () => {
  const verticals = [verticalDefaults, { ...verticalDefaults, name: 'reels', examplesPerDay: 2e8 }];
  const { unique, ofVertical, firstStep, steps } = trafficOf(
    pipelineOf({ verticals, overlap: 1.2 }),
    twoDays,
    key,
  );
  assert.equal([firstStep, steps], [288, 864]);
  const [feed, reels] = ofVertical.map((amounts) => amounts.subarray(0, 288));
  near(sum(feed), 8.64e8);
  near(sum(reels), 2e8);
  near(sum(unique.subarray(0, 288)), 10.64e8 / 1.2);
  near(Math.max(...feed) / (sum(feed) / 288), 1.5, 1e-3);
  assert.ok(Math.abs(feed.indexOf(Math.max(...feed)) * 300 - 20 * hour) <= 300);
});

parts('weather: mean 1 with the variation and memory asked for, the same for all verticals', () => {
  const weather = { coefficientOfVariation: 0.3, correlationS: hour };
  const flat = { ...verticalDefaults, peakToMean: 1 };
  const spec = pipelineOf({ weather, verticals: [flat, { ...flat, name: 'other', examplesPerDay: 1e8 }] });
  const long = { warmUpS: 0, measuredS: 400 * day, stepS: 300 };
  const { ofVertical } = trafficOf(spec, long, key);
  const [factor, other] = ofVertical.map((amounts, index) =>
    amounts.map((amount) => amount / ((index === 0 ? 8.64e8 : 1e8) / 288)),
  );
  const mean = sum(factor) / factor.length;
  const covariance = (lag: number) =>
    factor.subarray(lag).reduce((total, value, index) => total + (value - mean) * (factor[index] - mean), 0) /
    factor.length;
  near(mean, 1, 0.02);
  near(Math.sqrt(covariance(0)), 0.3, 0.05);
  // Of a log-normal process: (exp(σ²ρ) − 1) / (exp(σ²) − 1), with σ² = ln(1 + cv²).
  const expected = Math.expm1(Math.log1p(0.09) * Math.exp(-1)) / 0.09;
  near(covariance(12) / covariance(0), expected, 0.1);
  factor.forEach((value, index) => {
    if (index < 100) near(other[index], value);
  });
});

parts('a line serves oldest first, drops what it is told to and keeps account', () => {
  const amounts = fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(
      amounts,
      fc.double({ min: 0, max: 12, noNaN: true }),
      fc.nat(5),
      (list, capacity, patience) => {
        const line = new FluidLine(Float64Array.from(list));
        const [served, dropped] = [list.map(() => 0), list.map(() => 0)];
        let [last, joined] = [0, 0];
        list.forEach((amount, cohort) => {
          line.join();
          joined += amount;
          line.dropBefore(cohort - patience, (which, what) => {
            dropped[which] += what;
          });
          let inThisStep = 0;
          line.serve(capacity, (which, what) => {
            assert.ok(which >= last && which >= cohort - patience && what > 0);
            last = which;
            served[which] += what;
            inThisStep += what;
          });
          assert.ok(inThisStep <= capacity * (1 + 1e-12));
          assert.ok(line.backlog < 1e-9 || inThisStep >= capacity - 1e-9, 'idle while something waits');
          near(total(served) + total(dropped) + line.backlog, joined);
        });
        list.forEach((amount, cohort) => {
          near(served[cohort] + dropped[cohort] + line.leftOf(cohort), amount);
        });
      },
    ),
  );
});

parts(
  'required capacity: the peak without time to wait, a spike spread over it, never below any need',
  () => {
    const spike = Float64Array.of(0, 0, 1200, 0, 0, 0, 0);
    near(requiredCapacityPerS(spike, 0, 60)!, 20);
    near(requiredCapacityPerS(spike, 1, 60)!, 10);
    near(requiredCapacityPerS(spike, 3, 60)!, 5);
    assert.is(requiredCapacityPerS(spike, -1, 60), undefined);
    assert.is(requiredCapacityPerS(new Float64Array(5), 2, 60), 0);
    const amounts = fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(amounts, fc.nat(6), (list, wait) => {
        // What arrives in steps s to t must be served in steps s to t + w.
        let need = 0;
        for (let s = 0; s < list.length; s++)
          for (let t = s; t < list.length; t++)
            need = Math.max(need, total(list.slice(s, t + 1)) / (t - s + 1 + wait));
        near(requiredCapacityPerS(Float64Array.from(list), wait, 1)!, need);
      }),
    );
  },
);

parts('training keeps its window behind, and falls behind as fast as it lacks throughput', () => {
  const flat = pipelineOf({ verticals: [{ ...verticalDefaults, peakToMean: 1 }] });
  const traffic = trafficOf(flat, twoDays, key);
  const enough = trainingProgress(traffic, { sampledShare: 1, examplesPerS: 1e4, windowS: hour });
  for (const timeS of [-50, 0, 150, 10 * hour, 3 * day]) near(enough.trainedThrough(timeS), timeS - hour);
  const half = trainingProgress(traffic, { sampledShare: 1, examplesPerS: 5e3, windowS: hour });
  near(half.use, 2);
  // The stream of times from 0 on can be trained on from one hour on, at half its speed.
  near(half.trainedThrough(2 * day), (2 * day - hour) / 2);
  near(half.backlog[steps(2 * day)], 1e4 * (2 * day - hour) * 0.5);
  // Half the examples need half the throughput.
  const sampled = trainingProgress(traffic, { sampledShare: 0.5, examplesPerS: 5e3, windowS: hour });
  near(sampled.trainedThrough(2 * day), 2 * day - hour);

  function steps(timeS: number): number {
    return timeS / traffic.stepS - 1;
  }
});

parts('snapshots come at the interval, or as fast as the publisher can', () => {
  const traffic = trafficOf(pipelineOf(), twoDays, key);
  const progress = trainingProgress(traffic, pipelineOf().training);
  const of = (intervalS: number, publishS: number) =>
    snapshotsUntil(3 * day, { intervalS, publishS, publishVariation: 0, loadS: 100 }, progress, key);
  const spacings = (list: { takenS: number }[]) =>
    list.slice(1).map(({ takenS }, index) => takenS - list[index].takenS);
  for (const spacing of spacings(of(hour, 600))) near(spacing, hour);
  assert.not(of(hour, 600).some(({ delayed }) => delayed));
  for (const spacing of spacings(of(600, hour))) near(spacing, hour);
  // An hour holds six intervals: the publisher is free just when the next one is due.
  for (const spacing of spacings(of(600, 3500))) assert.ok(spacing > 3499 && spacing < 3701);
  assert.ok(of(600, 3500).some(({ delayed }) => delayed));
  const [first] = of(hour, 600);
  assert.ok(first.readyS <= 0 && first.readyS > -hour);
  near(first.readyS - first.takenS, 700);
});

parts('weighted quantiles are those of the repeated values', () => {
  const entry = fc.record({ value: fc.integer({ min: -50, max: 50 }), times: fc.nat(4) });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 40 }), (entries) => {
      const repeated = entries
        .flatMap(({ value, times }) => Array.from({ length: times }, () => value))
        .sort((a, b) => a - b);
      const found = new Ranked(entries.map(({ value }) => value)).distribution(
        Float64Array.from(entries, ({ times }) => times),
        1000,
      );
      if (repeated.length === 0) return assert.is(found, undefined);
      const at = (p: number) => repeated[Math.ceil(p * repeated.length - 1e-9) - 1] + 1000;
      assert.equal([found!.p05, found!.p50, found!.p90, found!.p99], [at(0.05), at(0.5), at(0.9), at(0.99)]);
      near(found!.mean, total(repeated) / repeated.length + 1000);
    }),
  );
});

parts.run();

function sum(amounts: Float64Array): number {
  return amounts.reduce((a, b) => a + b, 0);
}

function total(amounts: readonly number[]): number {
  return amounts.reduce((a, b) => a + b, 0);
}

function near(value: number, expected: number, relative = 1e-8): void {
  assert.ok(
    Math.abs(value - expected) <= relative * Math.max(1, Math.abs(expected)),
    `${value} is not ${expected}`,
  );
}
