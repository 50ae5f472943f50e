import type { RandomStream } from '../../foundation/random.ts';
import { Assignment, type Instance } from './assignment.ts';
import { piecesBySplit } from './parts.ts';

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
  if (byTime.length === 0) return start;
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

/** Movable pieces of each net that has any, by ascending time. */
function piecesByNet(instance: Instance): Int32Array[] {
  const { timeS, net, nets } = instance;
  const movable = movablePieces(instance);
  return Array.from({ length: nets }, (_, wanted) =>
    movable.filter((piece) => net[piece] === wanted).sort((a, b) => timeS[a] - timeS[b] || a - b),
  ).filter((pieces) => pieces.length > 0);
}

/** All pieces but those of tables with equal parts, as many on every shard: no change of theirs helps. */
export function movablePieces(instance: Instance): Int32Array {
  const { timeS, shards, splitOf, mostTogether } = instance;
  const isFixed = piecesBySplit(instance).map(
    (parts, split) =>
      parts.length === mostTogether[split] * shards &&
      parts.every((piece) => timeS[piece] === timeS[parts[0]]),
  );
  return Int32Array.from(timeS.keys()).filter((piece) => splitOf[piece] < 0 || !isFixed[splitOf[piece]]);
}

/** The best change found so far for a bounding shard: it gives a piece and may take one back. */
interface Change {
  /** The larger time of the two shards afterwards, in seconds; a change must get below this to be taken. */
  pairS: number;
  give: number;
  take: number;
  to: number;
  examined: number;
}

/**
 * Steepest descent for one net: while some move or swap lowers the bounding shard without raising another as
 * far, makes the one that leaves the lower of the two best.
 * @param pieces of the net, by ascending time
 * @returns moves and swaps examined
 */
function relieve(assignment: Assignment, pieces: Int32Array, limit: number): number {
  const { instance, shardOf, loadS } = assignment;
  const net = instance.net[pieces[0]];
  const loads = loadS.subarray(net * instance.shards, (net + 1) * instance.shards);
  let examined = 0;
  while (examined < limit) {
    const from = assignment.boundingShard(net);
    const change = { pairS: loads[from] * (1 - 1e-12), give: -1, take: -1, to: -1, examined: 0 };
    const lowS = lowestLoad(loads);
    for (let rank = 0; rank < pieces.length; rank++) {
      if (shardOf[pieces[rank]] !== from) continue;
      considerMoves(assignment, loads, pieces[rank], change);
      considerSwaps(assignment, loads, lowS, pieces, rank, change);
    }
    examined += pieces.length + change.examined;
    if (change.give < 0) break;
    assignment.move(change.give, change.to);
    if (change.take >= 0) assignment.move(change.take, from);
  }
  return examined;
}

function considerMoves(assignment: Assignment, loads: Float64Array, piece: number, change: Change): void {
  const { timeS, sizeBytes } = assignment.instance;
  const from = assignment.shardOf[piece];
  const lowerS = loads[from] - timeS[piece];
  for (let to = 0; to < loads.length; to++) {
    const pairS = Math.max(lowerS, loads[to] + timeS[piece]);
    if (!(pairS < change.pairS) || to === from) continue;
    if (!assignment.hasRoom(to, sizeBytes[piece]) || !assignment.spreads(piece, to)) continue;
    change.pairS = pairS;
    change.give = piece;
    change.take = -1;
    change.to = to;
  }
  change.examined += loads.length;
}

/** Partners for the piece of a rank, by growing difference in time, until none can help any more. */
function considerSwaps(
  assignment: Assignment,
  loads: Float64Array,
  lowS: number,
  pieces: Int32Array,
  rank: number,
  change: Change,
): void {
  const { shardOf, instance } = assignment;
  const { timeS, sizeBytes } = instance;
  const piece = pieces[rank];
  const from = shardOf[piece];
  for (let other = rank - 1; other >= 0; other--) {
    const back = pieces[other];
    const shiftS = timeS[piece] - timeS[back];
    change.examined++;
    if (lowS + shiftS >= change.pairS) return;
    const to = shardOf[back];
    const pairS = Math.max(loads[from] - shiftS, loads[to] + shiftS);
    if (!(pairS < change.pairS) || to === from) continue;
    const bytes = sizeBytes[piece] - sizeBytes[back];
    if (!assignment.hasRoom(to, bytes) || !assignment.hasRoom(from, -bytes)) continue;
    if (!assignment.spreadsSwapped(piece, back)) continue;
    change.pairS = pairS;
    change.give = piece;
    change.take = back;
    change.to = to;
  }
}

function lowestLoad(loads: Float64Array): number {
  let lowest = loads[0];
  for (let shard = 1; shard < loads.length; shard++) lowest = Math.min(lowest, loads[shard]);
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
    if (!assignment.spreadsSwapped(piece, other)) continue;
    assignment.move(piece, to);
    assignment.move(other, from);
    break;
  }
  return pieces.length;
}
