import { RandomStream } from '../../foundation/random.ts';
import { type Parts, partsOf } from './parts.ts';
import type { SizedPiece } from './pieces.ts';

/** The pieces of each shard, and those for which no shard had room. */
export interface Packing {
  shards: SizedPiece[][];
  unplaced: SizedPiece[];
  /** Parts that lie with more parts of their table than need be, for want of memory elsewhere. */
  crowded: number;
}

/** Shards of equal memory. */
export interface Shards {
  count: number;
  capacityBytes: number;
}

/**
 * The reference greedy: pieces by descending cost, each to the shard with the smallest cost sum that still
 * has room, ties to the shard with fewer bytes. Parts of one table go to different shards. Where memory is so
 * tight that this order gets stuck, pieces go by descending size instead, then by best fit; and where that
 * crowds parts of one table, parts go first.
 * Source: github.com/daochenzha/dreamshard (greedy baselines); parts and fallbacks are ours.
 */
export function packGreedily(pieces: readonly SizedPiece[], costs: Float64Array, shards: Shards): Packing {
  const leastCost = (): Preference => {
    const sums = new Float64Array(shards.count);
    return {
      rank: (shard) => sums[shard],
      placed: (shard, index) => {
        sums[shard] += costs[index];
      },
    };
  };
  return firstThatFits(pieces, shards, descending(costs), leastCost);
}

/** Each piece to a shard drawn uniformly from those with room; largest first only if that gets stuck. */
export function packRandomly(pieces: readonly SizedPiece[], shards: Shards, seed: number): Packing {
  const stream = new RandomStream(seed);
  const draw = { rank: () => stream.uniform() };
  return firstThatFits(pieces, shards, Uint32Array.from(pieces.keys()), () => draw);
}

/** Adds pieces to shards that hold others already: largest first, each to the shard with the fewest bytes. */
export function packOnto(
  held: readonly SizedPiece[][],
  pieces: readonly SizedPiece[],
  capacityBytes: number,
): Packing {
  const shards = { count: held.length, capacityBytes };
  return fill(pieces, partsOf(pieces, held.length), bySize(pieces), shards, { rank: () => 0 }, held);
}

/** How `fill` chooses among the shards with room: the lowest rank, then the fewest bytes, then the first. */
interface Preference {
  rank(shard: number, usedBytes: Float64Array): number;
  placed?(shard: number, index: number): void;
}

const bestFit: Preference = { rank: (shard, usedBytes) => -usedBytes[shard] };

/** Shards with no more parts of the same table than must be come before all preference. */
function fill(
  pieces: readonly SizedPiece[],
  { splitOf, mostTogether }: Parts,
  order: Iterable<number>,
  { count, capacityBytes }: Shards,
  preference: Preference,
  held: readonly SizedPiece[][] = [],
): Packing {
  const shards = Array.from({ length: count }, (_, shard) => [...(held[shard] ?? [])]);
  const usedBytes = Float64Array.from(shards, bytesOf);
  const together = new Int32Array(mostTogether.length * count);
  const unplaced: SizedPiece[] = [];
  let crowded = 0;
  for (const index of order) {
    const { sizeBytes } = pieces[index];
    const split = splitOf[index];
    let chosen = -1;
    let fewest = Infinity;
    let lowest = Infinity;
    for (let shard = 0; shard < count; shard++) {
      if (usedBytes[shard] + sizeBytes > capacityBytes) continue;
      const excess = split < 0 ? 0 : Math.max(0, together[split * count + shard] + 1 - mostTogether[split]);
      const rank = preference.rank(shard, usedBytes);
      const better = rank < lowest || (rank === lowest && usedBytes[shard] < usedBytes[chosen]);
      if (chosen < 0 || excess < fewest || (excess === fewest && better)) {
        chosen = shard;
        fewest = excess;
        lowest = rank;
      }
    }
    if (chosen < 0) {
      unplaced.push(pieces[index]);
      continue;
    }
    shards[chosen].push(pieces[index]);
    usedBytes[chosen] += sizeBytes;
    if (split >= 0) together[split * count + chosen]++;
    if (fewest > 0) crowded++;
    preference.placed?.(chosen, index);
  }
  return { shards, unplaced, crowded };
}

/**
 * The first packing that leaves nothing over and crowds no table, else the one that leaves the fewest bytes,
 * then crowds the fewest parts.
 * @param preferred the order tried first
 * @param preference made anew for each order, since it may count what was placed
 */
function firstThatFits(
  pieces: readonly SizedPiece[],
  shards: Shards,
  preferred: Uint32Array,
  preference: () => Preference,
): Packing {
  const parts = partsOf(pieces, shards.count);
  const sizes = bySize(pieces);
  const attempt = (order: Iterable<number>, by: Preference) => () => fill(pieces, parts, order, shards, by);
  const attempts = [attempt(preferred, preference()), attempt(sizes, preference()), attempt(sizes, bestFit)];
  if (parts.mostTogether.length > 0) {
    const splitFirst = [true, false].flatMap((wanted) =>
      Array.from(sizes).filter((index) => parts.splitOf[index] >= 0 === wanted),
    );
    attempts.push(attempt(splitFirst, preference()), attempt(splitFirst, bestFit));
  }
  let closest: Packing | undefined;
  for (const pack of attempts) {
    const packing = pack();
    if (packing.unplaced.length === 0 && packing.crowded === 0) return packing;
    if (!closest || isCloser(packing, closest)) closest = packing;
  }
  return closest!;
}

function isCloser(a: Packing, b: Packing): boolean {
  const difference = bytesOf(a.unplaced) - bytesOf(b.unplaced);
  return difference < 0 || (difference === 0 && a.crowded < b.crowded);
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
