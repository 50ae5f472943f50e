import type { TableLookup } from '../cost/cost-unit.ts';
import { remapLookup } from '../cost/remap-lookup.ts';
import { pieceDim, pieceLookups, pieceRowBytes, pieceRows } from '../sharding/pieces.ts';
import type { Piece, tablesOf } from '../sharding/placement.ts';

/** One net's tables on one accelerator, as a fused lookup sees them. */
export interface HeldTables {
  /** Rewritten for each batch that is priced. */
  tables: TableLookup[];
  perUser: Float64Array;
  perCandidate: Float64Array;
  isUser: boolean[];
  isUnpooled: boolean[];
  /** Share of lookups that read a row. */
  kept: number[];
  /** Remap vectors of pruned tables, each with its table's position; rewritten as `tables`. */
  remaps: { at: number; lookup: TableLookup }[];
}

/** The tables of some pieces, or parts of them, in the order of the pieces. */
export function heldTables(
  pieces: readonly Piece[],
  tables: ReturnType<typeof tablesOf>,
  poolingScale: number,
): HeldTables {
  const of = (piece: Piece) => tables[piece.table].table;
  const lookups = pieces.map((piece) => pieceLookups(piece, of(piece)));
  return {
    tables: pieces.map((piece) => ({
      rows: pieceRows(piece, of(piece)),
      dim: pieceDim(piece, of(piece)),
      dataType: of(piece).dataType,
      rowBytes: pieceRowBytes(piece, of(piece)),
      skew: of(piece).skew,
      bags: 0,
      lookups: 0,
      ...(of(piece).handedOnBytes !== undefined && { valueBytes: of(piece).handedOnBytes }),
    })),
    perUser: Float64Array.from(lookups, ({ perUser }) => perUser * poolingScale),
    perCandidate: Float64Array.from(lookups, ({ perCandidate }) => perCandidate * poolingScale),
    isUser: pieces.map((piece) => of(piece).level === 'user'),
    isUnpooled: pieces.map((piece) => of(piece).pooling === 'none'),
    kept: pieces.map((piece) => of(piece).pruning?.keptLookups ?? 1),
    remaps: pieces.flatMap((piece, at) => {
      const lookup = remapLookup(piece, of(piece));
      return lookup ? [{ at, lookup }] : [];
    }),
  };
}

/** The lookups of a batch, those of all tables at the same share of their mean. */
export function lookupsOf(
  { tables, perUser, perCandidate, isUser, isUnpooled, kept }: HeldTables,
  users: number,
  candidates: number,
  share: number,
): TableLookup[] {
  tables.forEach((table, at) => {
    const lookups = (users * perUser[at] + candidates * perCandidate[at]) * share;
    table.lookups = lookups * kept[at];
    table.bags = isUnpooled[at] ? lookups : isUser[at] ? users : candidates;
  });
  return tables;
}

/** The reads of remap vectors by a batch, each of which answers by itself. */
export function remapsOf(
  { remaps, perUser, perCandidate }: HeldTables,
  users: number,
  candidates: number,
  share: number,
): TableLookup[] {
  return remaps.map(({ at, lookup }) => {
    lookup.lookups = (users * perUser[at] + candidates * perCandidate[at]) * share;
    lookup.bags = lookup.lookups;
    return lookup;
  });
}
