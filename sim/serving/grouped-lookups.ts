import type { EmbeddingTable } from '../../models/model.ts';
import { lineBytesPerLookup, lineBytesPerRow } from '../cost/row-cache.ts';
import { pieceDim } from '../sharding/pieces.ts';
import { type Piece, type Placement, tablesOf } from '../sharding/placement.ts';
import type { ReplicationKey } from '../streams.ts';
import { lookupTables, RequestLookups } from '../workload/lookups.ts';
import type { TableRows } from '../workload/table-draws.ts';
import type { ServingGraph } from './build-graph.ts';
import type { ArmPlan } from './plan.ts';

/** The lookups of each request by the groups of a graph: rows of host memory, on shards or on the main host. */
export function hostLookups(
  plan: ArmPlan,
  groups: ServingGraph['groups'],
  key: ReplicationKey,
  rows?: TableRows,
): RequestLookups {
  const { arm, placement, cacheHits } = plan;
  const tables = tablesOf(arm.model);
  const group = groupOf(plan, groups);
  const grouped = lookupTables(arm.model, placement, (piece, shard, position) => {
    const { table } = tables[piece.table];
    const bytes = lineBytesPerLookup(piece, table);
    const hits = cacheHits[shard][position];
    return {
      group: group(piece.table, shard),
      dramBytesPerRow: bytes * (1 - hits),
      cacheBytesPerRow: bytes * hits,
      dim: pieceDim(piece, table),
      isUnpooled: table.pooling === 'none',
    };
  });
  return new RequestLookups(grouped, groups.length, arm.poolingScale, arm.trace, key, rows);
}

/** Tables of each group, user level and candidate level, side by side. */
export function countTables(plan: ArmPlan, groups: ServingGraph['groups']): Float64Array {
  const counts = new Float64Array(2 * groups.length);
  const tables = tablesOf(plan.arm.model);
  const group = groupOf(plan, groups);
  plan.placement.shards.forEach((pieces, shard) => {
    for (const { table } of pieces) {
      counts[2 * group(table, shard) + (tables[table].table.level === 'user' ? 0 : 1)]++;
    }
  });
  return counts;
}

function groupOf(plan: ArmPlan, groups: ServingGraph['groups']): (table: number, shard: number) => number {
  const netOf = tablesOf(plan.arm.model).map(({ net }) => net);
  const isLocal = plan.placement.shards.length === 0;
  return (table, shard) =>
    groups.findIndex((group) => group.net === netOf[table] && group.shard === (isLocal ? -1 : shard));
}

/** Bytes of one value of a pooled vector on an accelerator: sums of narrow rows are kept in 16 bits. */
const narrowBytes = 2;
const wideBytes = 4;

/** Bytes in which one value of a table's vectors is handed on by an accelerator. */
export function handedOnBytes(table: EmbeddingTable): number {
  return table.handedOnBytes ?? (table.dataType === 'fp32' ? wideBytes : narrowBytes);
}

/**
 * The lookups of each request by group: net × holders + holder, an accelerator that holds tables. Their DRAM bytes
 * are those that a cache lacks, their values the bytes of the pooled vectors.
 */
export function deviceLookups(
  { arm, device }: ArmPlan,
  key: ReplicationKey,
  rows?: TableRows,
): RequestLookups {
  const { pieces: held, hits } = device!;
  const tables = tablesOf(arm.model);
  const placement: Placement = { strategy: 'accelerators', shards: held };
  const grouped = lookupTables(arm.model, placement, (piece: Piece, holder, position) => {
    const { table, net } = tables[piece.table];
    const missed = hits ? (1 - hits[holder][position]) * (table.pruning?.keptLookups ?? 1) : 0;
    return {
      group: net * held.length + holder,
      dramBytesPerRow: lineBytesPerRow(piece, table) * missed,
      cacheBytesPerRow: 0,
      dim: pieceDim(piece, table) * handedOnBytes(table),
      isUnpooled: table.pooling === 'none',
    };
  });
  const groups = arm.model.nets.length * held.length;
  return new RequestLookups(grouped, groups, arm.poolingScale, arm.trace, key, rows);
}
