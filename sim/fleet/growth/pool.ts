import type { ArmPlan } from '../../serving/plan.ts';
import type { Capacity } from '../capacity.ts';
import { groupsOf } from '../fleet-arm.ts';
import { hostsFor, hostsPerRate } from '../operating-point.ts';
import type { Hosts } from '../slice.ts';
import { withHosts } from '../tier-of.ts';

/** Main hosts of a pool at most: larger ones bear hardly more for each host, and take longer to simulate. */
const largestPool = 8;

/** Other roles have so much more than their part, lest they limit a pool whose whole hosts do not come out even. */
const otherRoles = 1.25;

/**
 * Hosts of the pool that stands for a fleet: requests of one host queue more than those of many, so that hosts counted
 * by a single one would be too many.
 * @param ratePerS that the fleet must bear, from which a small fleet gets a small pool
 */
export function poolFor(plan: ArmPlan, single: Capacity, ratePerS: number): Hosts {
  const wanted = hostsFor(hostsPerRate(plan.arm, single), ratePerS);
  const main = wanted.get('main') ?? 1;
  const share = Math.min(1, largestPool / main);
  return new Map(
    groupsOf(plan).map((group) => {
      const hosts = (wanted.get(group) ?? 1) * share;
      return [group, group === 'main' ? Math.max(1, Math.round(hosts)) : Math.ceil(hosts * otherRoles)];
    }),
  );
}

/** A placed arm with the hosts of a pool. */
export function withPool(plan: ArmPlan, pool: Hosts): ArmPlan {
  const { arm, placement } = plan;
  return { ...plan, arm: withHosts(arm, (group) => pool.get(group) ?? 1, placement.shards.length) };
}
