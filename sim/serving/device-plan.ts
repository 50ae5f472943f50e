import { remapVectorBytes } from '../../models/table-bytes.ts';
import type { ArmDeployment } from '../../scenarios/deployment.ts';
import { bestPlacement } from '../sharding/best-placement.ts';
import { CapacityError } from '../sharding/capacity-error.ts';
import { lookupBytes, pieceLookups } from '../sharding/pieces.ts';
import { type Piece, tablesOf } from '../sharding/placement.ts';
import { AcceleratorCapacityError, remediesFor } from './accelerator-capacity.ts';
import { type CachePlan, planCache } from './cache-plan.ts';
import { acceleratorsPerBatch } from './host-groups.ts';

/** Where tables lie on the accelerators that serve a batch together. */
export interface DevicePlan {
  /** By accelerator: one where each has the tables for itself, else all of a host. */
  pieces: Piece[][];
  /** Memory of each accelerator that tables may take. */
  capacityBytes: number;
  /** Share of each piece's lookups that find their row in the cache, where tables are cached. */
  hits?: number[][];
  cache?: CachePlan;
}

/** Bytes that tables may take on each accelerator. */
export function acceleratorCapacity({ main, accelerated }: ArmDeployment): number {
  const { device } = main.host.accelerators!;
  return device.memory.capacityBytes.value * (1 - accelerated!.reserved);
}

/**
 * Places tables on the accelerators of the main host; undefined where they do not lie there.
 * @param candidates of a typical batch
 * @throws CapacityError when they do not fit
 */
export async function planDevice(arm: ArmDeployment, candidates: number): Promise<DevicePlan | undefined> {
  const { accelerated, model } = arm;
  if (!accelerated || accelerated.tables === 'host') return undefined;
  const capacityBytes = acceleratorCapacity(arm);
  const whole = tablesOf(model).map((_, table): Piece => ({ table, split: 'table' }));
  if (accelerated.tables === 'cached') {
    const remapBytes = tablesOf(model).reduce((sum, { table }) => sum + remapVectorBytes(table), 0);
    const asked = remapBytes + (accelerated.cacheBytes ?? 0);
    if (remapBytes > 0 && asked >= capacityBytes) throw notFitting(arm, capacityBytes, asked);
    const cache = planCache(arm, capacityBytes - remapBytes, candidates);
    return { pieces: [whole], capacityBytes, hits: [cache.hits], cache: cache.plan };
  }
  if (accelerated.tables === 'sharded') {
    return { pieces: await shardOver(arm, capacityBytes, candidates), capacityBytes };
  }
  const totalBytes = tablesOf(model).reduce((sum, { table }) => sum + table.sizeBytes, 0);
  if (totalBytes > capacityBytes) throw notFitting(arm, capacityBytes, totalBytes);
  return { pieces: [whole], capacityBytes };
}

/** How hard the search for a balanced placement tries: accelerators differ little once a greedy has spread tables. */
const effort = { evaluationsPerPiece: 2000, highsVariables: 0 };

/** Tables table-wise over the accelerators of a host, those too large or named row-wise or column-wise. */
async function shardOver(arm: ArmDeployment, capacityBytes: number, candidates: number): Promise<Piece[][]> {
  const { model, sharding, main } = arm;
  const tables = tablesOf(model);
  const { memory } = main.host.accelerators!.device;
  try {
    const placement = await bestPlacement(model, {
      strategy: 'best',
      shards: acceleratorsPerBatch(arm.accelerated!),
      capacityBytesPerShard: capacityBytes,
      pieceCostS: (piece) => {
        const { table } = tables[piece.table];
        const { perCandidate, perUser } = pieceLookups(piece, table);
        const bytes = (perCandidate * candidates + perUser) * lookupBytes(piece, table);
        return (bytes * arm.poolingScale) / memory.bandwidthBytesPerS.value;
      },
      ...(sharding.row_wise.length > 0 && { rowWise: sharding.row_wise }),
      columnWise: sharding.column_wise,
      effort,
    });
    return placement.shards;
  } catch (error) {
    if (!(error instanceof CapacityError)) throw error;
    throw notFitting(arm, capacityBytes, error.shortage.totalBytes, error.shortage.missingBytes);
  }
}

function notFitting(
  arm: ArmDeployment,
  capacityBytes: number,
  totalBytes: number,
  missingBytes = totalBytes - capacityBytes,
): AcceleratorCapacityError {
  return new AcceleratorCapacityError(
    arm,
    { capacityBytes, totalBytes, missingBytes },
    remediesFor(arm, capacityBytes),
  );
}
