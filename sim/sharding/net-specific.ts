import { bytesOf, type Packing, packGreedily, packOnto } from './pack.ts';
import { type SizedPiece, sizedPiece } from './pieces.ts';
import type { PlacedTable } from './placement.ts';
import type { ShardingRequest } from './request.ts';
import { isNamed, isRowSplit, rowPieces, splitTables } from './split-tables.ts';

/**
 * Net-specific bin packing: every net gets shards of its own, in proportion to its bytes, and its tables are
 * packed on them by size. A shard never mixes nets, so a batch sends one call per shard and not one per
 * shard and net.
 * Source: Lui et al., arXiv 2011.02084 (NSBP), as recollected.
 */
export function planNetSpecific(tables: readonly PlacedTable[], request: ShardingRequest): Packing {
  const plans = divideShards(tables, request.shards).map(({ tables: own, shards }) =>
    planNet(own, { ...request, shards }),
  );
  return {
    shards: plans.flatMap(({ shards }) => shards),
    unplaced: plans.flatMap(({ unplaced }) => unplaced),
    crowded: plans.reduce((sum, { crowded }) => sum + crowded, 0),
  };
}

/** The tables of one net, and how many shards they have to themselves. */
interface NetShare {
  net: number;
  tables: PlacedTable[];
  shards: number;
}

/** One shard for each net that has tables, then each further shard to the net with the most bytes per shard. */
export function divideShards(tables: readonly PlacedTable[], shards: number): NetShare[] {
  const shares = [...new Set(tables.map(({ net }) => net))].map((net) => {
    const own = tables.filter((placed) => placed.net === net);
    return { net, tables: own, shards: 1, bytes: tableBytes(own) };
  });
  for (let left = shards - shares.length; left > 0; left--) {
    const fullest = shares.reduce((most, share) =>
      share.bytes / share.shards > most.bytes / most.shards ? share : most,
    );
    fullest.shards++;
  }
  return shares;
}

function planNet(tables: PlacedTable[], request: ShardingRequest): Packing {
  const { capacityBytesPerShard: capacityBytes, shards } = request;
  const apart = dominantApart(tables, request);
  if (apart?.every((pieces) => bytesOf(pieces) <= capacityBytes)) {
    const named = tables.filter((placed) => isNamed(placed, request));
    const packing = packOnto(apart, splitTables(named, request), capacityBytes);
    if (packing.unplaced.length === 0 && packing.crowded === 0) return packing;
  }
  const pieces = splitTables(tables, request);
  const sizes = Float64Array.from(pieces, ({ sizeBytes }) => sizeBytes);
  return packGreedily(pieces, sizes, { count: shards, capacityBytes });
}

/**
 * The dominant tables split row-wise over all shards but the last, which holds the small tables together: a
 * request that looks up one row of the dominant table touches two shards, however many there are. A table
 * dominates its net when it holds more than half of the net's bytes, or must be split anyway. Tables that the
 * request says how to split are neither. Undefined where no table dominates, or where too few shards or tables
 * are there to keep the small ones apart.
 */
function dominantApart(tables: PlacedTable[], request: ShardingRequest): SizedPiece[][] | undefined {
  const parts = request.shards - 1;
  const bytes = tableBytes(tables);
  const isDominant = (placed: PlacedTable) =>
    isRowSplit(placed, request) || placed.table.sizeBytes > bytes / 2;
  const unnamed = tables.filter((placed) => !isNamed(placed, request));
  const dominant = unnamed.filter(isDominant);
  const small = unnamed.filter((placed) => !isDominant(placed));
  const tooFewRows = dominant.some(({ table }) => table.numEmbeddings < parts);
  if (dominant.length === 0 || small.length === 0 || parts < 1 || tooFewRows) return undefined;
  const slices = Array.from({ length: parts }, (_, part) =>
    dominant.map((placed) => sizedPiece(rowPieces(placed, parts)[part], placed)),
  );
  return [...slices, splitTables(small, request)];
}

function tableBytes(tables: readonly PlacedTable[]): number {
  return tables.reduce((sum, { table }) => sum + table.sizeBytes, 0);
}
