import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../models/files.ts';
import type { Model } from '../../models/model.ts';
import { withPruning } from '../../models/prune.ts';
import { withTableDataType, withTypesBySize } from '../../models/retype.ts';
import { summariseModel } from '../../models/summary.ts';
import { modelOf, netWith } from './fixtures.ts';

const retype = suite('models: tables in other types');

const sizes = modelOf(
  netWith(`
- {name: small, num_embeddings: 1000, embedding_dim: 64}
- {name: middle, num_embeddings: 100000, embedding_dim: 32}
- {name: large, num_embeddings: 1000000, embedding_dim: 128}
- {name: narrow, num_embeddings: 1000000, embedding_dim: 128, data_type: int4}
- {name: slim, num_embeddings: 1000000, embedding_dim: 4, data_type: fp16}`),
);

const tables = ({ nets }: Model) => nets.flatMap((net) => net.tables);
const types = (model: Model) => tables(model).map(({ dataType }) => dataType);
const bytes = (model: Model) => summariseModel(model).embeddingBytes;

retype('one word stores every table so, wider or narrower', () => {
  assert.equal(types(withTableDataType(sizes, 'int8')), Array(5).fill('int8'));
  assert.equal(types(withTableDataType(sizes, 'fp32')), Array(5).fill('fp32'));
});

retype('the last rule that a size reaches decides; rules never widen', () => {
  const ruled = withTypesBySize(sizes, [
    { type: 'int8', atLeastBytes: 0 },
    { type: 'int4', atLeastBytes: 12_800_000 },
  ]);
  // middle is 12.8 MB exactly; slim: 8 B a row as fp16, 12 B as int8, 6 B as int4, and only 8 MB.
  assert.equal(types(ruled), ['int8', 'int4', 'int4', 'int4', 'fp16']);
  assert.equal(
    tables(ruled).map(({ sizeBytes }) => sizeBytes),
    [1000 * 72, 100_000 * 20, 1_000_000 * 68, 1_000_000 * 68, 8_000_000],
  );
  assert.equal(types(withTypesBySize(sizes, [{ type: 'fp32', atLeastBytes: 0 }])), types(sizes));
});

retype('rules that differ make models of different names, since results tell models by name', () => {
  const name = (atLeastBytes: number) => withTypesBySize(sizes, [{ type: 'int8', atLeastBytes }]).name;
  assert.is(new Set([0, 1e9, 1e9 + 1, 1e6].map(name)).size, 4);
  assert.is(name(1e9), 'm (tables: int8 from 1 GB)');
  const pruned = (share: number) => withPruning(sizes, { share, atLeastBytes: 1e6, remapBytes: 4 }).name;
  assert.is(pruned(0.3), 'm (30 % of rows pruned, tables from 1 MB, remap 4 B)');
  assert.is.not(pruned(0.3), pruned(0.3001));
});

retype('a pruned table keeps its remap vector in any type', () => {
  const pruned = withPruning(sizes, { share: 0.5, atLeastBytes: 0, remapBytes: 4 });
  const { sizeBytes } = tables(withTableDataType(pruned, 'int8'))[2];
  assert.is(sizeBytes, 500_000 * 136 + 1_000_000 * 4);
});

retype('a higher threshold of a narrower type never takes fewer bytes', () => {
  const model = loadModel('drm1-like');
  const size = fc.double({ min: 0, max: 4e9, noNaN: true });
  fc.assert(
    fc.property(size, size, (a, b) => {
      const of = (atLeastBytes: number) =>
        bytes(
          withTypesBySize(model, [
            { type: 'int8', atLeastBytes: 0 },
            { type: 'int4', atLeastBytes },
          ]),
        );
      assert.ok(of(Math.min(a, b)) <= of(Math.max(a, b)));
      assert.ok(of(a) <= bytes(withTableDataType(model, 'int8')));
      assert.ok(of(a) >= bytes(withTableDataType(model, 'int4')));
    }),
    { numRuns: 30 },
  );
});

retype.run();
