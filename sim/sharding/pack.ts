import { RandomStream } from '../../foundation/random.ts';
import type { SizedPiece } from './pieces.ts';

/** The pieces of each shard, and those for which no shard had room. */
export interface Packing {
  shards: SizedPiece[][];
  unplaced: SizedPiece[];
}

/** Shards of equal memory. */
export interface Shards {
  count: number;
  capacityBytes: number;
}

/**
 * The reference greedy: pieces by descending cost, each to the shard with the smallest cost sum that still
 * has room, ties to the shard with fewer bytes. Where memory is so tight that this order gets stuck, pieces
 * go by descending size instead, and last by best fit.
 * Source: github.com/daochenzha/dreamshard (greedy baselines); the fallbacks are ours.
 */
export function packGreedily(pieces: readonly SizedPiece[], costs: Float64Array, shards: Shards): Packing {
  const sums = new Float64Array(shards.count);
  const leastCost = {
    rank: (shard: number) => sums[shard],
    placed: (shard: number, index: number) => {
      sums[shard] += costs[index];
    },
  };
  const byCost = descending(costs);
  const attempts = [
    () => fill(pieces, byCost, shards, leastCost),
    () => fill(pieces, bySize(pieces), shards, leastCost),
    () => fill(pieces, bySize(pieces), shards, bestFit),
  ];
  return firstThatFits(attempts, () => sums.fill(0));
}

/** Each piece to a shard drawn uniformly from those with room; largest first only if that gets stuck. */
export function packRandomly(pieces: readonly SizedPiece[], shards: Shards, seed: number): Packing {
  const stream = new RandomStream(seed);
  const draw = { rank: () => stream.uniform() };
  return firstThatFits([
    () => fill(pieces, pieces.keys(), shards, draw),
    () => fill(pieces, bySize(pieces), shards, draw),
    () => fill(pieces, bySize(pieces), shards, bestFit),
  ]);
}

/** How `fill` chooses among the shards with room: the lowest rank, then the fewest bytes, then the first. */
interface Preference {
  rank(shard: number, usedBytes: Float64Array): number;
  placed?(shard: number, index: number): void;
}

const bestFit: Preference = { rank: (shard, usedBytes) => -usedBytes[shard] };

function fill(
  pieces: readonly SizedPiece[],
  order: Iterable<number>,
  { count, capacityBytes }: Shards,
  preference: Preference,
): Packing {
  const shards: SizedPiece[][] = Array.from({ length: count }, () => []);
  const unplaced: SizedPiece[] = [];
  const usedBytes = new Float64Array(count);
  for (const index of order) {
    const { sizeBytes } = pieces[index];
    let chosen = -1;
    let lowest = Infinity;
    for (let shard = 0; shard < count; shard++) {
      if (usedBytes[shard] + sizeBytes > capacityBytes) continue;
      const rank = preference.rank(shard, usedBytes);
      const better = rank < lowest || (rank === lowest && usedBytes[shard] < usedBytes[chosen]);
      if (chosen < 0 || better) {
        chosen = shard;
        lowest = rank;
      }
    }
    if (chosen < 0) {
      unplaced.push(pieces[index]);
      continue;
    }
    shards[chosen].push(pieces[index]);
    usedBytes[chosen] += sizeBytes;
    preference.placed?.(chosen, index);
  }
  return { shards, unplaced };
}

/** The first packing that leaves nothing over, else the one that leaves the fewest bytes. */
function firstThatFits(attempts: (() => Packing)[], reset?: () => void): Packing {
  let closest: Packing | undefined;
  for (const attempt of attempts) {
    reset?.();
    const packing = attempt();
    if (packing.unplaced.length === 0) return packing;
    if (!closest || bytesOf(packing.unplaced) < bytesOf(closest.unplaced)) closest = packing;
  }
  return closest!;
}

/** Total size of some pieces, in bytes. */
export function bytesOf(pieces: readonly SizedPiece[]): number {
  return pieces.reduce((sum, piece) => sum + piece.sizeBytes, 0);
}

function bySize(pieces: readonly SizedPiece[]): Uint32Array {
  return descending(Float64Array.from(pieces, (piece) => piece.sizeBytes));
}

/** Indices by descending value; equal values keep their order. */
export function descending(values: Float64Array): Uint32Array {
  return Uint32Array.from(values.keys()).sort((a, b) => values[b] - values[a] || a - b);
}
