import type { EmbeddingTable } from '../../models/model.ts';
import type { ArmDeployment } from '../../scenarios/deployment.ts';
import { rankBins, rowHitShares } from '../cost/row-cache.ts';
import { pieceLookups } from '../sharding/pieces.ts';
import { type Piece, tablesOf } from '../sharding/placement.ts';

/** What a cache of embedding rows in accelerator memory holds, and what more or less of it would do. */
export interface CachePlan {
  policy: 'static' | 'lru';
  sizeBytes: number;
  /** Share of all lookups that read a row which find it in the cache. */
  hitShare: number;
  /** The same for other sizes, ascending. */
  curve: { sizeBytes: number[]; hitShare: number[] };
}

/** Sizes of the curve: the whole tables, halved this often. */
const halvings = 8;

/**
 * The rows of host tables that each accelerator keeps, by the tables' access skew. `static` keeps those read most
 * often per byte, over all tables (RecShard's placement, for one tier); `lru` those read last (Che's approximation).
 * @param freeBytes memory of the accelerator that rows may take, where the arm does not say how much of it
 * @param candidates of a typical batch
 * @returns the plan, and the hit share of each table
 */
export function planCache(
  { model, accelerated }: ArmDeployment,
  freeBytes: number,
  candidates: number,
): { plan: CachePlan; hits: number[] } {
  const { cachePolicy, cacheBytes = freeBytes } = accelerated!;
  const tables = tablesOf(model).map(({ table }) => table);
  const totalBytes = tables.reduce((sum, table) => sum + table.numEmbeddings * table.rowBytes, 0);
  const rates = tables.map((table, index) => lookupRate(table, index, candidates));
  const hitsOf = cachePolicy === 'lru' ? leastRecentlyUsed(tables, candidates) : hottestFirst(tables, rates);
  const total = rates.reduce((sum, rate) => sum + rate, 0);
  const shareOf = (hits: number[]) => hits.reduce((sum, hit, table) => sum + hit * rates[table], 0) / total;
  const sizeBytes = Math.min(cacheBytes, totalBytes);
  const hits = hitsOf(sizeBytes);
  const sizes = Array.from({ length: halvings + 1 }, (_, step) => totalBytes / 2 ** (halvings - step));
  return {
    hits,
    plan: {
      policy: cachePolicy,
      sizeBytes,
      hitShare: shareOf(hits),
      curve: { sizeBytes: sizes, hitShare: sizes.map((size) => shareOf(hitsOf(size))) },
    },
  };
}

/** Expected rows of a whole table that a typical batch reads. */
function lookupRate(table: EmbeddingTable, index: number, candidates: number): number {
  const { perCandidate, perUser } = pieceLookups({ table: index, split: 'table' }, table);
  return (perCandidate * candidates + perUser) * (table.pruning?.keptLookups ?? 1);
}

/** Hit shares by cache size (bytes). */
type HitShares = (sizeBytes: number) => number[];

function leastRecentlyUsed(tables: readonly EmbeddingTable[], candidates: number): HitShares {
  const pieces = tables.map((table, index) => ({ piece: { table: index, split: 'table' } as Piece, table }));
  return (sizeBytes) => rowHitShares(pieces, sizeBytes, candidates);
}

/** Rows of like popularity in the order in which the cache takes them. */
function hottestFirst(tables: readonly EmbeddingTable[], rates: readonly number[]): HitShares {
  const bins = tables
    .flatMap((table, index) =>
      rankBins(table.skew, table.numEmbeddings).map(({ rows, share }) => ({
        table: index,
        bytes: rows * table.rowBytes,
        hits: rows * share,
        perByte: (rates[index] * share) / table.rowBytes,
      })),
    )
    .sort((a, b) => b.perByte - a.perByte);
  return (sizeBytes) => {
    const hits = tables.map(() => 0);
    let free = sizeBytes;
    for (const bin of bins) {
      const share = Math.min(1, free / bin.bytes);
      hits[bin.table] += bin.hits * share;
      free -= bin.bytes * share;
      if (free <= 0) break;
    }
    return hits.map((hit) => Math.min(1, hit));
  };
}
