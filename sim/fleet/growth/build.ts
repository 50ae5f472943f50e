import { didYouMean } from '../../../foundation/near-name.ts';
import { InputError } from '../../../foundation/problem.ts';
import type { Host } from '../../../hardware-profiles/profile.ts';
import type { ArmDeployment, ResolvedScenario } from '../../../scenarios/deployment.ts';
import type { GrowthSpec } from '../../../scenarios/plan-growth-schema.ts';
import type { PlanSpec } from '../../../scenarios/plan-schema.ts';
import type { Capacity } from '../capacity.ts';
import { busyShare } from '../fleet-of.ts';
import type { Planner } from '../planner.ts';
import type { Hosts } from '../slice.ts';
import { tierOf } from '../tier-of.ts';
import type { GrowthInstance, HostType, Role, ServingOption } from './instance.ts';
import { type Redundancy, redundancyOf, roleNeeds } from './needs.ts';
import type { QuarterPoint } from './points.ts';

/** An alternative over the quarters. */
export interface GrowingAlternative {
  arm: ArmDeployment;
  points: readonly QuarterPoint[];
}

/**
 * Every host that the growth section names must be one that an arm runs on.
 * @throws InputError, located, for each that is not
 */
export function checkGrowthHosts({ arms, settings, problemAt }: ResolvedScenario): void {
  const growth = settings.plan?.growth;
  if (!growth) return;
  const known = [...hostsOf(arms).keys()];
  const check = (name: string, path: PropertyKey[]) => {
    if (known.includes(name)) return [];
    const message = `no arm runs on '${name}'${didYouMean(name, known)}; arms run on ${known.join(', ')}`;
    return [problemAt('', ['plan', 'growth', ...path], message)];
  };
  const problems = [
    ...Object.keys(growth.owned).flatMap((name) => check(name, ['owned', name])),
    ...growth.generations.flatMap(({ host }, index) => check(host, ['generations', index, 'host'])),
  ];
  if (problems.length > 0) throw new InputError(problems);
}

/** The host types that the arms run on, with what the growth section says of them. */
export function hostTypes({ scenario, spec }: Planner, growth: GrowthSpec): HostType[] {
  return [...hostsOf(scenario.arms).values()].map((host) => hostType(host, growth, spec));
}

function hostsOf(arms: readonly ArmDeployment[]): Map<string, Host> {
  const hosts = new Map<string, Host>();
  for (const { main, sparse, sharding, preprocessing } of arms) {
    hosts.set(main.host.name, main.host);
    if (preprocessing?.tier) hosts.set(preprocessing.tier.host.name, preprocessing.tier.host);
    if (sharding.strategy !== 'singular' || sharding.placement !== undefined) {
      hosts.set(sparse.host.name, sparse.host);
    }
  }
  return hosts;
}

function hostType(host: Host, growth: GrowthSpec, { stock }: PlanSpec): HostType {
  const { name, pricePerHourUsd, powerIdleW } = host;
  const generation = growth.generations.find((one) => one.host === name);
  return {
    host: name,
    owned: growth.owned[name] ?? 0,
    usdPerHour: generation?.price ?? pricePerHourUsd.value,
    idleW: powerIdleW.value,
    leadQuarters: generation?.lead_time ?? growth.lead_time,
    firstOrder: (generation?.available ?? 1) - 1,
    ...(stock[name] !== undefined && { stock: stock[name] }),
    ...(generation?.stock_per_quarter !== undefined && { perQuarter: generation.stock_per_quarter }),
  };
}

/**
 * The purchase problem of a growing load.
 * @param corrections by alternative: hosts are multiplied by it, where simulations asked for more
 */
export function growthInstance(
  { spec }: Planner,
  types: readonly HostType[],
  demandPerS: readonly number[],
  alternatives: readonly GrowingAlternative[],
  corrections: readonly number[] = alternatives.map(() => 1),
): GrowthInstance {
  const { price, power, hosts } = spec.limits;
  return {
    demandPerS,
    types,
    alternatives: alternatives.map(({ arm, points }, index) => ({
      name: arm.name,
      options: points.map((point, quarter) =>
        point.ratePerS === undefined
          ? undefined
          : optionOf(spec, types, arm, point, demandPerS[quarter], corrections[index]),
      ),
    })),
    isReturnable: spec.growth!.commitment === 'quarter',
    limits: {
      ...(price !== undefined && { usdPerHour: price }),
      ...(power !== undefined && { powerW: power }),
      ...(hosts !== undefined && { hosts }),
    },
  };
}

function optionOf(
  spec: PlanSpec,
  types: readonly HostType[],
  arm: ArmDeployment,
  { hosts, capacity, plan, pool }: QuarterPoint,
  demandPerS: number,
  correction: number,
): ServingOption | undefined {
  const slopes = new Map(
    hosts.map(({ group, perRequestPerS }) => [group, perRequestPerS * demandPerS * correction]),
  );
  const redundancy: Redundancy = redundancyOf(spec, plan!, slopes);
  const roles: Role[] = [];
  for (const { group, host } of hosts) {
    const needs = roleNeeds(spec, redundancy, group, slopes.get(group)!);
    if (!needs) return undefined;
    roles.push({ group, type: types.findIndex((type) => type.host === host), ...needs });
  }
  return { roles, dynamicW: dynamicWatts(arm, capacity!, pool!) * demandPerS };
}

/** Watts beyond those of idle hosts, for each request per second. */
function dynamicWatts(arm: ArmDeployment, { utilisation, ratePerS }: Capacity, pool: Hosts): number {
  const perRate = utilisation.map(({ group, resource, offered }) => {
    const use = { mean: offered / ratePerS.mean };
    return { group, resource, mean: use, busiest: use.mean, offered: use };
  });
  return [...pool].reduce((sum, [group, hosts]) => {
    const isMain = group === 'main';
    const tier = tierOf(arm, group);
    const { powerBusyW, powerIdleW } = tier.host;
    const share = busyShare(tier, group, perRate, isMain ? arm.accelerated?.used : 0);
    return sum + hosts * share * (powerBusyW.value - powerIdleW.value);
  }, 0);
}
