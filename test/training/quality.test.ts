import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { biasLoss, servedBias } from '../../sim/training/quality/bias-loss.ts';
import { qualityConstants } from '../../sim/training/quality/constants.ts';
import { ConstantDraws } from '../../sim/training/quality/estimate.ts';
import { rangeQuantile } from '../../sim/training/quality/evidenced-range.ts';
import { teacherStaleness } from '../../sim/training/quality/freshness-loss.ts';
import { extrapolatedShare, quadruplings } from '../../sim/training/quality/scaling-law.ts';
import { significanceOf } from '../../sim/training/quality/significance.ts';
import { type DistillationHead, transferRatio } from '../../sim/training/quality/transfer-ratio.ts';
import { qualityParts, verticalQuality } from '../../sim/training/quality/vertical-quality.ts';
import { dayS, distilled, draws } from './distilled.ts';

const values = draws.nominal;
const heads: DistillationHead[] = ['one-head', 'auxiliary-head', 'auxiliary-head-and-adapter'];
/** Two gains that differ by less differ by the order of their sums. */
const rounding = 1e-12;
const anyHead = fc.constantFrom(...heads);

function near(actual: number, expected: number, relative = 1e-9): void {
  assert.ok(
    Math.abs(actual - expected) <= relative * Math.abs(expected),
    `${actual} is not near ${expected}`,
  );
}

const constants = suite('training quality: constants');

constants('lie in their ranges and name their sources', () => {
  for (const [name, { value, low, high, source }] of Object.entries(qualityConstants)) {
    assert.ok(low <= value && value <= high && low < high, name);
    assert.ok(source.length > 20, name);
  }
});

constants('have their value as median and their range as extremes', () => {
  for (const range of Object.values(qualityConstants)) {
    assert.equal(
      [0, 0.5, 1].map((probability) => rangeQuantile(range, probability)),
      [range.low, range.value, range.high],
    );
  }
});

constants('draw alike whatever other constants there are', () => {
  const one = { value: 1, low: 0, high: 3, evidence: 'assumed' as const, source: 'a test' };
  const alone = new ConstantDraws({ one }, { count: 50 });
  const beside = new ConstantDraws({ other: one, one }, { count: 50 });
  assert.equal(
    alone.estimate((set) => set.one),
    beside.estimate((set) => set.one),
  );
  assert.is(beside.estimate((set) => set.one - set.one).high, 0);
  assert.not.equal(
    beside.estimate((set) => set.other),
    beside.estimate((set) => set.one),
  );
});

constants('give the same estimate from shared outcomes as alone', () => {
  const both = draws.outcomes((set) => qualityParts(set, distilled()));
  assert.equal(
    both.estimate(({ gain }) => gain),
    draws.estimate((set) => qualityParts(set, distilled()).gain),
  );
});

constants.run();

const parts = suite('training quality: parts');

parts('a teacher 3200 times as large is better by 0.57 % and keeps 0.17 to 0.34 %', () => {
  const { teacher, transferRatio: ratio, gain } = qualityParts(values, distilled());
  near(teacher, 0.0057, 0.01);
  assert.ok(ratio > 0.3 && ratio < 0.6, `${ratio}`);
  assert.ok(gain > 0.0017 && gain < 0.0034, `${gain}`);
});

parts('the transfer ratio falls with the teacher while the gain grows, for every set of constants', () => {
  const sizes = Array.from({ length: 12 }, (_, step) => 20e6 * 4 ** step);
  for (const set of ['low', 'value', 'high'] as const) {
    const chosen = {
      ...values,
      quadruplingsToHalfTransfer: qualityConstants.quadruplingsToHalfTransfer[set],
    };
    const shape = { head: 'one-head', channel: 'label' } as const;
    const ratios = sizes.map((teacherFlop) =>
      transferRatio(chosen, shape, { studentFlop: 20e6, teacherFlop }),
    );
    const gains = sizes.map(
      (forwardFlop) =>
        qualityParts(chosen, distilled({ teacher: { forwardFlop, trainedExamplesPerDay: 1e10 } })).gain,
    );
    for (let i = 1; i < sizes.length; i++) {
      assert.ok(ratios[i] < ratios[i - 1]);
      assert.ok(gains[i] > gains[i - 1]);
    }
  }
});

parts('a teacher of the student’s size that saw no more brings nothing', () => {
  const teacher = { forwardFlop: 20e6, trainedExamplesPerDay: 1e10 };
  assert.is(qualityParts(values, distilled({ teacher })).gain, 0);
});

parts('a representation never transfers more than the whole gain', () => {
  const sizes = { studentFlop: 20e6, teacherFlop: 20e6 };
  assert.is(transferRatio(values, { head: 'one-head', channel: 'representation' }, sizes), 1);
});

parts('one head serves the minimiser of both losses', () => {
  const bias = { baseRate: 0.1, teacherCalibration: 1.8, lossWeight: 3, labelledShare: 1 };
  const minimiser = (0.1 + 3 * 0.18) / 4;
  near(servedBias(values, 'one-head', bias), minimiser - 0.1);
  assert.ok(Math.abs(servedBias(values, 'auxiliary-head', bias)) < 0.1 * (minimiser - 0.1));
});

parts('a shift to calibration 1.43 costs as much as the probe lost with one head, 2 to 3 %', () => {
  const bias = { baseRate: 0.11, teacherCalibration: 1.86, lossWeight: 1, labelledShare: 1 };
  near(1 + servedBias(values, 'one-head', bias) / 0.11, 1.43);
  const loss = biasLoss(values, 'one-head', bias);
  assert.ok(loss > 0.02 && loss < 0.03, `${loss}`);
});

parts('bias costs nothing where the teacher has none, else something on either side', () => {
  fc.assert(
    fc.property(anyHead, fc.double({ min: 0.3, max: 3, noNaN: true }), (head, teacherCalibration) => {
      const bias = { baseRate: 0.1, teacherCalibration, lossWeight: 1, labelledShare: 1 };
      const loss = biasLoss(values, head, bias);
      assert.ok(loss >= 0);
      if (Math.abs(teacherCalibration - 1) > 0.01) assert.ok(loss > 0);
      assert.ok(loss <= biasLoss(values, 'one-head', bias));
    }),
  );
  assert.is(
    biasLoss(values, 'one-head', {
      baseRate: 0.1,
      teacherCalibration: 1,
      lossWeight: 1,
      labelledShare: 1,
    }),
    0,
  );
});

parts('a week over a day costs the anchored 1 % of NE, no gap costs nothing', () => {
  near(teacherStaleness(values, 7 * dayS) - teacherStaleness(values, dayS), 0.01);
  assert.is(teacherStaleness(values, 0), 0);
  assert.throws(() => teacherStaleness(values, -1), /negative/);
});

parts('the scaling law says how far it is stretched', () => {
  assert.is(extrapolatedShare(1e9, 64e9), 0);
  assert.is(extrapolatedShare(20e6, 500e6), 1);
  near(extrapolatedShare(20e6, 64e9), quadruplings(20e6, 1e9) / quadruplings(20e6, 64e9));
  assert.throws(() => quadruplings(0, 1), /above 0/);
});

parts.run();

const whole = suite('training quality: vertical models');

whole('NE does not fall as the gap grows, at its value and at both ends of its range', () => {
  const gap = fc.double({ min: 0, max: 60 * dayS, noNaN: true });
  fc.assert(
    fc.property(anyHead, gap, gap, (head, one, other) => {
      const [fresh, stale] = [Math.min(one, other), Math.max(one, other)].map((gapS) =>
        verticalQuality(draws, distilled({ head, gaps: [{ gapS, share: 1 }] })),
      );
      for (const key of ['value', 'low', 'high'] as const) assert.ok(stale.ne[key] >= fresh.ne[key]);
    }),
    { numRuns: 20 },
  );
});

whole('a distribution of gaps costs the mean over it', () => {
  const loss = (gaps: { gapS: number; share: number }[]) =>
    qualityParts(values, distilled({ gaps })).freshness;
  const [hour, week] = [loss([{ gapS: 3600, share: 1 }]), loss([{ gapS: 7 * dayS, share: 1 }])];
  near(
    loss([
      { gapS: 3600, share: 3 },
      { gapS: 7 * dayS, share: 1 },
    ]),
    (3 * hour + week) / 4,
  );
});

whole('the adapter wins freshness back', () => {
  const gaps = [{ gapS: 7 * dayS, share: 1 }];
  const [without, with_] = (['auxiliary-head', 'auxiliary-head-and-adapter'] as const).map(
    (head) => qualityParts(values, distilled({ head, gaps })).freshness,
  );
  near(with_, without / 2);
});

whole('without a label there is neither gain nor loss, nor evidence for one', () => {
  const none = verticalQuality(draws, distilled({ labelledShare: 0, teacherCalibration: 1.5 }));
  assert.equal(none.parts.gain, { value: 0, low: 0, high: 0 });
  assert.is(none.evidence, undefined);
  assert.is(none.ne.value, 0.8);
});

whole('more labels, more training and a larger teacher never lower the gain of an unbiased teacher', () => {
  const share = fc.double({ min: 0.01, max: 1, noNaN: true });
  const gain = (labelledShare: number, trainShare: number, forwardFlop: number) =>
    qualityParts(
      values,
      distilled({ labelledShare, teacher: { forwardFlop, trainedExamplesPerDay: trainShare * 1e10 } }),
    ).gain;
  fc.assert(
    fc.property(share, share, (one, other) => {
      const [less, more] = [Math.min(one, other), Math.max(one, other)];
      assert.ok(gain(more, 1, 64e9) >= gain(less, 1, 64e9) - rounding);
      assert.ok(gain(1, more, 64e9) >= gain(1, less, 64e9) - rounding);
      assert.ok(gain(1, 1, more * 64e9 + 1e9) >= gain(1, 1, less * 64e9 + 1e9) - rounding);
    }),
  );
});

whole('intervals hold their value and name what they are owed to', () => {
  const { parts, ne, swings, evidence, significance, extrapolated } = verticalQuality(
    draws,
    distilled({ gaps: [{ gapS: dayS, share: 1 }], teacherCalibration: 1.2 }),
  );
  for (const { low, value, high } of [...Object.values(parts), ne]) {
    assert.ok(low <= value && value <= high);
  }
  assert.ok(parts.gain.high > parts.gain.low);
  near(ne.value, 0.8 * (1 - parts.gain.value));
  assert.ok(swings.every(({ constant }) => constant !== 'adapterRecovery'));
  assert.ok(Math.abs(swings[0].atHigh - swings[0].atLow) > 1e-4);
  assert.is(evidence, 'assumed');
  assert.is(significance, 'uncertain');
  assert.ok(extrapolated > 0.4 && extrapolated < 0.6);
});

whole('gains are told apart by the line at 0.02 %', () => {
  assert.is(significanceOf({ value: 0.0003, low: 0.0002, high: 0.0004 }), 'significant');
  assert.is(significanceOf({ value: 0.0003, low: 0.0001, high: 0.0004 }), 'uncertain');
  assert.is(significanceOf({ value: 0.0001, low: -0.0001, high: 0.00019 }), 'insignificant');
});

whole.run();
