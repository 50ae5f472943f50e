import type { Model } from '../../models/model.ts';
import { planNetSpecific } from './net-specific.ts';
import { type Packing, packGreedily, packRandomly, type Shards } from './pack.ts';
import { defaultPieceCost, pieceDim, pieceRows, type SizedPiece } from './pieces.ts';
import { tablesOf } from './placement.ts';
import type { ShardingRequest, Strategy } from './request.ts';
import { splitTables } from './split-tables.ts';

/** What a greedy strategy balances over the shards. */
export type PieceWeight = (piece: SizedPiece) => number;

const weights: Partial<Record<Strategy, PieceWeight>> = {
  'one-shard': sizeOf,
  'capacity-balanced': sizeOf,
  'size-greedy': sizeOf,
  'load-balanced': ({ pooling }) => pooling,
  'dim-greedy': ({ piece, table }) => pieceDim(piece, table),
  'lookup-greedy': dimTimesPooling,
  'size-lookup-greedy': (piece) => dimTimesPooling(piece) * Math.log10(pieceRows(piece.piece, piece.table)),
};

function sizeOf({ sizeBytes }: SizedPiece): number {
  return sizeBytes;
}

function dimTimesPooling({ piece, table, pooling }: SizedPiece): number {
  return pieceDim(piece, table) * pooling;
}

/** Plans a checked request by its strategy; `best` stands here for a greedy that fits, if one does. */
export function plan(model: Model, request: ShardingRequest): Packing {
  const { strategy } = request;
  if (strategy === 'singular') return { shards: [], unplaced: [], crowded: 0 };
  const tables = tablesOf(model);
  const actual = strategy === 'one-shard' ? { ...request, shards: 1 } : request;
  if (strategy === 'nsbp') return planNetSpecific(tables, actual);
  const pieces = splitTables(tables, actual);
  if (strategy === 'best') {
    const packings = greedyPackings(pieces, timesOf(model, pieces, request), actual);
    return (packings.find(({ packing }) => packing.unplaced.length === 0) ?? packings[0]).packing;
  }
  const weight = weights[strategy];
  if (!weight) return packRandomly(pieces, shardsOf(actual), request.seed ?? 0);
  return packGreedily(pieces, Float64Array.from(pieces, weight), shardsOf(actual));
}

/**
 * Expected time of each piece, in seconds.
 * @throws RangeError when the piece cost of the request gives a time that is negative or not a number
 */
export function timesOf(model: Model, pieces: readonly SizedPiece[], request: ShardingRequest): Float64Array {
  const cost = request.pieceCostS ?? defaultPieceCost(model);
  return Float64Array.from(pieces, ({ piece, table }) => {
    const seconds = cost(piece);
    if (seconds >= 0 && seconds < Infinity) return seconds;
    throw new RangeError(`cost of a piece of table '${table.name}': expected seconds, got ${seconds}`);
  });
}

const baselines = [
  'load-balanced',
  'lookup-greedy',
  'size-lookup-greedy',
  'size-greedy',
  'dim-greedy',
] as const satisfies Strategy[];

/** The packings that `best` starts from: greedy by time, and every greedy baseline. */
export function greedyPackings(
  pieces: readonly SizedPiece[],
  timeS: Float64Array,
  request: ShardingRequest,
): { origin: string; packing: Packing }[] {
  const shards = shardsOf(request);
  return [
    { origin: 'time-greedy', packing: packGreedily(pieces, timeS, shards) },
    ...baselines.map((origin) => ({
      origin,
      packing: packGreedily(pieces, Float64Array.from(pieces, weights[origin]!), shards),
    })),
  ];
}

function shardsOf({ shards, capacityBytesPerShard }: ShardingRequest): Shards {
  return { count: shards, capacityBytes: capacityBytesPerShard };
}
