import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../models/files.ts';
import type { AccessSkew } from '../../models/model.ts';
import { hottestShare } from '../../models/popularity.ts';
import { rowsLeft, withPruning } from '../../models/prune.ts';
import { withTypesBySize } from '../../models/retype.ts';
import { summariseModel } from '../../models/summary.ts';
import { modelOf, netWith } from './fixtures.ts';

const pruning = suite('models: pruned tables');

const zipf = (exponent: number): AccessSkew => ({ kind: 'zipf', exponent });
const near = (value: number, expected: number, relative: number) =>
  assert.ok(Math.abs(value / expected - 1) < relative, `${value}, expected ${expected}`);

pruning('lookups of the hottest rows: the sum over their ranks', () => {
  for (const exponent of [0, 0.3, 0.9, 1, 1 + 1e-13, 1.05, 2, 6]) {
    for (const [rows, hottest] of [
      [10, 3],
      [1000, 64],
      [1000, 65],
      [200_000, 140_000],
    ]) {
      const sum = (n: number) => {
        let total = 0;
        for (let rank = n; rank >= 1; rank--) total += rank ** -exponent;
        return total;
      };
      near(hottestShare(zipf(exponent), rows, hottest), sum(hottest) / sum(rows), 1e-9);
    }
  }
  assert.is(hottestShare({ kind: 'uniform' }, 1000, 700), 0.7);
  assert.is(hottestShare(zipf(1), 1000, 1000), 1);
});

pruning('bytes: the rows that are left, and an entry for each that there was', () => {
  const model = modelOf(
    netWith(`
- {name: even, num_embeddings: 1000, embedding_dim: 32, pooling_factor: 10}
- {name: skewed, num_embeddings: 100, embedding_dim: 32, skew: {kind: zipf, exponent: 1}}
- {name: thin, num_embeddings: 100, embedding_dim: 1}
- {name: one, num_embeddings: 1, embedding_dim: 32}`),
  );
  const [even, skewed, thin, one] = withPruning(model, { share: 0.3, atLeastBytes: 0, remapBytes: 4 }).nets[0]
    .tables;
  assert.is(even.numEmbeddings, 700);
  assert.is(even.sizeBytes, 700 * 128 + 1000 * 4);
  assert.equal(even.pruning, { originalRows: 1000, remapBytes: 4, keptLookups: 0.7 });
  assert.is(skewed.sizeBytes, 70 * 128 + 100 * 4);
  // H(70) / H(100)
  near(skewed.pruning!.keptLookups, 4.832836758 / 5.187377518, 1e-8);
  // 30 rows of 4 B weigh less than 100 entries; and a table keeps its last row.
  assert.equal([thin, one], model.nets[0].tables.slice(2));
});

pruning('spares tables that are small in the model, whatever type they are stored in', () => {
  const model = modelOf(
    netWith(`
- {name: small, num_embeddings: 1000, embedding_dim: 64}
- {name: large, num_embeddings: 1001, embedding_dim: 64}`),
  );
  const stored = withTypesBySize(model, [{ type: 'int8', atLeastBytes: 0 }]);
  const { tables } = withPruning(stored, { share: 0.5, atLeastBytes: 1001 * 256, remapBytes: 2 }, model)
    .nets[0];
  assert.is(tables[0].pruning, undefined);
  assert.is(tables[1].sizeBytes, (1001 - 501) * 72 + 1001 * 2);
});

pruning('a summary counts remap entries, and rows where they are left', () => {
  const model = modelOf(netWith('- {name: t, num_embeddings: 1000, embedding_dim: 32, pooling_factor: 10}'));
  const pruned = withPruning(model, { share: 0.25, atLeastBytes: 0, remapBytes: 4 });
  const { gatheredBytes, embeddingBytes, lookups } = summariseModel(pruned);
  assert.is(embeddingBytes, 750 * 128 + 4000);
  assert.is(gatheredBytes.perCandidate, 10 * (0.75 * 128 + 4));
  assert.is(lookups.perCandidate, 10);
});

pruning(
  'more of it never leaves more bytes or more lookups, and skewed tables lose fewer lookups than rows',
  () => {
    const model = loadModel('drm1-like');
    const share = fc.double({ min: 0.001, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(share, share, fc.constantFrom(1, 4, 8), (a, b, remapBytes) => {
        const of = (one: number) => withPruning(model, { share: one, atLeastBytes: 1e8, remapBytes });
        const [less, more] = [of(Math.min(a, b)), of(Math.max(a, b))];
        assert.ok(summariseModel(more).embeddingBytes <= summariseModel(less).embeddingBytes);
        less.nets.forEach(({ tables }, net) => {
          tables.forEach((table, index) => {
            const other = more.nets[net].tables[index];
            if (!table.pruning || !other.pruning) return;
            assert.ok(other.pruning.keptLookups <= table.pruning.keptLookups);
            assert.ok(table.pruning.keptLookups >= table.numEmbeddings / table.pruning.originalRows);
            assert.is(table.numEmbeddings, rowsLeft(table.pruning.originalRows, Math.min(a, b)));
          });
        });
      }),
      { numRuns: 25 },
    );
  },
);

pruning.run();
