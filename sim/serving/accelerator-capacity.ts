import { formatBytes } from '../../foundation/units.ts';
import { withTableDataType } from '../../models/retype.ts';
import { remapVectorBytes } from '../../models/table-bytes.ts';
import type { ArmDeployment } from '../../scenarios/deployment.ts';
import { CapacityError } from '../sharding/capacity-error.ts';
import { tablesOf } from '../sharding/placement.ts';
import { shardTables } from '../sharding/shard-tables.ts';

/** What accelerators have for tables, what the tables take, and what is missing over all accelerators. */
export interface AcceleratorShortage {
  capacityBytes: number;
  totalBytes: number;
  missingBytes: number;
}

/** The tables do not fit the memory of the accelerators that should hold them. */
export class AcceleratorCapacityError extends CapacityError {
  /** @param remedies in words, each found to work */
  constructor(arm: ArmDeployment, shortage: AcceleratorShortage, remedies: readonly string[]) {
    const { accelerated } = arm;
    super({
      strategy: 'singular',
      shards: accelerated!.tables === 'sharded' ? accelerated!.used : 1,
      capacityBytesPerShard: shortage.capacityBytes,
      totalBytes: shortage.totalBytes,
      missingBytes: shortage.missingBytes,
      tooLarge: [],
      remedies: [],
    });
    this.name = 'AcceleratorCapacityError';
    const { name } = arm.main.host.accelerators!.device;
    const room = formatBytes(shortage.capacityBytes);
    const where = {
      host: '',
      sharded: `of tables sharded over ${accelerated!.used} ${name} with ${room} for tables each`,
      replicated: `of tables replicated on every ${name}, which has ${room} for tables`,
      cached: `of remap vectors of pruned tables and cached rows on every ${name}, which has ${room} for them`,
    }[accelerated!.tables];
    this.message = [
      `the embedding tables do not fit: ${formatBytes(shortage.totalBytes)} ${where}; ` +
        `${formatBytes(shortage.missingBytes)} missing`,
      ...remedies.map((remedy, index) => `  ${index + 1}. ${remedy}`),
    ].join('\n');
  }
}

/** What would make the tables of an arm fit, each checked by planning with it. */
export function remediesFor(arm: ArmDeployment, capacityBytes: number): string[] {
  const { model, accelerated, main, dramReserved } = arm;
  const remapBytes = tablesOf(model).reduce((sum, { table }) => sum + remapVectorBytes(table), 0);
  const roomForRows = capacityBytes - remapBytes;
  if (accelerated!.tables === 'cached') {
    return roomForRows > 0 ? [`accelerator_cache: less than ${formatBytes(roomForRows)}`] : [];
  }
  const { count, device } = main.host.accelerators!;
  const bytesOf = (tables: ArmDeployment['model']) =>
    tablesOf(tables).reduce((sum, { table }) => sum + table.sizeBytes, 0);
  const fits = (tables: ArmDeployment['model'], holders: number) =>
    holders === 1 ? bytesOf(tables) <= capacityBytes : fitsOver(tables, holders, capacityBytes, arm);
  const holders = accelerated!.tables === 'sharded' ? accelerated!.used : 1;
  const remedies: string[] = [];
  const enough = Array.from({ length: count.value }, (_, index) => index + 1).find(
    (used) => used > Math.max(1, holders) && fits(model, used),
  );
  if (enough !== undefined) {
    const more = enough > accelerated!.used ? `, fleet.main.accelerators_used: ${enough}` : '';
    remedies.push(
      `accelerator_tables: sharded${more}: ${enough} ${device.name} of ${formatBytes(capacityBytes)} hold them`,
    );
  }
  for (const type of ['int8', 'int4'] as const) {
    const smaller = withTableDataType(model, type);
    if (bytesOf(smaller) < bytesOf(model) && fits(smaller, holders)) {
      remedies.push(`table_data_type: ${type}: ${formatBytes(bytesOf(smaller))} of tables`);
    }
  }
  const hostRoom = main.host.dramBytes.value * (1 - dramReserved);
  if (bytesOf(model) <= hostRoom && roomForRows > 0) {
    remedies.push(
      `accelerator_tables: cached: the host has ${formatBytes(hostRoom)} for tables, each ${device.name} keeps the hottest rows`,
    );
  }
  return remedies;
}

function fitsOver(
  model: ArmDeployment['model'],
  shards: number,
  capacityBytesPerShard: number,
  { sharding }: ArmDeployment,
): boolean {
  try {
    shardTables(model, {
      strategy: 'size-greedy',
      shards,
      capacityBytesPerShard,
      ...(sharding.row_wise.length > 0 && { rowWise: sharding.row_wise }),
      columnWise: sharding.column_wise,
    });
    return true;
  } catch (error) {
    if (error instanceof CapacityError) return false;
    throw error;
  }
}
