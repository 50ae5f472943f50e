import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CapacityError } from '../../sim/sharding/capacity-error.ts';
import { type PieceCost, pieceBytes } from '../../sim/sharding/pieces.ts';
import { tablesOf } from '../../sim/sharding/placement.ts';
import { shardTables } from '../../sim/sharding/shard-tables.ts';
import { placementStatistics } from '../../sim/sharding/statistics.ts';
import { validatePlacement } from '../../sim/sharding/validate-placement.ts';
import { near, solve, timed } from './solve.ts';
import { modelBytes, modelOf, syntheticModel, tableOf } from './test-models.ts';

const best = suite('sharding: best');

best('equal pieces: ⌈n / shards⌉ of them bound', async () => {
  for (const [n, shards] of [
    [7, 3],
    [64, 8],
    [65, 8],
  ]) {
    const { objectiveS, gap } = await solve(timed([Array(n).fill(2e-6)]), shards);
    near(objectiveS, 2e-6 * Math.ceil(n / shards));
    assert.ok(gap < 1e-8);
  }
});

best('one giant piece bounds, and a split relieves it', async () => {
  const { objectiveS, gap } = await solve(timed([[100, 1, 2, 3, 4, 5]]), 4);
  assert.is(objectiveS, 100);
  assert.ok(gap < 1e-8);
  const model = modelOf([tableOf({ name: 'giant', poolingFactor: 1000 }), tableOf({ name: 'small' })]);
  const request = { strategy: 'best', shards: 4, capacityBytesPerShard: 1e9 } as const;
  const whole = await shardTables(model, request);
  const split = await shardTables(model, { ...request, rowWise: ['giant'] });
  assert.ok(split.quality!.objectiveS < whole.quality!.objectiveS / 3.9);
});

best('longest first is not optimal, best is', async () => {
  // Graham's example: longest first reaches 7 on two shards, 3 + 3 against 2 + 2 + 2 is 6.
  assert.is((await solve(timed([[3, 3, 2, 2, 2]]), 2)).objectiveS, 6);
});

best('nets are balanced each by itself', async () => {
  const { objectiveS } = await solve(
    timed([
      [4, 4],
      [1, 1],
    ]),
    2,
  );
  assert.is(objectiveS, 5);
});

best('memory can force an uneven load', async () => {
  // 4, 4 and 7 rows on shards of 10: the two slow tables fit together, no other pair does.
  const given = timed([[5, 5, 1]], [[4, 4, 7]]);
  assert.is((await solve(given, 2, 10 * 9)).objectiveS, 10);
});

best('nothing to do takes no time', async () => {
  const { objectiveS, gap } = await solve(timed([[0, 0]]), 2);
  assert.equal([objectiveS, gap], [0, 0]);
});

best('is never worse than a greedy, keeps its bound, and repeats itself', async () => {
  const greedies = [
    'capacity-balanced',
    'load-balanced',
    'size-greedy',
    'lookup-greedy',
    'size-lookup-greedy',
    'dim-greedy',
  ] as const;
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        tables: fc.integer({ min: 5, max: 80 }),
        nets: fc.constantFrom(1, 2),
        maxPooling: fc.constantFrom(1, 20, 200),
        seed: fc.nat(100),
      }),
      fc.integer({ min: 2, max: 10 }),
      fc.constantFrom(1.1, 2),
      async (shape, shards, headroom) => {
        const model = syntheticModel(shape);
        const capacityBytesPerShard = (modelBytes(model) / shards) * headroom;
        const effort = { evaluationsPerPiece: 2000, highsVariables: 0 };
        const request = { strategy: 'best', shards, capacityBytesPerShard, effort } as const;
        const placement = await shardTables(model, request).catch((error) => {
          if (error instanceof CapacityError) return undefined;
          throw error;
        });
        if (!placement) return;
        validatePlacement(placement, model);
        const { objectiveS, lowerBoundS, gap } = placement.quality!;
        const own = placementStatistics(placement, model);
        near(own.boundingTimeS, objectiveS, 1e-9);
        assert.ok(own.sizeBytes.max <= capacityBytesPerShard);
        assert.ok(lowerBoundS <= objectiveS && gap >= 0);
        for (const strategy of greedies) {
          try {
            const greedy = shardTables(model, { ...request, strategy });
            const { boundingTimeS } = placementStatistics(greedy, model);
            assert.ok(objectiveS <= boundingTimeS * (1 + 1e-9), `${strategy} beats best`);
          } catch (error) {
            if (!(error instanceof CapacityError)) throw error;
          }
        }
        assert.equal(await shardTables(model, request), placement);
      },
    ),
    { numRuns: 40 },
  );
});

best('comes within its promised distance of the bound on large models', async () => {
  const sizes = [
    { tables: 500, shards: 64, promised: 0.01 },
    { tables: 1000, shards: 8, promised: 0.005 },
  ];
  for (const { tables, shards, promised } of sizes) {
    for (const nets of [1, 2]) {
      const model = syntheticModel({ tables, nets });
      const bytes = tablesOf(model).map(({ table }) => pieceBytes({ table: 0, split: 'table' }, table));
      const costs: (PieceCost | undefined)[] = [
        undefined,
        ({ table }) => 1e-6 * (1 + (table % 97) / 97),
        ({ table }) => 1e-9 * Math.sqrt(bytes[table]) * (1 + (table % 7) / 7),
        ({ table }) => 1e-6 * (1 + (table % 3)),
      ];
      for (const pieceCostS of costs) {
        const { quality } = await shardTables(model, {
          strategy: 'best',
          shards,
          capacityBytesPerShard: (modelBytes(model) / shards) * 1.1,
          ...(pieceCostS ? { pieceCostS } : {}),
        });
        assert.ok(quality!.gap <= promised, `${tables} × ${shards}, nets ${nets}: gap ${quality!.gap}`);
      }
    }
  }
});

best('comes as close with some tables split', async () => {
  for (const [tables, shards, promised] of [
    [500, 64, 0.01],
    [1000, 8, 0.005],
  ]) {
    for (const nets of [1, 2]) {
      const model = syntheticModel({ tables, nets });
      const names = tablesOf(model).map(({ table }) => table.name);
      const { quality } = await shardTables(model, {
        strategy: 'best',
        shards,
        capacityBytesPerShard: (modelBytes(model) / shards) * 1.1,
        rowWise: names.filter((_, index) => index % 50 === 0),
        columnWise: Object.fromEntries(names.filter((_, index) => index % 50 === 1).map((name) => [name, 4])),
      });
      assert.ok(quality!.gap <= promised, `${tables} × ${shards}, nets ${nets}: gap ${quality!.gap}`);
    }
  }
});

best('refuses a cost that is no time', async () => {
  const request = { strategy: 'best', shards: 2, capacityBytesPerShard: 1e9, pieceCostS: () => NaN } as const;
  await shardTables(syntheticModel({ tables: 3 }), request).then(
    () => assert.unreachable(),
    (error) => assert.instance(error, RangeError),
  );
});

best.run();
