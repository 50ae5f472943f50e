import type { Instance } from './assignment.ts';
import { piecesBySplit } from './parts.ts';

/**
 * A time for each net that no placement can beat on its bounding shard, in seconds: the largest of
 * - the largest piece;
 * - the average over the shards;
 * - for every k, the k + 1 smallest of the k × shards + 1 largest pieces, since some shard holds k + 1 of them;
 * - the average rounded up to whole grains, where all pieces are whole multiples of one grain of time;
 * - what is left to the other shards where pieces larger than half a shard crowd out the rest;
 * - where a table has as many parts on every shard: the least of them, and such a time for the other pieces.
 * Nets run in sequence, so the sum bounds the objective.
 */
export function lowerBoundsS(instance: Instance): Float64Array {
  const { floorS, rest } = withoutFloor(instance);
  return Float64Array.from({ length: instance.nets }, (_, net) => {
    const bound = Math.max(netBound(instance, net), floorS[net] + netBound(rest, net));
    // Room for the rounding of sums, so that the bound never exceeds what it bounds.
    return bound * (1 - 1e-12);
  });
}

function netBound(instance: Instance, net: number): number {
  return Math.max(countingBound(instance, net), grainBound(instance, net), crowdedBound(instance, net));
}

/** What every shard holds for certain, by net, and the instance without it. */
function withoutFloor(instance: Instance): { floorS: Float64Array; rest: Instance } {
  const { timeS, sizeBytes, net, nets, shards, splitOf, mostTogether } = instance;
  const bySplit = piecesBySplit(instance);
  const isEven = (split: number) => split >= 0 && bySplit[split].length === mostTogether[split] * shards;
  const floorS = new Float64Array(nets);
  let floorBytes = 0;
  bySplit.forEach((parts, split) => {
    if (!isEven(split)) return;
    floorS[net[parts[0]]] += leastOf(parts, timeS, mostTogether[split]);
    floorBytes += leastOf(parts, sizeBytes, mostTogether[split]);
  });
  const isLeft = (_: number, piece: number) => !isEven(splitOf[piece]);
  const rest = {
    ...instance,
    timeS: timeS.filter(isLeft),
    sizeBytes: sizeBytes.filter(isLeft),
    net: net.filter(isLeft),
    splitOf: splitOf.filter(isLeft),
    capacityBytes: instance.capacityBytes - floorBytes,
  };
  return { floorS, rest };
}

/** Sum of the least values of some pieces, `count` of them. */
function leastOf(pieces: number[], values: Float64Array, count: number): number {
  const sorted = pieces.map((piece) => values[piece]).sort((a, b) => a - b);
  return sorted.slice(0, count).reduce((sum, value) => sum + value, 0);
}

function countingBound({ timeS, net, shards }: Instance, wanted: number): number {
  const times = timeS.filter((_, piece) => net[piece] === wanted).sort((a, b) => b - a);
  const sums = new Float64Array(times.length + 1);
  for (let i = 0; i < times.length; i++) sums[i + 1] = sums[i] + times[i];
  let bound = sums[times.length] / shards;
  for (let k = 0; k * shards < times.length; k++) {
    const last = k * shards + 1;
    bound = Math.max(bound, sums[last] - sums[last - k - 1]);
  }
  return bound;
}

/** Multiples above this leave nothing to round up. */
const mostGrains = 1e5;
const grainTolerance = 1e-9;

function grainBound({ timeS, net, shards }: Instance, wanted: number): number {
  const times = timeS.filter((time, piece) => net[piece] === wanted && time > 0);
  const longest = times.reduce((most, time) => Math.max(most, time), 0);
  let grain = 0;
  for (const time of new Set(times)) {
    grain = commonGrain(grain, time, (grainTolerance / 2) * longest);
    if (grain * mostGrains < longest) return 0;
  }
  let grains = 0;
  for (const time of times) {
    const multiple = Math.round(time / grain);
    if (Math.abs(multiple * grain - time) > grainTolerance * time) return 0;
    grains += multiple;
  }
  return Math.ceil(grains / shards) * grain * (1 - grainTolerance);
}

/** Euclid's algorithm on numbers that are multiples of one grain up to a tolerance. */
function commonGrain(a: number, b: number, tolerance: number): number {
  let [large, small] = a > b ? [a, b] : [b, a];
  while (small > tolerance) {
    const remainder = large % small;
    [large, small] = [small, Math.min(remainder, small - remainder)];
  }
  return large;
}

/**
 * No two pieces larger than half a shard share one. For any set of them, the shards that hold them take their
 * time and whatever else fits in the memory beside them, at most the pieces of most time per byte, cut where
 * need be; the other shards must take the rest. Sets are tried by how little their shards can take.
 */
function crowdedBound({ timeS, sizeBytes, net, shards, capacityBytes }: Instance, wanted: number): number {
  const pieces = Array.from(timeS.keys());
  const ownTime = (piece: number) => (net[piece] === wanted ? timeS[piece] : 0);
  const density = (piece: number) => timeS[piece] / sizeBytes[piece];
  const rest = pieces
    .filter((piece) => net[piece] === wanted && sizeBytes[piece] <= capacityBytes / 2)
    .sort((a, b) => density(b) - density(a));
  const crowded = pieces
    .filter((piece) => sizeBytes[piece] > capacityBytes / 2)
    .map((piece) => ({ timeS: ownTime(piece), roomBytes: capacityBytes - sizeBytes[piece] }))
    .map((shard) => ({ ...shard, mostS: shard.timeS + mostTimeIn(shard.roomBytes, rest, timeS, sizeBytes) }))
    .sort((a, b) => a.mostS - b.mostS);
  let leftS = pieces.reduce((sum, piece) => sum + ownTime(piece), 0);
  let roomBytes = 0;
  let bound = 0;
  for (let set = 0; set < crowded.length && set < shards - 1; set++) {
    leftS -= crowded[set].timeS;
    roomBytes += crowded[set].roomBytes;
    const elsewhereS = leftS - mostTimeIn(roomBytes, rest, timeS, sizeBytes);
    bound = Math.max(bound, elsewhereS / (shards - set - 1));
  }
  return bound;
}

/** The most time that fits in some bytes, cutting the last piece. `rest` is by descending time per byte. */
function mostTimeIn(bytes: number, rest: number[], timeS: Float64Array, sizeBytes: Float64Array): number {
  let left = bytes;
  let time = 0;
  for (const piece of rest) {
    if (sizeBytes[piece] > left) return time + (timeS[piece] * left) / sizeBytes[piece];
    left -= sizeBytes[piece];
    time += timeS[piece];
  }
  return time;
}
