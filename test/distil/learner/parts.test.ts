import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { adagrad } from '../../../distil/learner/adagrad.ts';
import { denseForward, denseLayers } from '../../../distil/learner/dense-layer.ts';
import { embeddingTables, rowOf } from '../../../distil/learner/embedding-tables.ts';
import { EmbeddingTrainer } from '../../../distil/learner/embedding-trainer.ts';
import { crossEntropy, logit, sigmoid } from '../../../distil/learner/logistic.ts';
import { RowWeights, weightedRows } from '../../../distil/learner/weighted-rows.ts';
import { RandomStream } from '../../../foundation/random.ts';
import { near } from './cases.ts';

fc.configureGlobal({ includeErrorInReport: true });

const parts = suite('learner: parts');

parts('a dense layer is W·x + b of any width', () => {
  const width = fc.integer({ min: 1, max: 11 });
  fc.assert(
    fc.property(width, width, width, fc.integer(), (inputs, outputs, count, seed) => {
      const random = new RandomStream(seed);
      const [layer] = denseLayers(inputs, [outputs], false, 'float64', random);
      layer.bias.forEach((_, o) => {
        layer.bias[o] = random.normal();
      });
      const x = new Float64Array(count * inputs).map(() => random.normal());
      const y = new Float64Array(count * outputs);
      denseForward(layer, x, count, y);
      for (let at = 0; at < y.length; at++) {
        const [example, o] = [Math.floor(at / outputs), at % outputs];
        let sum = layer.bias[o];
        for (let i = 0; i < inputs; i++) sum += x[example * inputs + i] * layer.weights[o * inputs + i];
        near(y[at], Math.max(0, sum), 1e-12);
      }
    }),
    { numRuns: 60 },
  );
});

parts('a weighted sum of rows is that of its definition', () => {
  const weights = fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(weights, fc.integer({ min: 1, max: 11 }), (weights, width) => {
      const rows = new Float64Array(weights.length * width).map((_, i) => (i * 7) % 13);
      const terms = new RowWeights(weights.length);
      weights.forEach((weight, row) => {
        terms.add(row * width, weight);
      });
      const sum = new Float64Array(width + 2).fill(-99);
      weightedRows(terms, rows, width, sum, 1);
      const expected = Array.from({ length: width }, (_, i) =>
        weights.reduce((total, weight, row) => total + weight * rows[row * width + i], 0),
      );
      assert.equal([...sum], [-99, ...expected, -99]);
    }),
  );
});

parts('Adagrad under a constant gradient moves by η·Σ 1/√t', () => {
  const [values, squares] = [new Float64Array(3), new Float64Array(3)];
  for (let t = 0; t < 50; t++) adagrad(values, squares, 1, new Float64Array([9, -4]), 1, 1, 0.1);
  const sum = Array.from({ length: 50 }, (_, t) => 1 / Math.sqrt(t + 1)).reduce((a, b) => a + b);
  near(values[1], 0.1 * sum, 1e-9);
  assert.equal([values[0], values[2], squares[1]], [0, 0, 800]);
});

parts(
  'an id has a row of its own where the table is large enough, else always the same one inside it',
  () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 1e6 }), (id, rows) => {
        const row = rowOf(id, rows);
        assert.ok(Number.isInteger(row) && row >= 0 && row < rows, `row ${row} of ${rows}`);
        assert.is(rowOf(id, rows), row);
        if (id >= 0 && id < rows) assert.is(row, id);
      }),
    );
  },
);

parts('hashed ids spread evenly over the rows', () => {
  const counts = new Array(64).fill(0);
  for (let id = 1000; id < 65_000; id++) counts[rowOf(id, 64)]++;
  assert.ok(
    counts.every((count) => Math.abs(count - 1000) < 150),
    `${counts}`,
  );
});

parts('an id that occurs several times in a batch has the sum of its gradients', () => {
  const tables = embeddingTables([4, 4], 2, 'float64', new RandomStream(1));
  const trainer = new EmbeddingTrainer(tables, 3, 'float64');
  const before = [...tables.values];
  trainer.forward([Int32Array.of(2, 1, 2), Int32Array.of(2, 2, 2)], 0, 3);
  trainer.backward(Float64Array.of(1, 2, 3, 4, 10, 20, 30, 40, 100, 200, 300, 400), 3);
  assert.equal([...trainer.gradientOf(2)], [101, 202]);
  assert.equal([...trainer.gradientOf(1)], [10, 20]);
  assert.equal([...trainer.gradientOf(6)], [333, 444]);
  assert.equal([...trainer.gradientOf(0)], [0, 0]);
  trainer.update(0.5);
  // Adagrad's first step is the rate, against the sign; other rows stay.
  const moved = [...tables.values].map((value, i) => value - before[i]);
  moved.forEach((by, i) => {
    near(by, [1, 2, 6].includes(i >> 1) ? -0.5 : 0, 1e-9, `value ${i} moved by`);
  });
});

parts('cross-entropy is that of the definition, finite for any logit, with slope σ − y', () => {
  const label = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.double({ min: -20, max: 20, noNaN: true }), label, (score, y) => {
      const p = sigmoid(score);
      near(crossEntropy(score, y), -y * Math.log(p) - (1 - y) * Math.log(sigmoid(-score)), 1e-7);
      const slope = (crossEntropy(score + 1e-5, y) - crossEntropy(score - 1e-5, y)) / 2e-5;
      near(slope, p - y, 1e-6);
    }),
  );
  assert.equal([crossEntropy(1e4, 0), crossEntropy(-1e4, 1), crossEntropy(1e4, 1)], [1e4, 1e4, 0]);
  for (const p of [1e-6, 0.3, 0.99]) near(sigmoid(logit(p)), p, 1e-12);
  assert.ok(Number.isFinite(logit(0)) && Number.isFinite(logit(1)));
});

parts.run();
