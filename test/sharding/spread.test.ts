import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Model } from '../../models/model.ts';
import { CapacityError } from '../../sim/sharding/capacity-error.ts';
import { divideShards } from '../../sim/sharding/net-specific.ts';
import { pieceBytes } from '../../sim/sharding/pieces.ts';
import { type Placement, tablesOf } from '../../sim/sharding/placement.ts';
import { directStrategies, type ShardingRequest, type Strategy } from '../../sim/sharding/request.ts';
import { shardTables } from '../../sim/sharding/shard-tables.ts';
import { validatePlacement } from '../../sim/sharding/validate-placement.ts';
import { modelBytes, modelOf, syntheticModel, tableOf } from './test-models.ts';

const spread = suite('sharding: parts of a table are spread');

const spreading: Strategy[] = [
  'best',
  ...directStrategies.filter((name) => name !== 'singular' && name !== 'one-shard'),
];

/** Parts of a table on each shard. */
const partsOn = ({ shards }: Placement, index: number) =>
  shards.map((pieces) => pieces.filter(({ table }) => table === index).length);

/** Checks that no shard holds more parts of a split table than the shards of its net make necessary. */
function checkSpread(placement: Placement, model: Model, request: ShardingRequest) {
  validatePlacement(placement, model);
  const tables = tablesOf(model);
  const shares = divideShards(tables, request.shards);
  for (const { index, net, table } of tables) {
    const parts = partsOn(placement, index);
    const count = parts.reduce((sum, own) => sum + own, 0);
    const shards =
      request.strategy === 'nsbp' ? shares.find((share) => share.net === net)!.shards : request.shards;
    const most = Math.ceil(count / shards);
    assert.ok(Math.max(...parts) <= most, `${request.strategy}: ${table.name} on ${parts.join(' ')}`);
  }
}

/** A small table among larger and busier ones. */
const model = modelOf([
  tableOf({ name: 'a', numEmbeddings: 50_000, poolingFactor: 40 }),
  tableOf({ name: 'b', numEmbeddings: 30_000, poolingFactor: 9 }),
  tableOf({ name: 'c', numEmbeddings: 100, embeddingDim: 64 }),
  tableOf({ name: 'd', numEmbeddings: 20_000, poolingFactor: 100 }),
]);

for (const strategy of spreading) {
  spread(`${strategy}: a small table split over four shards, either way`, async () => {
    for (const split of [{ rowWise: ['c'] }, { columnWise: { c: 4 } }]) {
      for (const seed of [0, 1, 2, 3]) {
        const request = { strategy, shards: 4, capacityBytesPerShard: 1e9, seed, ...split };
        assert.equal(partsOn(await shardTables(model, request), 2), [1, 1, 1, 1]);
      }
    }
  });
}

const anyModel = fc
  .record({
    tables: fc.integer({ min: 4, max: 40 }),
    nets: fc.constantFrom(1, 2),
    sizeSigma: fc.constantFrom(0, 1, 2),
    maxPooling: fc.constantFrom(1, 20, 200),
    seed: fc.nat(1000),
  })
  .map(syntheticModel);

const anyCase = fc.record({
  model: anyModel,
  strategy: fc.constantFrom(...spreading),
  shards: fc.integer({ min: 2, max: 12 }),
  seed: fc.nat(10),
  effort: fc.constant({ evaluationsPerPiece: 1000, highsNodes: 20 }),
});

const largestBytes = (given: Model) => Math.max(...tablesOf(given).map(({ table }) => table.sizeBytes));

spread('by every strategy, whatever the model, where there is room', async () => {
  const splits = fc.record({
    rows: fc.integer({ min: 0, max: 3 }),
    slices: fc.array(fc.integer({ min: 2, max: 16 }), { maxLength: 3 }),
    headroom: fc.constantFrom(1.5, 4, 100),
  });
  await fc.assert(
    fc.asyncProperty(anyCase, splits, async ({ model: drawn, ...given }, { rows, slices, headroom }) => {
      const shares = divideShards(tablesOf(drawn), given.shards);
      const names = tablesOf(drawn)
        .filter(
          ({ net }) => given.strategy !== 'nsbp' || shares.find((share) => share.net === net)!.shards > 1,
        )
        .map(({ table }) => table.name);
      const request: ShardingRequest = {
        ...given,
        capacityBytesPerShard: headroom * (modelBytes(drawn) / given.shards + largestBytes(drawn)),
        rowWise: names.slice(0, rows),
        columnWise: Object.fromEntries(
          names.slice(rows, rows + slices.length).map((name, index) => [name, slices[index]]),
        ),
      };
      checkSpread(await shardTables(drawn, request), drawn, request);
    }),
    { numRuns: 300 },
  );
});

spread('by every strategy when a table is split because it is larger than a shard', async () => {
  let split = 0;
  await fc.assert(
    fc.asyncProperty(anyCase, async ({ model: drawn, ...given }) => {
      const largest = largestBytes(drawn);
      const capacityBytesPerShard = Math.max(0.4 * largest, (2 * modelBytes(drawn)) / given.shards);
      const request = { ...given, capacityBytesPerShard };
      try {
        checkSpread(await shardTables(drawn, request), drawn, request);
        if (largest > capacityBytesPerShard) split++;
      } catch (error) {
        if (!(error instanceof CapacityError)) throw error;
      }
    }),
    { numRuns: 200, seed: 3 },
  );
  assert.ok(split > 20, `only ${split} cases split a table`);
});

spread('more slices than shards: as many on each as must be', () => {
  for (const strategy of ['load-balanced', 'random', 'nsbp'] as const) {
    const request = { strategy, shards: 3, capacityBytesPerShard: 1e9, columnWise: { c: 9 } };
    assert.equal(partsOn(shardTables(model, request), 2), [3, 3, 3], strategy);
  }
});

spread('where memory leaves room on one shard only, parts lie together rather than nowhere', async () => {
  // Two tables of 900 rows fill their shards but for 100 rows; the halves of 'c' take 125 rows each.
  const full = modelOf([
    tableOf({ name: 'a', numEmbeddings: 900 }),
    tableOf({ name: 'b', numEmbeddings: 900 }),
    tableOf({ name: 'c', numEmbeddings: 250 }),
  ]);
  for (const strategy of spreading) {
    const request = { strategy, shards: 3, capacityBytesPerShard: 1000 * 128, columnWise: { c: 2 } };
    const placement = await shardTables(full, request);
    validatePlacement(placement, full);
    for (const pieces of placement.shards) {
      const tables = tablesOf(full);
      const bytes = pieces.reduce((sum, piece) => sum + pieceBytes(piece, tables[piece.table].table), 0);
      assert.ok(bytes <= request.capacityBytesPerShard);
    }
  }
});

/** Tables of so many rows of 128 bytes, and a table c of two column halves. */
const rowsOf = (sizes: number[], halves: number, busiest = 1) =>
  modelOf([
    ...sizes.map((numEmbeddings, index) =>
      tableOf({ name: `t${index}`, numEmbeddings, poolingFactor: index === 0 ? busiest : 1 }),
    ),
    tableOf({ name: 'c', numEmbeddings: 2 * halves }),
  ]);

spread('an order that crowds parts gives way to one that does not', () => {
  // Largest first leaves 50 and 250 rows for the halves; best fit leaves 150 on both shards.
  const tight = rowsOf([300, 300, 200, 200, 200], 120);
  const request = { strategy: 'size-greedy', shards: 2, columnWise: { c: 2 } } as const;
  assert.equal(partsOn(shardTables(tight, { ...request, capacityBytesPerShard: 750 * 128 }), 5), [1, 1]);
});

spread('parts go first where every other order crowds them', () => {
  // Most pooling first and largest first keep the busiest table's shard for the last; best fit fills the first.
  const tight = rowsOf([500, 400, 300, 300, 200, 100], 90, 100);
  const request = { strategy: 'load-balanced', shards: 2, columnWise: { c: 2 } } as const;
  assert.equal(partsOn(shardTables(tight, { ...request, capacityBytesPerShard: 1050 * 128 }), 6), [1, 1]);
});

spread.run();
