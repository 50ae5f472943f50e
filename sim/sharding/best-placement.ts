import { RandomStream } from '../../foundation/random.ts';
import type { Model } from '../../models/model.ts';
import { Assignment, type Instance } from './assignment.ts';
import { checkRequest } from './check-request.ts';
import { exactSearch } from './exact-search.ts';
import { localSearch, movablePieces } from './local-search.ts';
import { lowerBoundsS } from './lower-bound.ts';
import { partsOf } from './parts.ts';
import { piecesInOrder, type SizedPiece } from './pieces.ts';
import { type Placement, tablesOf } from './placement.ts';
import { greedyPackings, timesOf } from './plan.ts';
import { capacityError } from './remedies.ts';
import type { SearchEffort, ShardingRequest } from './request.ts';
import { splitTables } from './split-tables.ts';

const defaultEffort: SearchEffort = {
  targetGap: 1e-4,
  evaluationsPerPiece: 200_000,
  highsVariables: 240,
  highsNodes: 300,
  highsTimeLimitS: 60,
};

/** Assignment, by where it came from. */
interface Candidate {
  shardOf: Int32Array;
  objectiveS: number;
  origin: string;
}

/**
 * Minimises the sum over nets of the time of the bounding shard: local search from every greedy, then branch
 * and bound where the instance is small and the gap not yet closed. Never worse than a greedy of the same
 * pieces that spreads the parts of split tables as well. `quality` says how far the answer can be from a proven
 * bound on all placements that do.
 * @throws InputError for a request that makes no sense, CapacityError when no greedy finds room
 */
export async function bestPlacement(model: Model, request: ShardingRequest): Promise<Placement> {
  checkRequest(model, request);
  const effort = { ...defaultEffort, ...request.effort };
  const pieces = splitTables(tablesOf(model), request);
  const ideal = instanceOf(model, pieces, request);
  const starts = startsOf(model, pieces, ideal, request);
  const instance = crowdedAs(ideal, starts);
  const boundsS = lowerBoundsS(instance);
  let boundS = boundsS.reduce((sum, bound) => sum + bound, 0);
  let best = searchLocally(instance, starts, boundS, effort, request.seed ?? 0);
  const variables = pieces.length * request.shards;
  if (best.objectiveS > boundS * (1 + effort.targetGap) && variables <= effort.highsVariables) {
    const answer = await exactSearch(instance, best.shardOf, {
      boundsS,
      nodes: effort.highsNodes,
      timeLimitS: effort.highsTimeLimitS,
    });
    boundS = Math.max(boundS, answer?.boundS ?? 0);
    if (answer?.shardOf) best = candidate(instance, answer.shardOf, `${best.origin}, HiGHS`);
  }
  return placementOf(pieces, best, boundS, request);
}

function instanceOf(model: Model, pieces: SizedPiece[], request: ShardingRequest): Instance {
  return {
    timeS: timesOf(model, pieces, request),
    sizeBytes: Float64Array.from(pieces, ({ sizeBytes }) => sizeBytes),
    net: Int32Array.from(pieces, ({ net }) => net),
    ...partsOf(pieces, request.shards),
    nets: model.nets.length,
    shards: request.shards,
    capacityBytes: request.capacityBytesPerShard,
  };
}

/** The greedy packings that fit, best first; those that crowd parts only where all do. */
function startsOf(
  model: Model,
  pieces: SizedPiece[],
  instance: Instance,
  request: ShardingRequest,
): Candidate[] {
  const packings = greedyPackings(pieces, instance.timeS, request);
  const fitting = packings.filter(({ packing }) => packing.unplaced.length === 0);
  if (fitting.length === 0) throw capacityError(model, request, packings[0].packing);
  const spread = fitting.filter(({ packing }) => packing.crowded === 0);
  const indexOf = new Map(pieces.map((piece, index) => [piece, index]));
  return (spread.length > 0 ? spread : fitting)
    .map(({ packing, origin }) => {
      const shardOf = new Int32Array(pieces.length);
      packing.shards.forEach((group, shard) => {
        for (const piece of group) shardOf[indexOf.get(piece)!] = shard;
      });
      return candidate(instance, shardOf, origin);
    })
    .sort((a, b) => a.objectiveS - b.objectiveS);
}

/** Lets parts of a table be as many on a shard as they are in some start: memory may leave no choice. */
function crowdedAs(instance: Instance, starts: Candidate[]): Instance {
  const mostTogether = instance.mostTogether.slice();
  for (const { shardOf } of starts) {
    new Assignment(instance, shardOf).together.forEach((parts, index) => {
      const split = Math.floor(index / instance.shards);
      mostTogether[split] = Math.max(mostTogether[split], parts);
    });
  }
  return { ...instance, mostTogether };
}

/** The effort shared evenly among the starts, until one comes close enough to the bound. */
function searchLocally(
  instance: Instance,
  starts: Candidate[],
  boundS: number,
  effort: SearchEffort,
  seed: number,
): Candidate {
  const targetS = boundS * (1 + effort.targetGap);
  const evaluations = (effort.evaluationsPerPiece * movablePieces(instance).length) / starts.length;
  let best = starts[0];
  for (const [index, start] of starts.entries()) {
    if (best.objectiveS <= targetS) break;
    const stream = new RandomStream(seed, index);
    const shardOf = localSearch(instance, start.shardOf, { targetS, evaluations, stream });
    const found = candidate(instance, shardOf, `${start.origin}, local search`);
    if (found.objectiveS < best.objectiveS) best = found;
  }
  return best;
}

function candidate(instance: Instance, shardOf: Int32Array, origin: string): Candidate {
  return { shardOf, objectiveS: new Assignment(instance, shardOf).objectiveS(), origin };
}

function placementOf(
  pieces: SizedPiece[],
  { shardOf, objectiveS, origin }: Candidate,
  boundS: number,
  { strategy, shards }: ShardingRequest,
): Placement {
  // A bound above the objective by rounding only: both are the optimum.
  const lowerBoundS = Math.min(boundS, objectiveS);
  const gap = objectiveS === 0 ? 0 : (objectiveS - lowerBoundS) / lowerBoundS;
  return {
    strategy,
    shards: Array.from({ length: shards }, (_, shard) =>
      piecesInOrder(pieces.filter((_piece, index) => shardOf[index] === shard)),
    ),
    quality: { objectiveS, lowerBoundS, gap, method: origin },
  };
}
