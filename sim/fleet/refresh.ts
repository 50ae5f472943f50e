import type { ArmDeployment } from '../../scenarios/deployment.ts';
import type { PlanSpec } from '../../scenarios/plan-schema.ts';
import type { ArmPlan } from '../serving/plan.ts';
import { tablesOf } from '../sharding/placement.ts';
import { placementStatistics } from '../sharding/statistics.ts';
import { groupsOf } from './fleet-arm.ts';
import type { Hosts } from './slice.ts';

type Refresh = NonNullable<PlanSpec['refresh']>;

/** The arm with room for two snapshots: what tables may take of every memory is halved. */
export function withDoubleMemory(arm: ArmDeployment): ArmDeployment {
  const { accelerated } = arm;
  return {
    ...arm,
    dramReserved: halved(arm.dramReserved),
    ...(accelerated && { accelerated: { ...accelerated, reserved: halved(accelerated.reserved) } }),
  };
}

/** The reserved share of a memory of which only half of the rest may be used. */
function halved(reserved: number): number {
  return 1 - (1 - reserved) / 2;
}

/** Seconds in which a host of each group loads its tables; hosts that hold none load nothing. */
export function loadSeconds(plan: ArmPlan, { load_bandwidth: bytesPerS }: Refresh): Map<string, number> {
  const { arm, placement } = plan;
  const modelBytes = tablesOf(arm.model).reduce((sum, { table }) => sum + table.sizeBytes, 0);
  const { shards } = placementStatistics(placement, arm.model);
  return new Map(
    groupsOf(plan).map((group) => {
      const shard = /^shard (\d+)$/.exec(group);
      const bytes = shard
        ? shards[Number(shard[1])].sizeBytes
        : shards.length === 0 && group === 'main'
          ? modelBytes
          : 0;
      return [group, bytes / bytesPerS];
    }),
  );
}

/**
 * Hosts with which enough stay in service while the others load a snapshot, one after the other or several at a time, so
 * that all have it when the next one comes.
 * @param loadS less than the time between two snapshots, for every group
 */
export function withRollingRefresh(
  hosts: Hosts,
  loadS: ReadonlyMap<string, number>,
  { every }: Refresh,
): Hosts {
  const result = new Map<string, number>();
  for (const [group, needed] of hosts) {
    const share = (loadS.get(group) ?? 0) / every;
    // Fewer never do; a host or two more may, since hosts load whole.
    let total = Math.ceil(needed / (1 - share) - 1e-9);
    while (total - Math.ceil(total * share - 1e-9) < needed) total++;
    result.set(group, total);
  }
  return result;
}
