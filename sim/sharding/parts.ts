import type { SizedPiece } from './pieces.ts';

/**
 * Which pieces are parts of one split table. Parts are spread: a table is split so that its parts work side by
 * side, hence no shard holds more of them than it must.
 */
export interface Parts {
  /** Split table of each piece, counted from 0; -1 for a whole table. */
  splitOf: Int32Array;
  /** Parts of each split table that one shard holds at most: 1 where there are as many shards as parts. */
  mostTogether: Int32Array;
}

/** Groups pieces by the table that they are parts of. */
export function partsOf(pieces: readonly SizedPiece[], shards: number): Parts {
  const splits = new Map<number, number>();
  const counts: number[] = [];
  const splitOf = Int32Array.from(pieces, ({ piece }) => {
    if (piece.split === 'table') return -1;
    const split = splits.get(piece.table) ?? splits.size;
    splits.set(piece.table, split);
    counts[split] = (counts[split] ?? 0) + 1;
    return split;
  });
  return { splitOf, mostTogether: Int32Array.from(counts, (count) => Math.ceil(count / shards)) };
}

/** The pieces of each split table. */
export function piecesBySplit({ splitOf, mostTogether }: Parts): number[][] {
  const bySplit: number[][] = Array.from(mostTogether, () => []);
  splitOf.forEach((split, piece) => {
    if (split >= 0) bySplit[split].push(piece);
  });
  return bySplit;
}
