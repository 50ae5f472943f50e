import type { SourceDocument } from '../../foundation/document.ts';
import { formatTime, hoursPerMonth, toldApart } from '../../foundation/units.ts';
import type { Host } from '../../hardware-profiles/profile.ts';
import type { ArmDeployment } from '../../scenarios/deployment.ts';
import { placeArm } from '../run.ts';
import { replicasOf } from '../serving/host-groups.ts';
import type { ArmPlan } from '../serving/plan.ts';
import { CapacityError, type Shortage } from '../sharding/capacity-error.ts';
import { meanShareOfPeak } from './at-rate.ts';
import { asReplicaSet, type Capacity, measureCapacity } from './capacity.ts';
import { pricePerHour } from './fleet-of.ts';
import { type FleetAnswer, simulateFleets } from './fleet-simulation.ts';
import { memoryHeadroom, nicHeadroom } from './headroom.ts';
import { exceededLimits } from './limits.ts';
import type { Alternative } from './plan-result.ts';
import type { Planner } from './planner.ts';
import { requiredRates, survivors, withRedundancy } from './redundancy.ts';
import { loadSeconds, withDoubleMemory, withRollingRefresh } from './refresh.ts';
import { sizeFleet } from './size-fleet.ts';
import { countOf, type Hosts } from './slice.ts';
import { tierOf } from './tier-of.ts';

/** An alternative with what later questions about it start from. */
export interface BuiltAlternative {
  alternative: Alternative;
  arm: ArmDeployment;
  plan?: ArmPlan;
  capacity?: Capacity;
  /** Hosts of one region: those that the load needs, and all of them. */
  needed?: Hosts;
  total?: Hosts;
  shortage?: Shortage;
  /** Where loading a snapshot takes longer than the time to the next: seconds that the slowest host takes. */
  tooSlowToLoadS?: number;
}

type RefreshMode = 'double-memory' | 'rolling';

/**
 * Sizes one arm for the plan's target: capacity of its replica set, fewest hosts, redundancy, refresh, money, power,
 * and the simulations that prove it. Without a target it ends with the capacity.
 * @param file the placement that the arm names, if it names one
 */
export async function buildAlternative(
  planner: Planner,
  arm: ArmDeployment,
  file?: SourceDocument,
): Promise<BuiltAlternative> {
  const { refresh } = planner.spec;
  if (!refresh || planner.targetPerS === undefined) return build(planner, arm, file);
  const modes: RefreshMode[] = refresh.mode === 'cheaper' ? ['rolling', 'double-memory'] : [refresh.mode];
  const built: BuiltAlternative[] = [];
  for (const mode of modes) built.push(await build(planner, arm, file, mode));
  return built.reduce((best, one) => (isBetter(one, best) ? one : best));
}

function isBetter({ alternative: one }: BuiltAlternative, { alternative: other }: BuiltAlternative): boolean {
  if (one.state !== 'SIZED' || other.state !== 'SIZED') return one.state === 'SIZED';
  return one.money!.usdPerHour < other.money!.usdPerHour;
}

async function build(
  planner: Planner,
  arm: ArmDeployment,
  file: SourceDocument | undefined,
  refresh?: RefreshMode,
): Promise<BuiltAlternative> {
  const { targetPerS } = planner;
  const asked = refresh === 'double-memory' ? withDoubleMemory(arm) : arm;
  const set = targetPerS === undefined ? asked : asReplicaSet(asked);
  const failed = (state: Alternative['state'], reason: string, more: Partial<BuiltAlternative> = {}) => ({
    arm,
    ...more,
    alternative: {
      name: arm.name,
      state,
      reason,
      states: [],
      ...(more.capacity && { capacity: more.capacity }),
    },
  });
  let plan: ArmPlan;
  try {
    plan = await placeArm(planner.scenario, set, file);
  } catch (error) {
    if (!(error instanceof CapacityError)) throw error;
    const { shortage } = error;
    const prefix = refresh === 'double-memory' ? 'with room for two snapshots: ' : '';
    return failed('DOES NOT FIT', `${prefix}${error.message}`, { shortage });
  }
  const capacity = await measureCapacity(planner, plan);
  if (capacity.limitedBy === 'unloaded-latency') {
    const { percentile, limitS } = planner.sla;
    const [takes, allowed] = toldApart(capacity.unloadedS, limitS);
    const reason = `even lone requests take ${takes} at ${percentile}; the SLA allows ${allowed}`;
    return failed('MISSES SLA', reason, { plan, capacity });
  }
  if (targetPerS === undefined) {
    const set = failed('REPLICA SET', describeCapacity(capacity), { plan, capacity });
    return { ...set, alternative: { ...set.alternative, money: moneyOfSet(plan, capacity) } };
  }
  return sized(planner, { arm, plan, capacity }, targetPerS, refresh, failed);
}

async function sized(
  planner: Planner,
  { arm, plan, capacity }: { arm: ArmDeployment; plan: ArmPlan; capacity: Capacity },
  targetPerS: number,
  refresh: RefreshMode | undefined,
  failed: (state: Alternative['state'], reason: string, more?: Partial<BuiltAlternative>) => BuiltAlternative,
): Promise<BuiltAlternative> {
  const { spec } = planner;
  const loadsS = refresh && loadSeconds(plan, spec.refresh!);
  const slowestS = Math.max(0, ...(loadsS?.values() ?? []));
  if (refresh && slowestS >= spec.refresh!.every) {
    const reason = `a host takes ${formatTime(slowestS)} to load its tables, no less than the time between two snapshots`;
    return failed('MISSES SLA', reason, { plan, capacity, tooSlowToLoadS: slowestS });
  }
  const rates = requiredRates(targetPerS, spec);
  const normal = await sizeFleet(planner, plan, capacity, rates.normalPerS);
  const needsMore = rates.failedPerS !== undefined && rates.failedPerS !== rates.normalPerS;
  const down = needsMore ? await sizeFleet(planner, plan, capacity, rates.failedPerS!) : normal;
  if (!normal || !down) {
    return failed('MISSES SLA', 'no number of hosts was found that surely meets the SLA', { plan, capacity });
  }
  const robust = withRedundancy(normal.hosts, down.hosts, spec);
  const total = refresh === 'rolling' ? withRollingRefresh(robust, loadsS!, spec.refresh!) : robust;
  const proofs = await prove(planner, plan, capacity, robust, rates.regions, targetPerS);
  const refreshed = refresh && {
    mode: refresh,
    loadS: slowestS,
    extraHosts: (countOf(total) - countOf(robust)) * rates.regions,
  };
  const alternative = describe(
    planner,
    { arm, plan, capacity },
    {
      needed: normal.hosts,
      inService: robust,
      total,
      regions: rates.regions,
      proofs: [...proofs, { ...normal.proof, state: { ...normal.proof.state, state: 'all headroom used' } }],
      refresh: refreshed,
    },
  );
  return { arm, plan, capacity, needed: normal.hosts, total, alternative };
}

/** Simulates the hosts in service at the target, and what is left of them when their failure domain is down. */
async function prove(
  planner: Planner,
  plan: ArmPlan,
  { unloadedS }: Capacity,
  inService: Hosts,
  regions: number,
  targetPerS: number,
): Promise<FleetAnswer[]> {
  const { spec } = planner;
  const serving = new Map([...inService].map(([group, hosts]) => [group, hosts - spec.spares]));
  const normal = {
    state: 'normal operation',
    plan,
    hosts: serving,
    ratePerS: targetPerS / regions,
    unloadedS,
  };
  if (spec.survive === 'nothing') return simulateFleets(planner, [normal]);
  const failure = {
    state: failureNames[spec.survive],
    plan,
    hosts: survivors(inService, spec),
    ratePerS: regions > 1 ? targetPerS / (regions - 1) : targetPerS,
    unloadedS,
  };
  return simulateFleets(planner, [normal, failure]);
}

const failureNames = {
  host: 'a host of every role down',
  rack: 'a rack down',
  region: 'a region down',
} as const;

interface Found {
  needed: Hosts;
  /** With spares and what failures add; without the hosts that load a snapshot. */
  inService: Hosts;
  total: Hosts;
  regions: number;
  proofs: FleetAnswer[];
  refresh?: NonNullable<Alternative['fleet']>['refresh'] | undefined;
}

function describe(
  planner: Planner,
  { arm, plan, capacity }: { arm: ArmDeployment; plan: ArmPlan; capacity: Capacity },
  { needed, inService, total, regions, proofs, refresh }: Found,
): Alternative {
  const { spec, targetPerS = 0 } = planner;
  const tiers = [...total].map(([group, hosts]) => ({
    group,
    host: tierOf(arm, group).host.name,
    needed: needed.get(group)! * regions,
    total: hosts * regions,
  }));
  const hostsByType: Record<string, number> = {};
  for (const { host, total: hosts } of tiers) hostsByType[host] = (hostsByType[host] ?? 0) + hosts;
  const sumOver = (value: (host: Host) => number) =>
    tiers.reduce((sum, { group, total: hosts }) => sum + hosts * value(tierOf(arm, group).host), 0);
  const usdPerHour = sumOver(({ pricePerHourUsd }) => pricePerHourUsd.value);
  const [normal] = proofs;
  const idleOf = (group: string) => spec.spares + total.get(group)! - inService.get(group)!;
  const idleWatts = tiers.reduce(
    (sum, { group }) => sum + idleOf(group) * regions * tierOf(arm, group).host.powerIdleW.value,
    0,
  );
  const watts = normal.powerW * regions + idleWatts;
  const full = proofs.at(-1)!;
  const meanPerS = targetPerS * meanShareOfPeak(arm);
  const alternative: Alternative = {
    name: arm.name,
    state: 'SIZED',
    reason: '',
    capacity,
    fleet: { tiers, hosts: countOf(total) * regions, hostsByType, regions, ...(refresh && { refresh }) },
    states: proofs.map(({ state }) => state),
    money: {
      usdPerHour,
      usdPerMonth: usdPerHour * hoursPerMonth,
      usdPerMillionRequests: (usdPerHour / 3600 / meanPerS) * 1e6,
    },
    power: { watts, requestsPerJoule: targetPerS / watts },
    headroom: {
      rate: 1 - normal.state.utilisation[0].offered / spec.max_utilisation,
      memory: memoryHeadroom(plan, normal.arm),
      nic: nicHeadroom(full.state),
    },
    bottleneck: full.state.utilisation[0],
    ...(full.arm.evidence.tailTime && { evidence: full.arm.evidence.tailTime }),
  };
  const exceeded = exceededLimits(alternative, spec);
  return exceeded.length === 0
    ? alternative
    : { ...alternative, state: 'EXCEEDS LIMITS', reason: exceeded.join('; ') };
}

/** What a replica set costs when it is used to its capacity. */
function moneyOfSet({ arm, placement }: ArmPlan, { ratePerS }: Capacity): NonNullable<Alternative['money']> {
  const sparseHosts = placement.shards.reduce((sum, _, shard) => sum + replicasOf(arm, shard), 0);
  const usdPerHour = pricePerHour(arm, sparseHosts);
  return {
    usdPerHour,
    usdPerMonth: usdPerHour * hoursPerMonth,
    usdPerMillionRequests: (usdPerHour / 3600 / ratePerS.mean) * 1e6,
  };
}

function describeCapacity({ limitedBy }: Capacity): string {
  return limitedBy === 'utilisation' ? 'limited by use, not by latency' : 'limited by latency';
}
