import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Instance } from '../../sim/sharding/assignment.ts';
import { CapacityError } from '../../sim/sharding/capacity-error.ts';
import { lowerBoundsS } from '../../sim/sharding/lower-bound.ts';
import { partsOf } from '../../sim/sharding/parts.ts';
import { defaultPieceCost } from '../../sim/sharding/pieces.ts';
import { tablesOf } from '../../sim/sharding/placement.ts';
import { shardTables } from '../../sim/sharding/shard-tables.ts';
import { splitTables } from '../../sim/sharding/split-tables.ts';
import { near, solve, thorough, timed } from './solve.ts';
import { modelBytes, modelOf, tableOf } from './test-models.ts';

const optimum = suite('sharding: optimum');

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

optimum('the lower bound is at most the optimum', () => {
  fc.assert(
    fc.property(tiny, ({ instance }) => {
      const least = bruteForce(instance);
      if (least === undefined) return;
      const bound = lowerBoundsS(instance).reduce((sum, value) => sum + value, 0);
      assert.ok(bound <= least * (1 + 1e-12), `bound ${bound} above optimum ${least}`);
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

optimum('the lower bound is at most the optimum with the parts of a table spread', () => {
  fc.assert(
    fc.property(tiny, fc.integer({ min: 2, max: 6 }), (whole, parts) => {
      const instance = withSplit(whole.instance, parts);
      const least = bruteForce(instance);
      if (least === undefined) return;
      const bound = lowerBoundsS(instance).reduce((sum, value) => sum + value, 0);
      assert.ok(bound <= least * (1 + 1e-12), `bound ${bound} above optimum ${least}`);
    }),
    { numRuns: 400 },
  );
});

optimum('parts on every shard leave the rest to be balanced', () => {
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

optimum('finds the optimum of tiny instances and proves it with split tables', async () => {
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
      const least = bruteForce({
        timeS: Float64Array.from(pieces, ({ piece }) => cost(piece)),
        sizeBytes: Float64Array.from(pieces, ({ sizeBytes }) => sizeBytes),
        net: new Int32Array(pieces.length),
        nets: 1,
        shards,
        capacityBytes: 1e9,
        ...partsOf(pieces, shards),
      });
      const { quality } = await shardTables(model, request);
      near(quality!.objectiveS, least!);
      assert.ok(quality!.gap < 1e-6, `gap ${quality!.gap}`);
    }),
    { numRuns: 40 },
  );
});

optimum('finds the optimum of tiny instances and proves it', async () => {
  await fc.assert(
    fc.asyncProperty(tiny, async ({ given, instance }) => {
      const least = bruteForce(instance);
      try {
        const quality = await solve(given, instance.shards, instance.capacityBytes);
        near(quality.objectiveS, least!);
        assert.ok(quality.lowerBoundS <= least! * (1 + 1e-9));
        assert.ok(quality.gap < 1e-6, `gap ${quality.gap}`);
      } catch (error) {
        // Memory to the last byte: the greedies may find no room where there is some.
        if (!(error instanceof CapacityError)) throw error;
      }
    }),
    { numRuns: 60 },
  );
});

optimum.run();
