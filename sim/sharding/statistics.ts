import type { Model } from '../../models/model.ts';
import { defaultPieceCost, type PieceCost, pieceBytes, pieceLookups } from './pieces.ts';
import { type Placement, tablesOf } from './placement.ts';

/** What one sparse shard holds and is expected to do. */
export interface ShardStatistics {
  pieces: number;
  sizeBytes: number;
  /** Expected lookups for each candidate of a batch. */
  lookupsPerCandidate: number;
  /** Expected lookups for the user of a batch. */
  lookupsPerUser: number;
  /** Expected sparse operator time of a typical batch, in seconds, by net. */
  timeByNetS: number[];
  /** Sum over the nets, in seconds. */
  timeS: number;
}

/** How a quantity varies over the shards. Imbalance is max / mean: 1 when even. */
export interface Spread {
  min: number;
  max: number;
  mean: number;
  imbalance: number;
}

export interface PlacementStatistics {
  shards: ShardStatistics[];
  sizeBytes: Spread;
  lookupsPerCandidate: Spread;
  lookupsPerUser: Spread;
  timeS: Spread;
  /** Sum over nets of the slowest shard's time, in seconds: nets run in sequence. */
  boundingTimeS: number;
}

/**
 * Sizes, lookups and times of a valid placement, by shard and over the shards.
 * @param pieceCostS expected time of a piece per typical batch, in seconds
 */
export function placementStatistics(
  placement: Placement,
  model: Model,
  pieceCostS: PieceCost = defaultPieceCost(model),
): PlacementStatistics {
  const tables = tablesOf(model);
  const shards = placement.shards.map((pieces): ShardStatistics => {
    const shard = {
      pieces: pieces.length,
      sizeBytes: 0,
      lookupsPerCandidate: 0,
      lookupsPerUser: 0,
      timeS: 0,
    };
    const timeByNetS = model.nets.map(() => 0);
    for (const piece of pieces) {
      const { table, net } = tables[piece.table];
      const { perCandidate, perUser } = pieceLookups(piece, table);
      const seconds = pieceCostS(piece);
      shard.sizeBytes += pieceBytes(piece, table);
      shard.lookupsPerCandidate += perCandidate;
      shard.lookupsPerUser += perUser;
      shard.timeS += seconds;
      timeByNetS[net] += seconds;
    }
    return { ...shard, timeByNetS };
  });
  const slowest = model.nets.map((_, net) => Math.max(0, ...shards.map(({ timeByNetS }) => timeByNetS[net])));
  return {
    shards,
    sizeBytes: spreadOf(shards.map(({ sizeBytes }) => sizeBytes)),
    lookupsPerCandidate: spreadOf(shards.map(({ lookupsPerCandidate }) => lookupsPerCandidate)),
    lookupsPerUser: spreadOf(shards.map(({ lookupsPerUser }) => lookupsPerUser)),
    timeS: spreadOf(shards.map(({ timeS }) => timeS)),
    boundingTimeS: slowest.reduce((sum, seconds) => sum + seconds, 0),
  };
}

/** The spread of some values; all 0, with imbalance 1, when there are none or all are 0. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) return { min: 0, max: 0, mean: 0, imbalance: 1 };
  const min = Math.min(...values);
  const max = Math.max(...values);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { min, max, mean, imbalance: mean === 0 ? 1 : max / mean };
}
