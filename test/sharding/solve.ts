import * as assert from 'uvu/assert';
import type { Model } from '../../models/model.ts';
import type { PieceCost } from '../../sim/sharding/pieces.ts';
import type { SearchEffort } from '../../sim/sharding/request.ts';
import { shardTables } from '../../sim/sharding/shard-tables.ts';
import { placementStatistics } from '../../sim/sharding/statistics.ts';
import { validatePlacement } from '../../sim/sharding/validate-placement.ts';
import { modelOf, tableOf } from './test-models.ts';

/** Effort that proves: no gap is good enough. */
export const thorough: Partial<SearchEffort> = { targetGap: 0, evaluationsPerPiece: 5000, highsNodes: 1000 };

/** A model with given times (s) by net and table, and given rows of 9 bytes, or one row each. */
export function timed(times: number[][], sizes?: number[][]): { model: Model; pieceCostS: PieceCost } {
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

export async function solve(given: ReturnType<typeof timed>, shards: number, capacityBytesPerShard = 1e12) {
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

/** Asserts equality up to a relative difference. */
export const near = (actual: number, expected: number, relative = 1e-6) =>
  assert.ok(Math.abs(actual - expected) <= relative * expected, `${actual} is not ${expected}`);
