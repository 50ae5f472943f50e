import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { generateTables, ImpossiblePin } from '../../models/generate-tables.ts';
import { rowBytes } from '../../models/row-bytes.ts';
import type { GeneratedTables, ListedTable } from '../../models/schema-tables.ts';

const generator = suite('table generator');

const drm1: GeneratedTables = {
  seed: 1,
  count: 257,
  total_size: 194.05e9,
  largest_table: 3.6e9,
  size_distribution: { kind: 'truncated-exponential' },
  embedding_dims: [
    { dim: 32, weight: 1 },
    { dim: 64, weight: 2 },
    { dim: 128, weight: 1 },
  ],
  user_share: 0.5,
  total_pooling: { user: 1000, candidate: 200 },
};

const bytesOf = (table: ListedTable) => table.num_embeddings * rowBytes('fp32', table.embedding_dim ?? 0);
const total = (values: number[]) => values.reduce((sum, value) => sum + value, 0);

generator('the same seed gives the same tables, another seed others', () => {
  assert.equal(generateTables(drm1, 't', 'fp32'), generateTables(drm1, 't', 'fp32'));
  assert.not.equal(generateTables(drm1, 't', 'fp32'), generateTables({ ...drm1, seed: 2 }, 't', 'fp32'));
});

generator('changing the pooling leaves the sizes alone', () => {
  const other = generateTables({ ...drm1, total_pooling: { user: 500, candidate: 300 } }, 't', 'fp32');
  assert.equal(other.map(bytesOf), generateTables(drm1, 't', 'fp32').map(bytesOf));
});

generator('one table is the largest and the tail is long', () => {
  const sizes = generateTables(drm1, 't', 'fp32')
    .map(bytesOf)
    .sort((a, b) => b - a);
  assert.is(sizes[0], 3.6e9);
  assert.ok(sizes[1] < sizes[0]);
  const median = sizes[128];
  assert.ok(median < total(sizes) / 257, 'the median is below the mean');
});

generator('pins hold for any feasible request', () => {
  const spread = fc.constantFrom(
    { kind: 'equal' } as const,
    { kind: 'exponential' } as const,
    { kind: 'lognormal', sigma: 1.5 } as const,
  );
  const sizes = fc.constantFrom(
    { kind: 'truncated-exponential' } as const,
    { kind: 'lognormal', sigma: 1 } as const,
    { kind: 'lognormal', sigma: 3 } as const,
  );
  fc.assert(
    fc.property(
      fc.record({
        seed: fc.nat(),
        count: fc.integer({ min: 1, max: 200 }),
        fill: fc.double({ min: 0.01, max: 0.9, noNaN: true }),
        largest: fc.integer({ min: 100_000, max: 10_000_000_000 }),
        userShare: fc.double({ min: 0, max: 1, noNaN: true }),
        extra: fc.integer({ min: 0, max: 100_000 }),
        sizes,
        spread,
      }),
      ({ seed, count, fill, largest, userShare, extra, sizes, spread }) => {
        const users = Math.round(userShare * count);
        const rest = Math.round((count - 1) * largest * fill);
        const pins: GeneratedTables = {
          ...drm1,
          seed,
          count,
          total_size: largest + Math.max(rest, count * 512),
          largest_table: largest,
          size_distribution: sizes,
          user_share: userShare,
          total_pooling: {
            ...(users > 0 && { user: users + extra / 16 }),
            ...(users < count && { candidate: count - users + extra / 16 }),
          },
          pooling_spread: spread,
        };
        if (pins.total_size > 0.95 * count * largest) pins.total_size = largest + rest;
        if (rest < count * 512) return;
        const tables = generateTables(pins, 't', 'fp32');
        const widest = Math.max(...tables.map((table) => 4 * (table.embedding_dim ?? 0)));
        assert.ok(Math.abs(total(tables.map(bytesOf)) - pins.total_size) <= widest);
        const biggest = Math.max(...tables.map(bytesOf));
        assert.ok(biggest <= largest && biggest > largest - widest, `${biggest} of ${largest}`);
        for (const level of ['user', 'candidate'] as const) {
          const pooling = tables.flatMap((t) => (t.level === level ? [t.pooling_factor ?? 0] : []));
          assert.is(total(pooling), pins.total_pooling[level] ?? 0);
          assert.ok(pooling.every((factor) => factor >= 1));
        }
      },
    ),
    { numRuns: 300 },
  );
});

generator('without a largest table only the total is pinned', () => {
  const { largest_table: _, ...free } = drm1;
  const tables = generateTables(free, 't', 'int8');
  const sizes = tables.map((table) => table.num_embeddings * rowBytes('int8', table.embedding_dim ?? 0));
  assert.ok(Math.abs(total(sizes) - 194.05e9) <= 136);
});

generator('presence stays in its range', () => {
  const tables = generateTables({ ...drm1, presence: { from: 0.25, to: 0.5 } }, 't', 'fp32');
  assert.ok(tables.every(({ presence = 0 }) => presence >= 0.25 && presence <= 0.5));
});

generator('impossible pins say which key cannot be met', () => {
  const keyOf = (change: Partial<GeneratedTables>): string => {
    try {
      generateTables({ ...drm1, ...change }, 't', 'fp32');
    } catch (error) {
      assert.instance(error, ImpossiblePin);
      return (error as ImpossiblePin).key;
    }
    return 'possible';
  };
  assert.is(keyOf({ largest_table: 0.5e9 }), 'largest_table');
  assert.is(keyOf({ largest_table: 300e9 }), 'largest_table');
  assert.is(keyOf({ total_size: 1000, largest_table: 1000 }), 'total_size');
  assert.is(keyOf({ total_size: 3.6e9 }), 'total_size');
  assert.is(keyOf({ total_pooling: { user: 10, candidate: 200 } }), 'total_pooling');
  assert.is(keyOf({ total_pooling: { user: 1000 } }), 'total_pooling');
  assert.is(keyOf({ user_share: 0 }), 'total_pooling');
});

generator.run();
