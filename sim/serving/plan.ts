import type { SourceDocument } from '../../foundation/document.ts';
import { InputError } from '../../foundation/problem.ts';
import type { Host } from '../../hardware-profiles/profile.ts';
import type { ArmDeployment } from '../../scenarios/deployment.ts';
import { cacheHitShares, lineBytesPerLookup } from '../cost/row-cache.ts';
import { bestPlacement } from '../sharding/best-placement.ts';
import { CapacityError } from '../sharding/capacity-error.ts';
import { pieceLookups } from '../sharding/pieces.ts';
import { type Piece, type Placement, tablesOf } from '../sharding/placement.ts';
import { placementFromDocument } from '../sharding/placement-file.ts';
import type { ShardingRequest } from '../sharding/request.ts';
import { shardTables } from '../sharding/shard-tables.ts';
import { type DevicePlan, planDevice } from './device-plan.ts';

/** An arm with its tables placed: all that a replication needs, as plain data. */
export interface ArmPlan {
  arm: ArmDeployment;
  placement: Placement;
  /**
   * Share of the bytes of each piece's lookups that hit cache, in the placement's order; one list for the main host
   * if singular.
   */
  cacheHits: number[][];
  /** Where tables lie on accelerators, if they do. */
  device?: DevicePlan;
}

/** Bytes that tables may take on one host. */
export function tableCapacity(host: Host, reserved: number): number {
  return host.dramBytes.value * (1 - reserved);
}

/**
 * Places the tables of an arm.
 * @param file the placement that the arm names, if it names one
 * @throws CapacityError when the tables do not fit; InputError when the placement or the request is wrong
 */
export async function planArm(arm: ArmDeployment, file?: SourceDocument): Promise<ArmPlan> {
  const placement = file ? placementFromDocument(file, arm.model) : await place(arm);
  checkReplicas(arm, placement);
  return withPlacement(arm, placement);
}

/** An arm whose tables lie as given: what caches and accelerators hold of them. @throws CapacityError of accelerators */
export async function withPlacement(arm: ArmDeployment, placement: Placement): Promise<ArmPlan> {
  const tables = tablesOf(arm.model);
  const isSingular = placement.shards.length === 0;
  const whole = tables.map((_, table): Piece => ({ table, split: 'table' }));
  const host = isSingular ? arm.main.host : arm.sparse.host;
  const cacheBytes = host.sockets.value * host.cpu.cacheBytes.value;
  const cacheHits = (isSingular ? [whole] : placement.shards).map((pieces) =>
    cacheHitShares(
      pieces.map((piece) => ({ piece, table: tables[piece.table].table })),
      cacheBytes,
      typicalBatch(arm),
    ),
  );
  const device = await planDevice(arm, typicalBatch(arm));
  return { arm, placement, cacheHits, ...(device && { device }) };
}

async function place(arm: ArmDeployment): Promise<Placement> {
  const { strategy, shards, row_wise, column_wise } = arm.sharding;
  const isOneHost = strategy === 'singular' || strategy === 'one-shard';
  const request: Omit<ShardingRequest, 'strategy'> = {
    shards,
    capacityBytesPerShard: tableCapacity(arm.sparse.host, arm.dramReserved),
    pieceCostS: sparseCost(arm),
    // All tables of one host stay whole, whatever the scenario says of the other arms.
    ...(!isOneHost && row_wise.length > 0 && { rowWise: row_wise }),
    ...(!isOneHost && { columnWise: column_wise }),
  };
  if (strategy === 'best') return bestPlacement(arm.model, { ...request, strategy });
  if (strategy === 'singular' && holdsTables(arm)) checkSingular(arm, request);
  return shardTables(arm.model, { ...request, strategy });
}

/** Whether tables lie in the main host's memory: not where its accelerators hold them all and serve all requests. */
function holdsTables({ accelerated, serving }: ArmDeployment): boolean {
  const isOnAccelerators = accelerated?.tables === 'replicated' || accelerated?.tables === 'sharded';
  return !isOnAccelerators || serving.offload_threshold !== undefined;
}

/** One host holds everything: the same question as one shard of the main host's size. @throws CapacityError */
function checkSingular(arm: ArmDeployment, request: Omit<ShardingRequest, 'strategy'>): void {
  const capacityBytesPerShard = tableCapacity(arm.main.host, arm.dramReserved);
  try {
    shardTables(arm.model, { ...request, capacityBytesPerShard, strategy: 'one-shard' });
  } catch (error) {
    throw error instanceof CapacityError
      ? new CapacityError({ ...error.shortage, strategy: 'singular' })
      : error;
  }
}

/** Expected sparse operator time of a piece for a typical batch on one core of a sparse host (s), all misses. */
function sparseCost(arm: ArmDeployment): (piece: Piece) => number {
  const tables = tablesOf(arm.model);
  const bytesPerS = arm.sparse.host.cpu.coreBandwidthBytesPerS?.value ?? 1e9;
  const candidates = typicalBatch(arm);
  return (piece) => {
    const { table } = tables[piece.table];
    const { perCandidate, perUser } = pieceLookups(piece, table);
    const rows = (perCandidate * candidates + perUser) * arm.poolingScale;
    return (rows * lineBytesPerLookup(piece, table)) / bytesPerS;
  };
}

/** Candidates of a typical batch: the batch size, or a middling request where batches are whole requests. */
export function typicalBatch(arm: ArmDeployment): number {
  const { batch_size, dynamic_batching } = arm.serving;
  // Batches of several requests have their mix of users and candidates, whatever the size.
  return batch_size !== 'whole-request' && !dynamic_batching ? batch_size : typicalRequest(arm);
}

/** Candidates of a middling request. */
export function typicalRequest(arm: ArmDeployment): number {
  if (arm.trace) {
    const recorded = arm.trace.candidates;
    return recorded.reduce((sum, count) => sum + count, 0) / recorded.length;
  }
  const { candidates } = arm.load;
  switch (candidates.kind) {
    case 'fixed':
      return candidates.value;
    case 'lognormal':
      return candidates.median;
    case 'normal':
      return candidates.mean;
    case 'pareto':
      return candidates.min * 2 ** (1 / candidates.shape);
    case 'uniform':
      return (candidates.min + candidates.max) / 2;
    case 'choices':
      return candidates.values.reduce((sum, value) => sum + value, 0) / candidates.values.length;
  }
}

function checkReplicas(arm: ArmDeployment, { shards }: Placement): void {
  const { replicas } = arm.sparse;
  if (Array.isArray(replicas) && shards.length > 0 && replicas.length !== shards.length) {
    throw new InputError(
      `arm '${arm.name}': fleet.sparse.replicas lists ${replicas.length} numbers for ${shards.length} shards`,
    );
  }
}
