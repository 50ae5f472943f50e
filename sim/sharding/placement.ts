import type { EmbeddingTable, Model } from '../../models/model.ts';

/** A table of the model with the net that it belongs to. */
export interface PlacedTable {
  /** Position in the model-wide list: nets in order, tables in order. */
  index: number;
  net: number;
  table: EmbeddingTable;
}

/**
 * A part of one table held by one shard.
 * - table: the whole table;
 * - rows: rows whose index is ≡ part (mod parts); a lookup touches exactly one part;
 * - columns: embedding dimensions [firstColumn, firstColumn + columns); a lookup touches every part.
 */
export type Piece =
  | { table: number; split: 'table' }
  | { table: number; split: 'rows'; part: number; parts: number }
  | { table: number; split: 'columns'; firstColumn: number; columns: number };

/** Which pieces each sparse shard holds. `shards` is empty for the singular configuration. */
export interface Placement {
  strategy: string;
  shards: Piece[][];
  /** What an optimising strategy proved: its objective, a lower bound on it, and (objective − bound) / bound. */
  quality?: { objectiveS: number; lowerBoundS: number; gap: number; method: string };
}

/** All tables of a model in model-wide order. */
export function tablesOf(model: Model): PlacedTable[] {
  return model.nets
    .flatMap((net, netIndex) => net.tables.map((table) => ({ net: netIndex, table })))
    .map((entry, index) => ({ index, ...entry }));
}
