import type { AccessSkew, EmbeddingTable } from '../../models/model.ts';
import { pieceLookups, pieceRowBytes, pieceRows, remapEntries } from '../sharding/pieces.ts';
import type { Piece } from '../sharding/placement.ts';

/** Bytes of one cache line: the unit that a row gather reads. */
const lineBytes = 64;

/** Bytes of whole cache lines that one row of a piece takes. */
export function lineBytesPerRow(piece: Piece, table: EmbeddingTable): number {
  return Math.ceil(pieceRowBytes(piece, table) / lineBytes) * lineBytes;
}

/** Bytes of whole cache lines that one lookup of a piece takes on average: those of its row, and of its remap entry. */
export function lineBytesPerLookup(piece: Piece, table: EmbeddingTable): number {
  const bytes = lineBytesPerRow(piece, table);
  return table.pruning ? table.pruning.keptLookups * bytes + lineBytes : bytes;
}

/** Rows of like popularity: how many, and the share of the piece's lookups that each one gets. */
export interface RankBin {
  rows: number;
  share: number;
}

/** Rows, or lines of a remap vector, that compete for a cache. */
interface Cached {
  /** Reads of all of them in a typical batch. */
  rate: number;
  /** Bytes of one. */
  bytes: number;
  bins: RankBin[];
}

interface HeldPiece {
  piece: Piece;
  table: EmbeddingTable;
}

/**
 * Share of the bytes that each piece's lookups read which hit the last-level cache of the host that holds them; where
 * nothing was pruned, that is the share of lookups. Row popularity follows each table's access skew.
 * @param candidates typical candidates per batch, which weigh candidate-level against user-level lookups
 */
export function cacheHitShares(
  pieces: readonly HeldPiece[],
  cacheBytes: number,
  candidates: number,
): number[] {
  const rows = pieces.map((held) => cachedRows(held, candidates));
  const pruned = pieces.filter(({ table }) => table.pruning);
  const hits = leastRecentlyUsed(
    [...rows, ...pruned.map((held) => cachedRemap(held, candidates))],
    cacheBytes,
  );
  let next = pieces.length;
  return pieces.map(({ piece, table }, index) => {
    if (!table.pruning) return hits[index];
    const rowsBytes = table.pruning.keptLookups * lineBytesPerRow(piece, table);
    return (rowsBytes * hits[index] + lineBytes * hits[next++]) / (rowsBytes + lineBytes);
  });
}

/** Share of the rows that each piece's lookups read which hit a cache of rows alone, as `cacheHitShares`. */
export function rowHitShares(pieces: readonly HeldPiece[], cacheBytes: number, candidates: number): number[] {
  return leastRecentlyUsed(
    pieces.map((held) => cachedRows(held, candidates)),
    cacheBytes,
  );
}

function cachedRows({ piece, table }: HeldPiece, candidates: number): Cached {
  const { perCandidate, perUser } = pieceLookups(piece, table);
  const lookups = perCandidate * candidates + perUser;
  return {
    rate: table.pruning ? lookups * table.pruning.keptLookups : lookups,
    bytes: lineBytesPerRow(piece, table),
    bins: rankBins(table.skew, pieceRows(piece, table)),
  };
}

function cachedRemap({ piece, table }: HeldPiece, candidates: number): Cached {
  const { perCandidate, perUser } = pieceLookups(piece, table);
  const entries = remapEntries(piece, table);
  const lines = Math.ceil((entries * table.pruning!.remapBytes) / lineBytes);
  return {
    rate: perCandidate * candidates + perUser,
    bytes: lineBytes,
    bins: lineBins(rankBins(table.skew, entries), lines),
  };
}

/**
 * Popularity of the lines of a vector whose entries are in no order of theirs: each of the most popular entries
 * has a line of its own, the others spread evenly over all lines (derived).
 */
function lineBins(entries: readonly RankBin[], lines: number): RankBin[] {
  const own: RankBin[] = [];
  let left = lines;
  let rest = 1;
  for (const { rows, share } of entries) {
    if (left === 0) break;
    const taken = Math.min(rows, left);
    own.push({ rows: taken, share });
    left -= taken;
    rest -= taken * share;
  }
  const each = Math.max(0, rest) / lines;
  return own.map(({ rows, share }) => ({ rows, share: share + each }));
}

/**
 * Hit shares under LRU with independent references: Che's characteristic-time approximation (Che, Tung and Wang 2002),
 * all entries sharing the cache.
 */
function leastRecentlyUsed(entries: readonly Cached[], cacheBytes: number): number[] {
  const hitShare = ({ rate, bins }: Cached, time: number) =>
    bins.reduce((sum, { rows, share }) => sum + rows * share * -Math.expm1(-rate * share * time), 0);
  const occupied = (time: number) =>
    entries.reduce(
      (sum, { rate, bytes, bins }) =>
        sum +
        bytes * bins.reduce((rowsIn, { rows, share }) => rowsIn - rows * Math.expm1(-rate * share * time), 0),
      0,
    );
  const total = entries.reduce(
    (sum, { bytes, bins }) => sum + bytes * bins.reduce((n, { rows }) => n + rows, 0),
    0,
  );
  if (total <= cacheBytes) return entries.map(() => 1);
  // Filling the cache takes at least as long as reading its bytes once.
  const fillTime = cacheBytes / entries.reduce((sum, { rate, bytes }) => sum + rate * bytes, 0);
  const time = solve(occupied, cacheBytes, fillTime);
  return entries.map((entry) => hitShare(entry, time));
}

/**
 * Expected reads from memory of so many independent lookups of a table: the first of every row, and all of those that
 * a cache does not keep, which are the rarest.
 * @param keptRows rows that the cache holds
 */
export function memoryReads(skew: AccessSkew, rows: number, keptRows: number): (lookups: number) => number {
  const bins = rankBins(skew, rows);
  let before = 0;
  const keptShares = bins.map((bin) => {
    const kept = Math.min(1, Math.max(0, (keptRows - before) / bin.rows));
    before += bin.rows;
    return kept;
  });
  return (lookups) => {
    let reads = 0;
    for (let i = 0; i < bins.length; i++) {
      const each = lookups * bins[i].share;
      const first = -Math.expm1(-each);
      reads += bins[i].rows * (keptShares[i] * first + (1 - keptShares[i]) * each);
    }
    return reads;
  };
}

/** Bins of ranks whose width doubles every few bins: exact for the hottest rows, cheap for a billion. */
export function rankBins(skew: AccessSkew, rows: number): RankBin[] {
  if (skew.kind === 'uniform') return [{ rows, share: 1 / rows }];
  const bins: RankBin[] = [];
  let weightSum = 0;
  for (let first = 1; first <= rows; ) {
    const last = Math.min(rows, Math.max(first, Math.floor(first * 1.4)));
    const weight = (first + (last - first) / 2) ** -skew.exponent;
    bins.push({ rows: last - first + 1, share: weight });
    weightSum += weight * (last - first + 1);
    first = last + 1;
  }
  return bins.map(({ rows: count, share }) => ({ rows: count, share: share / weightSum }));
}

/** The x ≥ start at which an increasing function reaches a target, by doubling and bisection. */
function solve(increasing: (x: number) => number, target: number, start: number): number {
  let high = start;
  for (let step = 0; step < 100 && increasing(high) < target; step++) high *= 2;
  let low = high / 2;
  for (let step = 0; step < 24; step++) {
    const middle = (low + high) / 2;
    if (increasing(middle) < target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
