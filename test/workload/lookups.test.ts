import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { EmbeddingTable, Model, PoolingDistribution } from '../../models/model.ts';
import type { Trace } from '../../scenarios/deployment.ts';
import type { Piece, Placement } from '../../sim/sharding/placement.ts';
import { type LookupTotals, lookupTables, RequestLookups } from '../../sim/workload/lookups.ts';
import { poolingLaw } from '../../sim/workload/pooling.ts';
import { modelOf, tableOf } from '../sharding/test-models.ts';

const key = { seed: 3, replication: 1 };
const singular: Placement = { strategy: 'singular', shards: [] };
const whole = (table: number): Piece => ({ table, split: 'table' });
const rowPart = (table: number, part: number, parts: number): Piece => ({
  table,
  split: 'rows',
  part,
  parts,
});

const distributions: PoolingDistribution[] = [
  { kind: 'fixed' },
  { kind: 'poisson' },
  { kind: 'geometric' },
  { kind: 'gamma', coefficientOfVariation: 0.7 },
  { kind: 'lognormal', coefficientOfVariation: 1.5 },
];

const means = suite('lookups: means');

for (const poolingDistribution of distributions) {
  means(`${poolingDistribution.kind}: presence × pooling, user and candidate level`, () => {
    for (const [presence, poolingFactor] of [
      [1, 12],
      [0.3, 40],
      [0.8, 1.5],
    ]) {
      for (const level of ['user', 'candidate'] as const) {
        for (const candidates of level === 'user' ? [50] : [3, 50]) {
          const table = tableOf({ name: 't', poolingDistribution, presence, poolingFactor, level });
          const rows = rowsPerRequest(modelOf([table]), candidates, 4000);
          checkMean(rows, presence * poolingFactor, `${level}, ${candidates} candidates`);
        }
      }
    }
  });
}

means('follow the pooling scale', () => {
  const model = modelOf([tableOf({ name: 't', poolingFactor: 10 })]);
  assert.is(lookups(model, singular, 2.5).of(0, 9).candidateRows[0], 25);
});

means('of a tabulated law are the pooling factor exactly, whatever the distribution', () => {
  for (const poolingDistribution of distributions) {
    for (const poolingFactor of [0.5, 1, 3, 80, 2000]) {
      const { quantiles } = poolingLaw(tableOf({ name: 't', poolingDistribution, poolingFactor }), 1);
      const mean = quantiles.reduce((sum, value) => sum + value, 0) / quantiles.length;
      assert.ok(
        Math.abs(mean / poolingFactor - 1) < 1e-12,
        `${poolingDistribution.kind} ${poolingFactor}: ${mean}`,
      );
      assert.ok(quantiles.every((value, i) => value >= 0 && (i === 0 || value >= quantiles[i - 1])));
    }
  }
});

means('of one candidate spread as widely as the distribution says', () => {
  const table = tableOf({
    name: 't',
    poolingFactor: 50,
    poolingDistribution: { kind: 'lognormal', coefficientOfVariation: 0.6 },
  });
  const { mean, variance } = poolingLaw(table, 1);
  assert.ok(Math.abs(Math.sqrt(variance) / mean - 0.6) < 0.03);
  // The mean of n candidates varies with 1/√n: nine candidates are averaged, eight are drawn one by one.
  const deviation = (candidates: number) => {
    const rows = rowsPerRequest(modelOf([table]), candidates, 4000);
    return Math.sqrt(rows.reduce((sum, value) => sum + (value - 50) ** 2, 0) / rows.length);
  };
  assert.ok(Math.abs(deviation(8) / deviation(9) / Math.sqrt(9 / 8) - 1) < 0.08);
});

means.run();

const splits = suite('lookups: shards');

splits('a row split conserves the lookups of its table', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom(1, 7, 30, 400),
      fc.constantFrom('user' as const, 'candidate' as const),
      fc.integer({ min: 1, max: 40 }),
      (parts, poolingFactor, level, candidates) => {
        const model = modelOf([tableOf({ name: 't', poolingFactor, level })]);
        const placement = {
          strategy: 'test',
          shards: Array.from({ length: parts }, (_, p) => [rowPart(0, p, parts)]),
        };
        const totals = lookups(model, placement).of(5, candidates);
        const rows = sum(level === 'user' ? totals.userRows : totals.candidateRows);
        assert.ok(Math.abs(rows - poolingFactor) < 1e-9 * poolingFactor, `${rows} of ${poolingFactor}`);
      },
    ),
    { numRuns: 200, seed: 2 },
  );
});

splits('a column split sends all lookups to every slice, with its own share of the vector', () => {
  const model = modelOf([tableOf({ name: 't', poolingFactor: 6, embeddingDim: 32 })]);
  const slice = (firstColumn: number, columns: number): Piece[] => [
    { table: 0, split: 'columns', firstColumn, columns },
  ];
  const totals = lookups(model, { strategy: 'test', shards: [slice(0, 20), slice(20, 12)] }).of(0, 10);
  assert.equal([...totals.candidateRows], [6, 6]);
  assert.equal([...totals.candidateValues], [20, 12]);
});

splits('a user-level table of pooling 1 touches one part, each as often', () => {
  const model = modelOf([tableOf({ name: 'user-id', level: 'user' })]);
  const placement = { strategy: 'test', shards: Array.from({ length: 8 }, (_, p) => [rowPart(0, p, 8)]) };
  const drawn = lookups(model, placement);
  const touched = new Array<number>(8).fill(0);
  for (let request = 0; request < 4000; request++) {
    const { userRows, userValues } = drawn.of(request, 300);
    assert.is(userRows.filter((rows) => rows > 0).length, 1);
    assert.is(sum(userRows), 1);
    assert.is(sum(userValues), 32);
    touched[userRows.findIndex((rows) => rows > 0)]++;
  }
  // 500 ± 21 requests each.
  assert.ok(
    touched.every((count) => Math.abs(count - 500) < 105),
    touched.join(),
  );
});

splits('an absent feature touches nothing', () => {
  const model = modelOf([tableOf({ name: 't', presence: 0, poolingFactor: 9 })]);
  const totals = lookups(model, singular).of(0, 5);
  for (const values of Object.values(totals) as Float64Array[]) assert.is(sum(values), 0);
});

splits('totals of a request are the same however the tables are sharded', () => {
  const model = modelOf(
    [
      tableOf({ name: 'id', level: 'user' }),
      tableOf({ name: 'a', poolingFactor: 20, presence: 0.5, poolingDistribution: { kind: 'geometric' } }),
    ],
    [
      tableOf({
        name: 'b',
        level: 'user',
        poolingFactor: 15,
        presence: 0.7,
        poolingDistribution: { kind: 'poisson' },
      }),
      tableOf({ name: 'c', poolingFactor: 3, presence: 0.9 }),
    ],
  );
  const placements: Placement[] = [
    singular,
    { strategy: 'test', shards: [[0, 1, 2, 3].map(whole)] },
    { strategy: 'test', shards: [[0, 3].map(whole), [1, 2].map(whole)] },
    {
      strategy: 'test',
      shards: [
        [rowPart(0, 0, 2), whole(3)],
        [rowPart(0, 1, 2), whole(1), whole(2)],
      ],
    },
  ];
  const arms = placements.map((placement) => lookups(model, placement));
  for (let request = 0; request < 200; request++) {
    const candidates = 1 + ((request * 37) % 90);
    const [first, ...others] = arms.map((arm) => summed(arm.of(request, candidates)));
    for (const other of others) {
      for (const [name, value] of Object.entries(first)) {
        assert.ok(
          Math.abs(other[name] - value) <= 1e-9 * (1 + value),
          `${name}: ${other[name]}, not ${value}`,
        );
      }
    }
  }
});

splits('draws depend on seed, replication and request, not on what was drawn before', () => {
  const model = modelOf([
    tableOf({ name: 't', poolingFactor: 30, poolingDistribution: { kind: 'geometric' } }),
  ]);
  const [forward, backward] = [lookups(model, singular), lookups(model, singular)];
  const rows = Array.from({ length: 300 }, (_, request) => forward.of(request, 4).candidateRows[0]);
  for (let request = 299; request >= 0; request--) {
    assert.is(backward.of(request, 4).candidateRows[0], rows[request]);
  }
  assert.ok(new Set(rows).size > 50);
  const other = new RequestLookups(grouped(model, singular), 1, 1, undefined, { ...key, replication: 2 });
  assert.is.not(other.of(0, 4).candidateRows[0], rows[0]);
});

splits('bytes go to cache and DRAM as the pieces say; unpooled rows come back one by one', () => {
  const model = modelOf([tableOf({ name: 'history', poolingFactor: 10, level: 'user', pooling: 'none' })]);
  const tables = lookupTables(model, singular, () => ({
    group: 0,
    dramBytesPerRow: 96,
    cacheBytesPerRow: 32,
    dim: 32,
    isUnpooled: true,
  }));
  const totals = new RequestLookups(tables, 1, 1, undefined, key).of(0, 5);
  assert.is(totals.userDramBytes[0], 960);
  assert.is(totals.userCacheBytes[0], 320);
  assert.is(totals.userValues[0], 320);
});

splits('recorded lookups replace drawn ones', () => {
  const model = modelOf([tableOf({ name: 'a', poolingFactor: 99 }), tableOf({ name: 'u', level: 'user' })]);
  const trace: Trace = {
    file: 'trace.csv',
    timesS: Float64Array.of(0, 1),
    candidates: Int32Array.of(4, 5),
    lookups: { tables: ['u', 'a'], counts: Float32Array.of(7, 40, 0, 10) },
  };
  const drawn = new RequestLookups(grouped(model, singular), 1, 1, trace, key);
  assert.is(drawn.of(0, 4).candidateRows[0], 10);
  assert.is(drawn.of(0, 4).userRows[0], 7);
  assert.is(drawn.of(1, 5).candidateRows[0], 2);
  assert.is(drawn.of(1, 5).userRows[0], 0);
});

splits.run();

/** Pieces by shard; all tables in group 0 without shards. Every row is 64 bytes of DRAM. */
function grouped(model: Model, placement: Placement) {
  const dims = model.nets
    .flatMap(({ tables }) => tables)
    .map(({ embeddingDim }: EmbeddingTable) => embeddingDim);
  return lookupTables(model, placement, (piece, shard) => ({
    group: shard,
    dramBytesPerRow: 64,
    cacheBytesPerRow: 0,
    dim: piece.split === 'columns' ? piece.columns : dims[piece.table],
    isUnpooled: false,
  }));
}

function lookups(model: Model, placement: Placement, poolingScale = 1): RequestLookups {
  return new RequestLookups(
    grouped(model, placement),
    Math.max(1, placement.shards.length),
    poolingScale,
    undefined,
    key,
  );
}

/** Rows per user or per candidate that each of many requests draws. */
function rowsPerRequest(model: Model, candidates: number, requests: number): number[] {
  const drawn = lookups(model, singular);
  return Array.from({ length: requests }, (_, request) => {
    const { userRows, candidateRows } = drawn.of(request, candidates);
    return userRows[0] + candidateRows[0];
  });
}

/** Fails when the mean is more than five of its standard errors off. */
function checkMean(values: number[], expected: number, what: string): void {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const error = 5 * Math.sqrt(variance / values.length) + 1e-9;
  assert.ok(Math.abs(mean - expected) <= error, `${what}: ${mean} ± ${error}, expected ${expected}`);
}

/** Every total over all shards. */
function summed(totals: LookupTotals): Record<string, number> {
  return Object.fromEntries(Object.entries(totals).map(([name, values]) => [name, sum(values)]));
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
