import type { ArmResult } from '../result.ts';
import { type ArmPlan, tableCapacity } from '../serving/plan.ts';
import { tablesOf } from '../sharding/placement.ts';
import type { FleetState } from './plan-result.ts';

/** Tables in the fullest memory of each kind, and what they may take there (bytes). */
export function memoryHeadroom(
  { arm }: ArmPlan,
  { shards, accelerator }: ArmResult,
): { group: string; kind: string; usedBytes: number; capacityBytes: number }[] {
  const found = [];
  if (shards.length > 0) {
    found.push({
      group: 'shards',
      kind: 'DRAM',
      usedBytes: Math.max(...shards.map(({ sizeBytes }) => sizeBytes)),
      capacityBytes: tableCapacity(arm.sparse.host, arm.dramReserved),
    });
  }
  const onAccelerators = accelerator && accelerator.tables !== 'host';
  if (onAccelerators) {
    const cacheBytes = accelerator.cache?.sizeBytes ?? 0;
    found.push({
      group: 'main',
      kind: `${accelerator.device} memory`,
      usedBytes: Math.max(cacheBytes, ...accelerator.tableBytes),
      capacityBytes: accelerator.capacityBytes,
    });
  }
  if (shards.length === 0 && (!onAccelerators || accelerator.tables === 'cached')) {
    found.push({
      group: 'main',
      kind: 'DRAM',
      usedBytes: tablesOf(arm.model).reduce((sum, { table }) => sum + table.sizeBytes, 0),
      capacityBytes: tableCapacity(arm.main.host, arm.dramReserved),
    });
  }
  return found;
}

/** Free share of the busier direction of the NICs of each role; shards together, by the busiest of them. */
export function nicHeadroom({ utilisation }: FleetState): { group: string; free: number }[] {
  const free = new Map<string, number>();
  for (const { group, resource, offered } of utilisation) {
    if (!resource.startsWith('NIC')) continue;
    const role = group.startsWith('shard') ? 'shards' : group;
    free.set(role, Math.min(free.get(role) ?? 1, 1 - offered));
  }
  return [...free].map(([group, share]) => ({ group, free: share }));
}
