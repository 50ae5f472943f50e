import type { EmbeddingTable, Model } from '../../models/model.ts';
import { rowBytes } from '../../models/row-bytes.ts';
import { type Piece, type PlacedTable, tablesOf } from './placement.ts';

/** Seconds that a sparse shard is expected to spend on one piece for a typical batch. */
export type PieceCost = (piece: Piece) => number;

/** A piece with what strategies weigh. */
export interface SizedPiece {
  piece: Piece;
  table: EmbeddingTable;
  net: number;
  sizeBytes: number;
  /** Expected lookups per candidate, or per user for a user-level table: presence × pooling × share of rows. */
  pooling: number;
}

/** Rows held by a piece; pruning is taken to leave as many in each part. Part p of a modulus split holds the rows ≡ p (mod parts). */
export function pieceRows(piece: Piece, table: EmbeddingTable): number {
  return piece.split === 'rows'
    ? Math.ceil((table.numEmbeddings - piece.part) / piece.parts)
    : table.numEmbeddings;
}

/** Embedding dimensions held by a piece. */
export function pieceDim(piece: Piece, table: EmbeddingTable): number {
  return piece.split === 'columns' ? piece.columns : table.embeddingDim;
}

/** Stored bytes of one row of a piece. A column slice repeats the row-wise scale and bias of int8 and int4. */
export function pieceRowBytes(piece: Piece, table: EmbeddingTable): number {
  return piece.split === 'columns' ? rowBytes(table.dataType, piece.columns) : table.rowBytes;
}

/** Bytes of memory that a piece takes, the remap vector of a pruned table included. */
export function pieceBytes(piece: Piece, table: EmbeddingTable): number {
  const rowsBytes = pieceRows(piece, table) * pieceRowBytes(piece, table);
  return table.pruning ? rowsBytes + remapEntries(piece, table) * table.pruning.remapBytes : rowsBytes;
}

/**
 * Entries of the remap vector that a piece holds: those of its own rows, before they were pruned; 0 where nothing was.
 * Every column slice needs all of them.
 */
export function remapEntries(piece: Piece, { pruning }: EmbeddingTable): number {
  if (!pruning) return 0;
  const { originalRows } = pruning;
  return piece.split === 'rows' ? Math.ceil((originalRows - piece.part) / piece.parts) : originalRows;
}

/** Mean stored bytes that one lookup of a piece reads: its row, where pruning left it, and its remap entry. */
export function lookupBytes(piece: Piece, table: EmbeddingTable): number {
  const { pruning } = table;
  const bytes = pieceRowBytes(piece, table);
  return pruning ? pruning.keptLookups * bytes + pruning.remapBytes : bytes;
}

/**
 * Expected lookups of a piece per candidate (candidate-level table) or per user (user-level table).
 * A row split sees its share of the lookups; a column split sees all of them, with narrower rows.
 */
export function pieceLookups(piece: Piece, table: EmbeddingTable): { perCandidate: number; perUser: number } {
  const lookups = (table.presence * table.poolingFactor) / (piece.split === 'rows' ? piece.parts : 1);
  return table.level === 'candidate'
    ? { perCandidate: lookups, perUser: 0 }
    : { perCandidate: 0, perUser: lookups };
}

/** Typical batch and effective gather bandwidth of the default piece cost. Assumed, not measured. */
const typicalCandidates = 64;
const gatherBytesPerS = 2.5e9;

/**
 * The piece cost used when the caller has none: gathered bytes at 2.5 GB/s for a batch of 64 candidates of
 * one user. In seconds.
 */
export function defaultPieceCost(model: Model): PieceCost {
  const tables = tablesOf(model);
  return (piece) => {
    const { table } = tables[piece.table];
    const { perCandidate, perUser } = pieceLookups(piece, table);
    const lookups = perCandidate * typicalCandidates + perUser;
    return (lookups * lookupBytes(piece, table)) / gatherBytesPerS;
  };
}

/** A piece joined with its size, pooling and net. */
export function sizedPiece(piece: Piece, { table, net }: PlacedTable): SizedPiece {
  const { perCandidate, perUser } = pieceLookups(piece, table);
  return { piece, table, net, sizeBytes: pieceBytes(piece, table), pooling: perCandidate + perUser };
}

/** Pieces alone, ordered by table and by their place in it. */
export function piecesInOrder(sized: readonly SizedPiece[]): Piece[] {
  const offset = (piece: Piece) =>
    piece.split === 'rows' ? piece.part : piece.split === 'columns' ? piece.firstColumn : 0;
  return sized.map(({ piece }) => piece).sort((a, b) => a.table - b.table || offset(a) - offset(b));
}
