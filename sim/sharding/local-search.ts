import type { RandomStream } from '../../foundation/random.ts';
import { Assignment, type Instance } from './assignment.ts';

/**
 * Iterated local search: moves and swaps that relieve the bounding shard of a net until none helps, then a
 * random exchange from there and again, keeping what is not worse. Stops at the lower bound or when its
 * effort is spent; effort is counted in moves and swaps examined, so the answer never depends on the machine.
 */
export function localSearch(
  instance: Instance,
  start: Int32Array,
  { targetS, evaluations, stream }: { targetS: number; evaluations: number; stream: RandomStream },
): Int32Array {
  const byTime = piecesByNet(instance);
  const assignment = new Assignment(instance, start);
  let left = evaluations;
  const descend = () => {
    for (const pieces of byTime) left -= relieve(assignment, pieces, left);
    return assignment.objectiveS();
  };
  let bestS = descend();
  let best = assignment.shardOf.slice();
  while (bestS > targetS && left > 0) {
    for (let kick = 1 + stream.below(3); kick > 0; kick--) {
      left -= exchange(assignment, byTime[stream.below(byTime.length)], stream);
    }
    const foundS = descend();
    if (foundS <= bestS) {
      bestS = foundS;
      best = assignment.shardOf.slice();
    }
    assignment.reset(best);
    left -= best.length;
  }
  return best;
}

/** Pieces of each net that has any, by ascending time. */
function piecesByNet({ timeS, net, nets }: Instance): Int32Array[] {
  return Array.from({ length: nets }, (_, wanted) =>
    Int32Array.from(timeS.keys())
      .filter((piece) => net[piece] === wanted)
      .sort((a, b) => timeS[a] - timeS[b] || a - b),
  ).filter((pieces) => pieces.length > 0);
}

/**
 * Steepest descent for one net: while some move or swap lowers the bounding shard without raising another as
 * far, takes the one that leaves the lower of the two best.
 * @returns moves and swaps examined
 */
function relieve(assignment: Assignment, pieces: Int32Array, limit: number): number {
  const { instance, shardOf, loadS } = assignment;
  const { timeS, sizeBytes, shards } = instance;
  const start = instance.net[pieces[0]] * shards;
  let examined = 0;
  while (examined < limit) {
    const from = assignment.boundingShard(instance.net[pieces[0]]);
    const highS = loadS[start + from];
    const smallestGain = highS * 1e-12;
    let lowestS = highS - smallestGain;
    const lowS = lowestLoad(loadS, start, shards);
    let give = -1;
    let take = -1;
    let to = -1;
    for (let rank = 0; rank < pieces.length; rank++) {
      const piece = pieces[rank];
      if (shardOf[piece] !== from) continue;
      for (let s = 0; s < shards; s++) {
        const pairS = Math.max(highS - timeS[piece], loadS[start + s] + timeS[piece]);
        if (pairS < lowestS && s !== from && assignment.hasRoom(s, sizeBytes[piece])) {
          lowestS = pairS;
          give = piece;
          take = -1;
          to = s;
        }
      }
      // Partners by growing difference: beyond the widest gap to another shard none can help.
      for (let other = rank - 1; other >= 0; other--) {
        const back = pieces[other];
        const shiftS = timeS[piece] - timeS[back];
        examined++;
        if (lowS + shiftS >= lowestS) break;
        const s = shardOf[back];
        const pairS = Math.max(highS - shiftS, loadS[start + s] + shiftS);
        if (!(pairS < lowestS) || s === from) continue;
        const bytes = sizeBytes[piece] - sizeBytes[back];
        if (!assignment.hasRoom(s, bytes) || !assignment.hasRoom(from, -bytes)) continue;
        lowestS = pairS;
        give = piece;
        take = back;
        to = s;
      }
      examined += shards;
    }
    examined += pieces.length;
    if (give < 0) break;
    assignment.move(give, to);
    if (take >= 0) assignment.move(take, from);
  }
  return examined;
}

function lowestLoad(loadS: Float64Array, start: number, shards: number): number {
  let lowest = loadS[start];
  for (let s = 1; s < shards; s++) lowest = Math.min(lowest, loadS[start + s]);
  return lowest;
}

/** Swaps a random piece of the bounding shard with a random piece elsewhere, if memory allows. */
function exchange(assignment: Assignment, pieces: Int32Array, stream: RandomStream): number {
  const { instance, shardOf } = assignment;
  const { sizeBytes } = instance;
  const from = assignment.boundingShard(instance.net[pieces[0]]);
  const own = pieces.filter((piece) => shardOf[piece] === from);
  if (own.length === 0 || own.length === pieces.length) return pieces.length;
  const piece = own[stream.below(own.length)];
  for (let tries = 0; tries < 32; tries++) {
    const other = pieces[stream.below(pieces.length)];
    const to = shardOf[other];
    const bytes = sizeBytes[piece] - sizeBytes[other];
    if (to === from || !assignment.hasRoom(to, bytes) || !assignment.hasRoom(from, -bytes)) continue;
    assignment.move(piece, to);
    assignment.move(other, from);
    break;
  }
  return pieces.length;
}
