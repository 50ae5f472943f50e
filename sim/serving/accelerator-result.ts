import { remapVectorBytes } from '../../models/table-bytes.ts';
import { pieceBytes } from '../sharding/pieces.ts';
import { type Piece, tablesOf } from '../sharding/placement.ts';
import { acceleratorCapacity } from './device-plan.ts';
import type { ArmPlan } from './plan.ts';

/** What the accelerators of an accelerated arm do, for its result. */
export function acceleratorOf({ arm, device }: ArmPlan) {
  const { used, streams, tables } = arm.accelerated!;
  const held = tablesOf(arm.model);
  const remapBytes = held.reduce((sum, { table }) => sum + remapVectorBytes(table), 0);
  const bytesOf = (pieces: readonly Piece[]) =>
    pieces.reduce((sum, piece) => sum + pieceBytes(piece, held[piece.table].table), 0);
  return {
    device: arm.main.host.accelerators!.device.name,
    used,
    streams,
    tables,
    capacityBytes: acceleratorCapacity(arm),
    tableBytes: device?.cache ? [device.cache.sizeBytes + remapBytes] : (device?.pieces ?? []).map(bytesOf),
    ...(device?.cache && { cache: device.cache }),
  };
}
