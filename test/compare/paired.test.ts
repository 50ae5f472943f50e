import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { independentChanges, withoutRounding } from '../../sim/compare/figure-differences.ts';
import {
  absoluteChange,
  estimate,
  pairwise,
  type Replicated,
  relativeChange,
} from '../../sim/statistics/paired.ts';

const paired = suite('compare: paired differences');

const positive = fc.double({ min: 1e-3, max: 1e3, noNaN: true });

/** Two arms of as many replications, each with another cost model or without. */
const twoArms = fc
  .tuple(fc.integer({ min: 2, max: 12 }), fc.boolean(), fc.boolean())
  .chain(([n, isA, isB]) => {
    const values = fc.array(positive, { minLength: n, maxLength: n });
    const arm = (isPerturbed: boolean) =>
      fc.record({ nominal: values, perturbed: isPerturbed ? values : fc.constant([]) });
    return fc.tuple(arm(isA), arm(isB));
  });

paired('swapping the arms mirrors an absolute difference, to the last bit', () => {
  fc.assert(
    fc.property(twoArms, ([a, b]) => {
      const there = absoluteChange(b, a, 0.95);
      const back = absoluteChange(a, b, 0.95);
      assert.is(back.mean, 0 - there.mean);
      assert.is(back.low, 0 - there.high!);
      assert.is(back.high, 0 - there.low!);
      assert.is(back.cost, there.cost);
    }),
  );
});

paired('an arm differs from itself by exactly nothing', () => {
  fc.assert(
    fc.property(twoArms, ([a]) => {
      assert.equal(absoluteChange(a, a, 0.95), { mean: 0, low: 0, high: 0 });
      assert.equal(relativeChange(a, a, 0.95), { mean: 0, low: 0, high: 0 });
    }),
  );
});

paired('an error of costs that both share alike cancels, one that they do not share stays', () => {
  const a: Replicated = { nominal: [1, 1.2, 0.9], perturbed: [1.1, 1.32, 0.99] };
  const b: Replicated = { nominal: [2, 2.5, 1.7], perturbed: [2.2, 2.75, 1.87] };
  const exact: Replicated = { nominal: b.nominal, perturbed: [] };
  const cost = (arm: Replicated) => relativeChange(arm, a, 0.95).cost ?? 0;
  assert.ok(estimate(a, 0.95).cost! > 0.05, 'each by itself is off');
  assert.ok(cost(b) < 1e-9, `${cost(b)}`);
  assert.ok(cost(exact) > 0.05, `${cost(exact)}`);
});

paired('what an arm without another cost model had stands beside the others', () => {
  const sum = pairwise(
    (x, y) => x + y,
    { nominal: [1, 2], perturbed: [] },
    { nominal: [10, 20], perturbed: [30, 40] },
  );
  assert.equal(sum, { nominal: [11, 22], perturbed: [31, 42] });
});

paired('independent intervals add in quadrature', () => {
  const { difference, relative } = independentChanges(
    { mean: 10, low: 7, high: 13 },
    { mean: 20, low: 16, high: 24 },
  );
  assert.equal(difference, { mean: 10, low: 5, high: 15 });
  // b/a = 2 ± 2·√(0.3² + 0.2²), less one
  assert.ok(Math.abs(relative!.high! - relative!.mean - 2 * Math.hypot(0.3, 0.2)) < 1e-12);
  assert.equal(independentChanges({ mean: 0, low: 0, high: 0 }, { mean: 1 }).relative, undefined);
});

paired('rounding of sums is no difference, anything else is', () => {
  const noise = { mean: 1e-17, low: 5e-18, high: 2e-17 };
  assert.equal(withoutRounding(noise, 1e-3), { mean: 0, low: 0, high: 0 });
  const small = { mean: 1e-9, low: 5e-10, high: 2e-9 };
  assert.equal(withoutRounding(small, 1e-3), small);
});

paired.run();
