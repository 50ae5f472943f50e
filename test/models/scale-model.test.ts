import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../models/files.ts';
import { withPruning } from '../../models/prune.ts';
import { withDenseDataType, withTableDataType } from '../../models/retype.ts';
import { modelBytes, scaleModel } from '../../models/scale-model.ts';
import { summariseModel } from '../../models/summary.ts';
import { scaleCandidates } from '../../scenarios/scale-load.ts';
import { candidateLaw } from '../../sim/workload/candidates.ts';
import { inputErrorOf, modelOf, netWith } from './fixtures.ts';

const test = suite('models: growth');

const zoo = [
  'drm1-like',
  'mlperf-dlrm-dcnv2',
  'mlperf-dlrm-v1',
  'wukong',
  'hstu',
  'din',
  'ncf',
  'wide-and-deep',
];

const two = modelOf(
  netWith(
    '- {name: a, num_embeddings: 1000, embedding_dim: 16, pooling_factor: 3}\n' +
      '- {name: b, num_embeddings: 100, embedding_dim: 8, data_type: int8}',
    'interaction: {kind: cat}',
  ),
);

test('without growth the model is the same', () => {
  assert.is(scaleModel(two, { tables: 1, rows: 1, dim: 1 }), two);
});

test('bytes follow rows and dimensions: closed forms of fp32 and int8 rows', () => {
  assert.is(modelBytes(two), 1000 * 64 + 100 * 16);
  assert.is(modelBytes(scaleModel(two, { rows: 1.5 })), 1500 * 64 + 150 * 16);
  assert.is(modelBytes(scaleModel(two, { dim: 1.5 })), 1000 * 96 + 100 * 20);
  assert.is(modelBytes(scaleModel(two, { tables: 2 })), 2 * modelBytes(two));
  assert.is(modelBytes(scaleModel(two, { tables: 2, rows: 3, dim: 2 })), 2 * 3 * (1000 * 128 + 100 * 24));
});

test('dimensions grow to multiples of four, and never vanish', () => {
  const dims = (dim: number) =>
    scaleModel(two, { dim }).nets[0].tables.map(({ embeddingDim }) => embeddingDim);
  assert.equal(dims(1.1), [16, 8]);
  assert.equal(dims(1.2), [20, 8]);
  assert.equal(dims(0.1), [4, 4]);
});

test('the first layer after the interaction takes what more tables hand on', () => {
  const [fc] = scaleModel(two, { tables: 2, dim: 2 }).nets[0].operators.filter(({ kind }) => kind === 'gemm');
  // Four dense features, two tables of 32 and two of 16 elements.
  assert.is(fc.shape.k, 4 + 2 * 32 + 2 * 16);
  assert.is(fc.shape.n, 1);
});

test('twice the tables are looked up twice as often, under names of their own', () => {
  for (const name of ['drm1-like', 'mlperf-dlrm-v1']) {
    const model = loadModel(name);
    const grown = scaleModel(model, { tables: 2 });
    const [before, after] = [summariseModel(model), summariseModel(grown)];
    assert.is(after.tables, 2 * before.tables);
    assert.ok(Math.abs(after.lookups.fixed - 2 * before.lookups.fixed) < 1e-6 * before.lookups.fixed + 1e-9);
    const names = grown.nets.flatMap(({ tables }) => tables.map((table) => table.name));
    assert.is(new Set(names).size, names.length);
  }
});

test('a few more tables grow the bytes in step, whatever their sizes', () => {
  const model = loadModel('drm1-like');
  for (const factor of [1.03, 1.1, 1.4, 0.8]) {
    const grown = scaleModel(model, { tables: factor });
    assert.is(summariseModel(grown).tables, Math.round(257 * factor));
    const ratio = modelBytes(grown) / modelBytes(model);
    assert.ok(Math.abs(ratio - factor) < 0.02, `${factor}: bytes × ${ratio}`);
  }
});

test('every model of the zoo grows in every way, and shrinks', () => {
  for (const name of zoo) {
    const model = loadModel(name);
    for (const factor of [0.7, 1.5]) {
      for (const key of ['tables', 'rows', 'dim', 'denseWidth'] as const) {
        const grown = scaleModel(model, { [key]: factor });
        const larger = (value: (summary: ReturnType<typeof summariseModel>) => number) =>
          Math.sign(value(summariseModel(grown)) - value(summariseModel(model)));
        const direction = Math.sign(factor - 1);
        if (key === 'denseWidth')
          assert.is(
            larger(({ denseParameters }) => denseParameters),
            direction,
            name,
          );
        else
          assert.is(
            larger(({ embeddingBytes }) => embeddingBytes),
            direction,
            `${name} ${key}`,
          );
      }
    }
  }
});

test('an arithmetic and a storage chosen by the arm stay', () => {
  const narrow = withDenseDataType(withTableDataType(two, 'int4'), 'bf16');
  const [net] = scaleModel(narrow, { dim: 2, tables: 1.5 }).nets;
  assert.equal([...new Set(net.operators.map(({ dataType }) => dataType))], ['bf16']);
  assert.equal([...new Set(net.tables.map(({ dataType }) => dataType))], ['int4']);
  // A 16-element int4 row is 8 + 4 bytes, one of 32 elements 16 + 4.
  assert.is(net.tables[0].rowBytes, 20);
});

test('growing rows of a pruned table keep their share, and their remap vector can number them', () => {
  const pruned = withPruning(two, { share: 0.5, atLeastBytes: 10_000, remapBytes: 2 });
  const [table] = scaleModel(pruned, { rows: 1000 }).nets[0].tables;
  assert.is(table.numEmbeddings, 500_000);
  assert.is(table.pruning?.originalRows, 1_000_000);
  assert.is(table.pruning?.remapBytes, 3);
  assert.is(table.sizeBytes, 500_000 * 64 + 3_000_000);
});

test('tables that are named stay when the model shrinks', () => {
  const [net] = scaleModel(two, { tables: 0.5 }, { keep: ['a'] }).nets;
  assert.equal(
    net.tables.map(({ name }) => name),
    ['a'],
  );
});

test('absurd growth is refused in words', () => {
  assert.match(
    inputErrorOf(() => scaleModel(two, { rows: 1e12 })),
    /would grow to .* rows/,
  );
  assert.match(
    inputErrorOf(() => scaleModel(two, { tables: 1e6 })),
    /would grow to 2000000 tables/,
  );
});

test('candidates grow with their law', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 0.99, noNaN: true }), fc.constantFrom(2, 3, 10), (u, factor) => {
      const spec = { kind: 'lognormal', median: 200, sigma: 1, max: 4000 } as const;
      const [before, after] = [candidateLaw(spec)(u), candidateLaw(scaleCandidates(spec, factor))(u)];
      assert.ok(Math.abs(after - factor * before) <= factor / 2 + 1);
    }),
  );
  assert.equal(scaleCandidates({ kind: 'fixed', value: 10 }, 1.26), { kind: 'fixed', value: 13 });
  assert.equal(scaleCandidates({ kind: 'choices', values: [1, 10] }, 0.4), {
    kind: 'choices',
    values: [1, 4],
  });
});

test.run();
