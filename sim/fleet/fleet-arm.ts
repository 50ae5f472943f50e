import { tierGroup } from '../serving/host-groups.ts';
import type { ArmPlan } from '../serving/plan.ts';
import { type Percentile, percentiles } from '../serving/replication.ts';
import { atRate } from './at-rate.ts';
import type { Hosts } from './slice.ts';
import { withHosts } from './tier-of.ts';

/** Requests above the percentile that each replication should see. */
const tailRequests = 5;

/** Times that all requests in service are replaced in a run: enough to forget how it began. */
const turnovers = 20;

/** Requests of a run at most, whatever the fleet. */
const mostRequests = 200_000;

/** A placed arm with other numbers of hosts, under another rate, for as many requests as that takes to show. */
export function withFleet(
  plan: ArmPlan,
  hosts: Hosts,
  ratePerS: number,
  { percentile, unloadedS }: { percentile: Percentile; unloadedS: number },
): ArmPlan {
  const { arm, placement } = plan;
  const sized = withHosts(atRate(arm, ratePerS), (group) => hosts.get(group) ?? 1, placement.shards.length);
  const warmUp = arm.load.warm_up ?? 0.1;
  const wanted = Math.max(
    arm.load.requests,
    Math.ceil((tailRequests + 1) / (1 - percentiles[percentile]) / (1 - warmUp)),
    Math.min(mostRequests, Math.ceil(turnovers * ratePerS * unloadedS)),
  );
  // A trace has only so many requests.
  const requests = arm.trace ? Math.min(wanted, arm.trace.timesS.length) : wanted;
  return { ...plan, arm: { ...sized, load: { ...sized.load, requests } } };
}

/** The groups of a placed arm, in the order of its task graph. */
export function groupsOf({ arm, placement }: ArmPlan): string[] {
  const tier = arm.preprocessing?.tier ? [tierGroup] : [];
  return ['main', ...tier, ...placement.shards.map((_, shard) => `shard ${shard}`)];
}
