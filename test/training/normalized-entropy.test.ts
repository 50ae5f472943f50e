import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  binaryDivergence,
  binaryEntropy,
  calibration,
  normalizedEntropy,
  predictionSums,
  relativeInformationGain,
} from '../../sim/training/quality/normalized-entropy.ts';

const metrics = suite('training quality: NE');

const labels = fc
  .array(fc.constantFrom(0, 1), { minLength: 2, maxLength: 200 })
  .filter((list) => list.includes(0) && list.includes(1));

metrics('is 1 and calibrated for a model that predicts the base rate', () => {
  fc.assert(
    fc.property(labels, (list) => {
      const rate = list.reduce<number>((sum, label) => sum + label, 0) / list.length;
      const sums = predictionSums(new Array(list.length).fill(rate), list);
      assert.ok(Math.abs(normalizedEntropy(sums) - 1) < 1e-9);
      assert.ok(Math.abs(relativeInformationGain(sums)) < 1e-9);
      assert.ok(Math.abs(calibration(sums) - 1) < 1e-9);
    }),
  );
});

metrics('of a constant off the base rate is 1 plus its divergence over the entropy', () => {
  const list = [1, 0, 0, 0, 0];
  const ne = normalizedEntropy(predictionSums([0.3, 0.3, 0.3, 0.3, 0.3], list));
  const expected = 1 + binaryDivergence(0.2, 0.3) / binaryEntropy(0.2);
  assert.ok(Math.abs(ne - expected) < 1e-12);
  assert.is(calibration(predictionSums([0.3, 0.3, 0.3, 0.3, 0.3], list)), 1.5);
});

metrics('is near 0 for a model that knows, and finite for one that is surely wrong', () => {
  assert.ok(normalizedEntropy(predictionSums([1, 0], [1, 0])) < 1e-6);
  assert.ok(Number.isFinite(normalizedEntropy(predictionSums([0, 1], [1, 0]))));
});

metrics('no constant is better than the base rate, and a relative change is one of the loss', () => {
  const constant = fc.double({ min: 0.01, max: 0.99, noNaN: true });
  fc.assert(
    fc.property(labels, constant, constant, (list, one, other) => {
      const [a, b] = [one, other].map((p) => predictionSums(new Array(list.length).fill(p), list));
      assert.ok(normalizedEntropy(a) >= 1 - 1e-12);
      assert.ok(Math.abs(normalizedEntropy(a) / normalizedEntropy(b) - a.logLoss / b.logLoss) < 1e-9);
    }),
  );
});

metrics('refuses what it is not defined on', () => {
  assert.throws(() => normalizedEntropy(predictionSums([0.5], [1])), /both labels/);
  assert.throws(() => calibration(predictionSums([0.5], [0])), /positive/);
  assert.throws(() => predictionSums([0.5], [1, 0]), /1 predictions for 2 labels/);
  assert.throws(() => predictionSums([1.5], [1]), /not a probability/);
  assert.throws(() => predictionSums([0.5], [2]), /neither 0 nor 1/);
  assert.throws(() => binaryEntropy(-0.1), /not a probability/);
});

metrics('divergence is 0 only at the truth', () => {
  const probability = fc.double({ min: 0.001, max: 0.999, noNaN: true });
  fc.assert(
    fc.property(probability, probability, (truth, believed) => {
      const divergence = binaryDivergence(truth, believed);
      assert.ok(divergence >= 0);
      if (Math.abs(truth - believed) > 1e-3) assert.ok(divergence > 0);
    }),
  );
});

metrics.run();
