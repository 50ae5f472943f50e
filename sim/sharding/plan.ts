import type { Model } from '../../models/model.ts';
import { planNetSpecific } from './net-specific.ts';
import { type Packing, packGreedily, packRandomly } from './pack.ts';
import { defaultPieceCost, pieceDim, pieceRows, type SizedPiece } from './pieces.ts';
import { type PlacedTable, tablesOf } from './placement.ts';
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

/** Strategies that `best` starts from: it is never worse than one of them. */
export const greedyStrategies = [
  'load-balanced',
  'lookup-greedy',
  'size-lookup-greedy',
  'size-greedy',
  'dim-greedy',
] as const satisfies Strategy[];

function sizeOf({ sizeBytes }: SizedPiece): number {
  return sizeBytes;
}

function dimTimesPooling({ piece, table, pooling }: SizedPiece): number {
  return pieceDim(piece, table) * pooling;
}

/** Plans a checked request by its strategy; `best` stands here for the greedies that it starts from. */
export function plan(model: Model, request: ShardingRequest): Packing {
  const { strategy } = request;
  if (strategy === 'singular') return { shards: [], unplaced: [] };
  const tables = tablesOf(model);
  const actual = strategy === 'one-shard' ? { ...request, shards: 1 } : request;
  if (strategy === 'nsbp') return planNetSpecific(tables, actual);
  return strategy === 'best' ? planForBest(model, tables, actual) : planBalanced(tables, actual);
}

function planBalanced(tables: PlacedTable[], request: ShardingRequest): Packing {
  const pieces = splitTables(tables, request);
  const shards = { count: request.shards, capacityBytes: request.capacityBytesPerShard };
  const weight = weights[request.strategy];
  return weight
    ? packGreedily(pieces, Float64Array.from(pieces, weight), shards)
    : packRandomly(pieces, shards, request.seed ?? 0);
}

/** Greedy by time, else the first of the other greedies that fits. */
function planForBest(model: Model, tables: PlacedTable[], request: ShardingRequest): Packing {
  const pieces = splitTables(tables, request);
  const shards = { count: request.shards, capacityBytes: request.capacityBytesPerShard };
  const cost = request.pieceCostS ?? defaultPieceCost(model);
  const times = Float64Array.from(pieces, ({ piece }) => cost(piece));
  const byTime = packGreedily(pieces, times, shards);
  if (byTime.unplaced.length === 0) return byTime;
  const others = greedyStrategies.map((strategy) => planBalanced(tables, { ...request, strategy }));
  return others.find((other) => other.unplaced.length === 0) ?? byTime;
}
