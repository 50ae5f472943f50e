import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { EmbeddingTable } from '../../models/model.ts';
import { cacheHitShares, lineBytesPerRow } from '../../sim/cost/row-cache.ts';
import type { Piece } from '../../sim/sharding/placement.ts';
import { tableOf } from '../sharding/test-models.ts';

const cache = suite('row cache');

const whole: Piece = { table: 0, split: 'table' };
const zipf = (exponent: number) => ({ kind: 'zipf', exponent }) as const;

/** Hit shares of whole tables that share a cache, for batches of 64. */
function hits(tables: EmbeddingTable[], cacheBytes: number): number[] {
  return cacheHitShares(
    tables.map((table) => ({ piece: whole, table })),
    cacheBytes,
    64,
  );
}

cache('rows take whole cache lines', () => {
  assert.is(lineBytesPerRow(whole, tableOf({ name: 't', embeddingDim: 16 })), 64);
  assert.is(lineBytesPerRow(whole, tableOf({ name: 't', embeddingDim: 17 })), 128);
  assert.is(lineBytesPerRow(whole, tableOf({ name: 't', embeddingDim: 64, dataType: 'int8' })), 128);
  assert.is(lineBytesPerRow(whole, tableOf({ name: 't', embeddingDim: 64, dataType: 'int4' })), 64);
  const slice: Piece = { table: 0, split: 'columns', firstColumn: 0, columns: 8 };
  assert.is(lineBytesPerRow(slice, tableOf({ name: 't', embeddingDim: 64 })), 64);
});

cache('holds everything that fits', () => {
  const table = tableOf({ name: 't', numEmbeddings: 1000 });
  assert.equal(hits([table, table], 2 * 1000 * 128), [1, 1]);
});

cache('of uniform rows hits in proportion to its size', () => {
  for (const share of [0.01, 0.3, 0.9]) {
    const table = tableOf({ name: 't', numEmbeddings: 1_000_000 });
    const [hit] = hits([table], share * 128e6);
    assert.ok(Math.abs(hit / share - 1) < 1e-3, `${hit}, expected ${share}`);
  }
});

cache('of skewed rows hits more, the more skewed they are', () => {
  let before = 0;
  for (const exponent of [0, 0.4, 0.8, 1, 1.2, 2]) {
    const [hit] = hits([tableOf({ name: 't', numEmbeddings: 10_000_000, skew: zipf(exponent) })], 1e7);
    assert.ok(hit > before, `exponent ${exponent}: ${hit} after ${before}`);
    before = hit;
  }
  assert.ok(before > 0.95);
});

cache('serves a table that is read more often better', () => {
  const busy = tableOf({ name: 'busy', numEmbeddings: 1_000_000, poolingFactor: 20 });
  const idle = tableOf({ name: 'idle', numEmbeddings: 1_000_000, poolingFactor: 1 });
  const user = tableOf({ name: 'user', numEmbeddings: 1_000_000, poolingFactor: 1, level: 'user' });
  const [first, second, third] = hits([busy, idle, user], 1e8);
  assert.ok(first > second && second > third && third > 0);
});

cache('shares are between 0 and 1 and grow with the cache', () => {
  const table = fc.record({
    numEmbeddings: fc.integer({ min: 1, max: 1_000_000_000 }),
    poolingFactor: fc.double({ min: 0.01, max: 100, noNaN: true }),
    exponent: fc.double({ min: 0, max: 3, noNaN: true }),
    isUser: fc.boolean(),
  });
  const size = fc.double({ min: 1e3, max: 1e9, noNaN: true });
  fc.assert(
    fc.property(fc.array(table, { minLength: 1, maxLength: 5 }), size, size, (drawn, a, b) => {
      const tables = drawn.map(({ numEmbeddings, poolingFactor, exponent, isUser }) =>
        tableOf({
          name: 't',
          numEmbeddings,
          poolingFactor,
          skew: zipf(exponent),
          level: isUser ? 'user' : 'candidate',
        }),
      );
      const small = hits(tables, Math.min(a, b));
      const large = hits(tables, Math.max(a, b));
      small.forEach((share, index) => {
        assert.ok(share >= 0 && large[index] <= 1 + 1e-12);
        assert.ok(
          share <= large[index] + 1e-5,
          `${share} in the small cache, ${large[index]} in the large one`,
        );
      });
    }),
    { numRuns: 100, seed: 2 },
  );
});

cache('tables that nobody reads leave the cache to the others', () => {
  const read = tableOf({ name: 'read', numEmbeddings: 1000 });
  const unread = tableOf({ name: 'unread', numEmbeddings: 1_000_000, presence: 0 });
  const [hit] = hits([read, unread], 1000 * 128 * 2);
  assert.ok(hit > 0.99, `${hit}`);
});

cache.run();
