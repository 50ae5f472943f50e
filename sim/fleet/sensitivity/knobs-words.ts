import { formatBytes, formatPercent, significant } from '../../../foundation/units.ts';
import type { ArmDeployment } from '../../../scenarios/deployment.ts';
import { acceleratorCapacity } from '../../serving/device-plan.ts';
import { type ArmPlan, tableCapacity, typicalBatch } from '../../serving/plan.ts';
import { pieceBytes } from '../../sharding/pieces.ts';
import { type Piece, tablesOf } from '../../sharding/placement.ts';

/** The candidates of a request in words; `share` of them. */
export function candidatesInWords({ load: { candidates }, trace }: ArmDeployment, share: number): string {
  const count = (value: number) => significant(value * share, 4);
  if (trace) {
    return `mean ${count(trace.candidates.reduce((sum, one) => sum + one, 0) / trace.candidates.length)}`;
  }
  switch (candidates.kind) {
    case 'fixed':
      return count(candidates.value);
    case 'lognormal':
      return `median ${count(candidates.median)}`;
    case 'normal':
      return `mean ${count(candidates.mean)}`;
    case 'pareto':
      return `from ${count(candidates.min)}`;
    case 'uniform':
      return `${count(candidates.min)} to ${count(candidates.max)}`;
    case 'choices':
      return `${count(Math.min(...candidates.values))} to ${count(Math.max(...candidates.values))}`;
  }
}

/** Most candidates that a request may have. */
export function mostCandidatesOf({ load: { candidates }, trace }: ArmDeployment): number {
  if (trace) return trace.candidates.reduce((most, one) => Math.max(most, one), 0);
  if (candidates.kind === 'fixed') return candidates.value;
  return candidates.kind === 'choices' ? Math.max(...candidates.values) : candidates.max;
}

/** Bytes of the fullest host or accelerator of a kind, and what tables may take there. */
export interface Fill {
  usedBytes: number;
  capacityBytes: number;
}

/** Tables in the memory of the fullest sparse host, or of the main host where it holds them; undefined where none do. */
export function dramFill({ arm, placement }: ArmPlan, tier: 'main' | 'sparse'): Fill | undefined {
  const tables = tablesOf(arm.model);
  if (tier === 'sparse') {
    if (placement.shards.length === 0) return undefined;
    const bytes = placement.shards.map((pieces) => bytesOf(pieces, tables));
    return { usedBytes: Math.max(...bytes), capacityBytes: tableCapacity(arm.sparse.host, arm.dramReserved) };
  }
  const onAccelerators = arm.accelerated?.tables === 'replicated' || arm.accelerated?.tables === 'sharded';
  if (placement.shards.length > 0 || (onAccelerators && arm.serving.offload_threshold === undefined))
    return undefined;
  return {
    usedBytes: tables.reduce((sum, { table }) => sum + table.sizeBytes, 0),
    capacityBytes: tableCapacity(arm.main.host, arm.dramReserved),
  };
}

/** Tables in the memory of the fullest accelerator; undefined where it holds none, or as many rows as there is room. */
export function acceleratorFill({ arm, device }: ArmPlan): Fill | undefined {
  if (!device || device.cache) return undefined;
  const tables = tablesOf(arm.model);
  return {
    usedBytes: Math.max(...device.pieces.map((pieces) => bytesOf(pieces, tables))),
    capacityBytes: acceleratorCapacity(arm),
  };
}

function bytesOf(pieces: readonly Piece[], tables: ReturnType<typeof tablesOf>): number {
  return pieces.reduce((sum, piece) => sum + pieceBytes(piece, tables[piece.table].table), 0);
}

/** `tables take 120 GB of 230 GB, 48 % free`. */
export function fillInWords({ usedBytes, capacityBytes }: Fill): string {
  const free = formatPercent(Math.max(0, 1 - usedBytes / capacityBytes));
  return `tables take ${formatBytes(usedBytes)} of ${formatBytes(capacityBytes)} at most, ${free} free; they lie as before`;
}

/** Share of row bytes that the caches of CPUs serve, all shards alike weighed by nothing but their number of pieces. */
export function cacheShareInWords(plan: ArmPlan): string {
  const onAccelerators = (plan.arm.accelerated?.tables ?? 'host') !== 'host';
  if (onAccelerators) return 'accelerators read about as many rows from their memory as before';
  const hits = plan.cacheHits.flat();
  const mean = hits.reduce((sum, hit) => sum + hit, 0) / Math.max(1, hits.length);
  return `the CPU caches keep ${formatPercent(mean)} of what a table's lookups read, on the mean over tables, for batches of ${significant(typicalBatch(plan.arm))}`;
}
