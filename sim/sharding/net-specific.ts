import { bytesOf, type Packing, packGreedily } from './pack.ts';
import { type SizedPiece, sizedPiece } from './pieces.ts';
import type { PlacedTable } from './placement.ts';
import type { ShardingRequest } from './request.ts';
import { isRowSplit, rowPieces, splitTables } from './split-tables.ts';

/**
 * Net-specific bin packing: every net gets shards of its own, in proportion to its bytes, and its tables are
 * packed on them by size. A shard never mixes nets, so a batch sends one call per shard and not one per
 * shard and net.
 * Source: Lui et al., arXiv 2011.02084 (NSBP), as recollected.
 */
export function planNetSpecific(tables: readonly PlacedTable[], request: ShardingRequest): Packing {
  const nets = [...new Set(tables.map(({ net }) => net))].map((net) =>
    tables.filter((placed) => placed.net === net),
  );
  const shardsOf = divideShards(nets, request.shards);
  const plans = nets.map((netTables, index) => planNet(netTables, { ...request, shards: shardsOf[index] }));
  return {
    shards: plans.flatMap(({ shards }) => shards),
    unplaced: plans.flatMap(({ unplaced }) => unplaced),
  };
}

/** One shard for each net, then each further shard to the net with the most bytes per shard. */
function divideShards(nets: readonly PlacedTable[][], shards: number): number[] {
  const bytes = nets.map((tables) => tables.reduce((sum, { table }) => sum + table.sizeBytes, 0));
  const given = nets.map(() => 1);
  for (let left = shards - nets.length; left > 0; left--) {
    const fullest = bytes.reduce(
      (most, size, net) => (size / given[net] > bytes[most] / given[most] ? net : most),
      0,
    );
    given[fullest]++;
  }
  return given;
}

function planNet(tables: PlacedTable[], request: ShardingRequest): Packing {
  const { capacityBytesPerShard: capacityBytes, shards } = request;
  const apart = planDominantApart(tables, request);
  if (apart?.every((pieces) => bytesOf(pieces) <= capacityBytes)) return { shards: apart, unplaced: [] };
  const pieces = splitTables(tables, request);
  const sizes = Float64Array.from(pieces, ({ sizeBytes }) => sizeBytes);
  return packGreedily(pieces, sizes, { count: shards, capacityBytes });
}

/**
 * The dominant tables split row-wise over all shards but the last, which holds the small tables together: a
 * request that looks up one row of the dominant table touches two shards, however many there are. A table
 * dominates its net when it holds more than half of the net's bytes, or must be split anyway. Undefined where
 * none does, or where too few shards or tables are there to keep the small ones apart.
 */
function planDominantApart(tables: PlacedTable[], request: ShardingRequest): SizedPiece[][] | undefined {
  const parts = request.shards - 1;
  const bytes = tables.reduce((sum, { table }) => sum + table.sizeBytes, 0);
  const isDominant = (placed: PlacedTable) =>
    isRowSplit(placed, request) ||
    (placed.table.sizeBytes > bytes / 2 && !Object.hasOwn(request.columnWise ?? {}, placed.table.name));
  const dominant = tables.filter(isDominant);
  const small = tables.filter((placed) => !isDominant(placed));
  const tooFewRows = dominant.some(({ table }) => table.numEmbeddings < parts);
  if (dominant.length === 0 || small.length === 0 || parts < 1 || tooFewRows) return undefined;
  const slices = Array.from({ length: parts }, (_, part) =>
    dominant.map((placed) => sizedPiece(rowPieces(placed, parts)[part], placed)),
  );
  return [...slices, splitTables(small, request)];
}
