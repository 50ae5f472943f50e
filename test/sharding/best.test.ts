import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Model } from '../../models/model.ts';
import type { Instance } from '../../sim/sharding/assignment.ts';
import { CapacityError } from '../../sim/sharding/capacity-error.ts';
import { lowerBoundsS } from '../../sim/sharding/lower-bound.ts';
import { partsOf } from '../../sim/sharding/parts.ts';
import { defaultPieceCost, type PieceCost, pieceBytes } from '../../sim/sharding/pieces.ts';
import { tablesOf } from '../../sim/sharding/placement.ts';
import type { SearchEffort } from '../../sim/sharding/request.ts';
import { shardTables } from '../../sim/sharding/shard-tables.ts';
import { splitTables } from '../../sim/sharding/split-tables.ts';
import { placementStatistics } from '../../sim/sharding/statistics.ts';
import { validatePlacement } from '../../sim/sharding/validate-placement.ts';
import { modelBytes, modelOf, syntheticModel, tableOf } from './test-models.ts';

const best = suite('sharding: best');

/** Effort that proves: no gap is good enough. */
const thorough: Partial<SearchEffort> = { targetGap: 0, evaluationsPerPiece: 5000, highsNodes: 1000 };

/** A model with given times (s) by net and table, and given rows of 9 bytes, or one row each. */
function timed(times: number[][], sizes?: number[][]): { model: Model; pieceCostS: PieceCost } {
  const flat = times.flat();
  const model = modelOf(
    ...times.map((own, net) =>
      own.map((_, index) =>
        tableOf({
          name: `${net}.${index}`,
          embeddingDim: 1,
          dataType: 'int8',
          numEmbeddings: sizes?.[net][index] ?? 1,
        }),
      ),
    ),
  );
  return { model, pieceCostS: ({ table }) => flat[table] };
}

async function solve(given: ReturnType<typeof timed>, shards: number, capacityBytesPerShard = 1e12) {
  const placement = await shardTables(given.model, {
    strategy: 'best',
    shards,
    capacityBytesPerShard,
    pieceCostS: given.pieceCostS,
    effort: thorough,
  });
  validatePlacement(placement, given.model);
  const { boundingTimeS } = placementStatistics(placement, given.model, given.pieceCostS);
  assert.ok(Math.abs(boundingTimeS - placement.quality!.objectiveS) <= 1e-9 * boundingTimeS);
  return placement.quality!;
}

const near = (actual: number, expected: number, relative = 1e-6) =>
  assert.ok(Math.abs(actual - expected) <= relative * expected, `${actual} is not ${expected}`);

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

/** The optimum by trying everything; undefined when nothing fits. */
function bruteForce(instance: Instance): number | undefined {
  const { timeS, sizeBytes, net, nets, shards, capacityBytes, splitOf, mostTogether } = instance;
  const loads = new Float64Array(nets * shards);
  const together = mostTogether.length > 0 ? new Int32Array(mostTogether.length * shards) : undefined;
  const used = new Float64Array(shards);
  let lowest: number | undefined;
  const place = (piece: number) => {
    if (piece === timeS.length) {
      let sum = 0;
      for (let n = 0; n < nets; n++) sum += Math.max(...loads.subarray(n * shards, (n + 1) * shards));
      lowest = Math.min(lowest ?? Infinity, sum);
      return;
    }
    for (let shard = 0; shard < shards; shard++) {
      if (used[shard] + sizeBytes[piece] > capacityBytes) continue;
      const split = splitOf[piece];
      if (together && split >= 0) {
        if (together[split * shards + shard] === mostTogether[split]) continue;
        together[split * shards + shard]++;
      }
      used[shard] += sizeBytes[piece];
      loads[net[piece] * shards + shard] += timeS[piece];
      place(piece + 1);
      used[shard] -= sizeBytes[piece];
      loads[net[piece] * shards + shard] -= timeS[piece];
      if (together && split >= 0) together[split * shards + shard]--;
    }
  };
  place(0);
  return lowest;
}

const tiny = fc
  .record({
    nets: fc.integer({ min: 1, max: 2 }),
    pieces: fc.array(
      fc.record({
        timeS: fc.oneof(fc.integer({ min: 0, max: 6 }), fc.double({ min: 0.01, max: 5, noNaN: true })),
        rows: fc.integer({ min: 1, max: 20 }),
        net: fc.nat(1),
      }),
      { minLength: 1, maxLength: 7 },
    ),
    shards: fc.integer({ min: 1, max: 3 }),
    headroom: fc.constantFrom(1, 1.1, 1.5, 5),
  })
  .map(({ nets, pieces, shards, headroom }) => {
    const ordered = Array.from({ length: nets }, (_, n) => pieces.filter(({ net }) => net % nets === n));
    const given = timed(
      ordered.map((own) => own.map(({ timeS }) => timeS)),
      ordered.map((own) => own.map(({ rows }) => rows)),
    );
    const tables = tablesOf(given.model);
    const largest = Math.max(...tables.map(({ table }) => table.sizeBytes));
    const instance: Instance = {
      timeS: Float64Array.from(ordered.flat(), ({ timeS }) => timeS),
      sizeBytes: Float64Array.from(tables, ({ table }) => table.sizeBytes),
      net: Int32Array.from(tables, ({ net }) => net),
      nets,
      shards,
      capacityBytes: Math.max(largest, Math.ceil((modelBytes(given.model) / shards) * headroom)),
      splitOf: new Int32Array(tables.length).fill(-1),
      mostTogether: new Int32Array(0),
    };
    return { given, instance };
  });

best('the lower bound is at most the optimum', () => {
  fc.assert(
    fc.property(tiny, ({ instance }) => {
      const optimum = bruteForce(instance);
      if (optimum === undefined) return;
      const bound = lowerBoundsS(instance).reduce((sum, value) => sum + value, 0);
      assert.ok(bound <= optimum * (1 + 1e-12), `bound ${bound} above optimum ${optimum}`);
    }),
    { numRuns: 400 },
  );
});

/** The instance with its first pieces, as far as they are of one net, made the parts of a table. */
function withSplit(instance: Instance, wanted: number): Instance {
  const parts = Math.min(wanted, instance.net.filter((net) => net === instance.net[0]).length);
  return {
    ...instance,
    splitOf: instance.splitOf.map((_, piece) => (piece < parts ? 0 : -1)),
    mostTogether: Int32Array.of(Math.ceil(parts / instance.shards)),
  };
}

best('the lower bound is at most the optimum with the parts of a table spread', () => {
  fc.assert(
    fc.property(tiny, fc.integer({ min: 2, max: 6 }), (whole, parts) => {
      const instance = withSplit(whole.instance, parts);
      const optimum = bruteForce(instance);
      if (optimum === undefined) return;
      const bound = lowerBoundsS(instance).reduce((sum, value) => sum + value, 0);
      assert.ok(bound <= optimum * (1 + 1e-12), `bound ${bound} above optimum ${optimum}`);
    }),
    { numRuns: 400 },
  );
});

best('parts on every shard leave the rest to be balanced', () => {
  const instance: Instance = {
    timeS: Float64Array.of(5, 5, 5, 7, 1),
    sizeBytes: new Float64Array(5).fill(1),
    net: new Int32Array(5),
    nets: 1,
    shards: 3,
    capacityBytes: 100,
    splitOf: Int32Array.of(0, 0, 0, -1, -1),
    mostTogether: Int32Array.of(1),
  };
  near(lowerBoundsS(instance)[0], 12);
});

best('finds the optimum of tiny instances and proves it with split tables', async () => {
  const drawn = fc.record({
    rows: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
    pooling: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 5, maxLength: 5 }),
    slices: fc.integer({ min: 2, max: 3 }),
    shards: fc.integer({ min: 2, max: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(drawn, async ({ rows, pooling, slices, shards }) => {
      const names = ['by-rows', 'by-columns', ...rows.map((_, index) => `whole-${index}`)];
      const model = modelOf(
        names.map((name, index) =>
          tableOf({ name, numEmbeddings: 4 + (rows[index - 2] ?? 0), poolingFactor: pooling[index] }),
        ),
      );
      const request = {
        strategy: 'best',
        shards,
        capacityBytesPerShard: 1e9,
        rowWise: ['by-rows'],
        columnWise: { 'by-columns': slices },
        effort: thorough,
      } as const;
      const pieces = splitTables(tablesOf(model), request);
      const cost = defaultPieceCost(model);
      const optimum = bruteForce({
        timeS: Float64Array.from(pieces, ({ piece }) => cost(piece)),
        sizeBytes: Float64Array.from(pieces, ({ sizeBytes }) => sizeBytes),
        net: new Int32Array(pieces.length),
        nets: 1,
        shards,
        capacityBytes: 1e9,
        ...partsOf(pieces, shards),
      });
      const { quality } = await shardTables(model, request);
      near(quality!.objectiveS, optimum!);
      assert.ok(quality!.gap < 1e-6, `gap ${quality!.gap}`);
    }),
    { numRuns: 40 },
  );
});

best('finds the optimum of tiny instances and proves it', async () => {
  await fc.assert(
    fc.asyncProperty(tiny, async ({ given, instance }) => {
      const optimum = bruteForce(instance);
      try {
        const quality = await solve(given, instance.shards, instance.capacityBytes);
        near(quality.objectiveS, optimum!);
        assert.ok(quality.lowerBoundS <= optimum! * (1 + 1e-9));
        assert.ok(quality.gap < 1e-6, `gap ${quality.gap}`);
      } catch (error) {
        // Memory to the last byte: the greedies may find no room where there is some.
        if (!(error instanceof CapacityError)) throw error;
      }
    }),
    { numRuns: 60 },
  );
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
