import { didYouMean } from '../../foundation/near-name.ts';
import { InputError } from '../../foundation/problem.ts';
import type { Host } from '../../hardware-profiles/profile.ts';
import type { ArmDeployment } from '../../scenarios/deployment.ts';
import type { GrowthSpec } from '../../scenarios/plan-growth-schema.ts';
import type { PlanSpec } from '../../scenarios/plan-schema.ts';
import type { Capacity } from './capacity.ts';
import { busyShare } from './fleet-of.ts';
import type { GrowthInstance, HostType, Role, ServingOption } from './growth-instance.ts';
import { type Redundancy, redundancyOf, roleNeeds } from './growth-needs.ts';
import type { QuarterPoint } from './growth-points.ts';
import type { Planner } from './planner.ts';
import type { Hosts } from './slice.ts';

/** An alternative over the quarters. */
export interface GrowingAlternative {
  arm: ArmDeployment;
  points: readonly QuarterPoint[];
}

/**
 * The host types that the arms run on, with what the growth section says of them.
 * @throws InputError, located, for a host that no arm runs on
 */
export function hostTypes({ scenario, spec }: Planner, growth: GrowthSpec): HostType[] {
  const hosts = new Map<string, Host>();
  for (const { main, sparse, sharding } of scenario.arms) {
    hosts.set(main.host.name, main.host);
    if (sharding.strategy !== 'singular' || sharding.placement !== undefined) {
      hosts.set(sparse.host.name, sparse.host);
    }
  }
  const check = (name: string, path: PropertyKey[]) => {
    if (hosts.has(name)) return [];
    const known = [...hosts.keys()];
    const message = `no arm runs on '${name}'${didYouMean(name, known)}; arms run on ${known.join(', ')}`;
    return [scenario.problemAt('', ['plan', 'growth', ...path], message)];
  };
  const problems = [
    ...Object.keys(growth.owned).flatMap((name) => check(name, ['owned', name])),
    ...growth.generations.flatMap(({ host }, index) => check(host, ['generations', index, 'host'])),
  ];
  if (problems.length > 0) throw new InputError(problems);
  return [...hosts.values()].map((host) => hostType(host, growth, spec));
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
    const tier = isMain ? arm.main : arm.sparse;
    const { powerBusyW, powerIdleW } = tier.host;
    const share = busyShare(tier, group, perRate, isMain ? arm.accelerated?.used : 0);
    return sum + hosts * share * (powerBusyW.value - powerIdleW.value);
  }, 0);
}
