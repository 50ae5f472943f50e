import type { EmbeddingTable } from '../../models/model.ts';
import type { ArmDeployment } from '../../scenarios/deployment.ts';
import { pieceDim, pieceLookups } from '../sharding/pieces.ts';
import { type Piece, tablesOf } from '../sharding/placement.ts';

/** What a typical batch of one user reads of a table, or of a part of it. */
export interface TableReads {
  piece: Piece;
  table: EmbeddingTable;
  /** Position of its net. */
  net: number;
  dim: number;
  /** Mean rows looked up, those that were pruned too. */
  rows: number;
  /** Vectors handed on. */
  vectors: number;
  /** Probability that the batch looks anything up here. */
  touched: number;
}

/** Reads of some pieces by a batch of so many candidates. */
export function tableReads(
  { model, poolingScale }: ArmDeployment,
  pieces: readonly Piece[],
  candidates: number,
): TableReads[] {
  const tables = tablesOf(model);
  return pieces.map((piece) => {
    const { table, net } = tables[piece.table];
    const { perUser, perCandidate } = pieceLookups(piece, table);
    const rows = (perUser + candidates * perCandidate) * poolingScale;
    const asked = table.level === 'user' ? 1 : candidates;
    return {
      piece,
      table,
      net,
      dim: pieceDim(piece, table),
      rows,
      vectors: table.pooling === 'none' ? rows : asked,
      touched: rows > 0 ? 1 - (1 - table.presence) ** asked : 0,
    };
  });
}

/** All tables of an arm, each whole. */
export function wholeTables({ model }: ArmDeployment): Piece[] {
  return tablesOf(model).map((_, table) => ({ table, split: 'table' }));
}

/** Values in words: `dim 64`, or `dim 32–128`. */
export function range(values: readonly number[]): string {
  // Models have more tables than a call takes arguments.
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return low === high ? `${low}` : `${low}–${high}`;
}

/** Rows that a batch reads of some tables, in words. */
export function readsInWords(reads: readonly TableReads[]): string {
  const rows = reads.reduce((sum, read) => sum + read.rows, 0);
  const tables = new Set(reads.map(({ table }) => table)).size;
  return `${tables} tables, dim ${range(reads.map(({ dim }) => dim))}, ${Math.round(rows)} rows`;
}
