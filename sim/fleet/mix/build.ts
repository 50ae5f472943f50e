import type { ArmDeployment } from '../../../scenarios/deployment.ts';
import type { PlanSpec } from '../../../scenarios/plan-schema.ts';
import type { Capacity } from '../capacity.ts';
import { busyShare } from '../fleet-of.ts';
import { type HostsPerRate, hostsPerRate } from '../operating-point.ts';
import { replicasIn, tierOf } from '../tier-of.ts';
import type { MixPair, MixRole } from './instance.ts';

/** By group; 1 where there is none. */
export type Oversize = ReadonlyMap<string, number>;

/** How a pair is built from its operating point. */
export interface PairOptions {
  workload: number;
  alternative: string;
  /** Factors on the hosts of a group that the operating point asks for, by which simulations were found to hold. */
  oversize: Oversize;
  /** Racks over which the whole mix is spread. */
  racks: number;
}

/**
 * Hosts, money and energy of a workload on an alternative, as the program counts them.
 * @param arm the pool of hosts that the capacity is of
 */
export function pairOf(
  arm: ArmDeployment,
  capacity: Capacity,
  spec: PlanSpec,
  { workload, alternative, oversize, racks }: PairOptions,
): MixPair {
  const regions = spec.survive === 'region' ? spec.regions : 1;
  const rates = hostsPerRate(arm, capacity).map((one) => ({
    ...one,
    perRequestPerS: one.perRequestPerS * (oversize.get(one.group) ?? 1),
  }));
  return {
    workload,
    alternative,
    roles: alike(rates, spec.precision).map((sized): MixRole => {
      const [{ host, perRequestPerS }] = sized;
      const { pricePerHourUsd, powerIdleW } = tierOf(arm, sized[0].group).host;
      return {
        groups: sized.map(({ group }) => group),
        host,
        hostsPerUnit: sized.length * regions,
        needs: needsOf(perRequestPerS, spec, racks),
        usdPerHour: pricePerHourUsd.value,
        idleW: powerIdleW.value,
      };
    }),
    joulesPerRequest: joulesPerRequest(arm, capacity),
  };
}

/** Groups of one host type whose needs differ by less than capacities are known are sized alike, by the largest of them. */
function alike(rates: readonly HostsPerRate[], precision: number): HostsPerRate[][] {
  const sizes: HostsPerRate[][] = [];
  for (const rate of [...rates].sort((a, b) => b.perRequestPerS - a.perRequestPerS)) {
    const like = sizes.find(
      ([first]) =>
        first.group !== 'main' &&
        rate.group !== 'main' &&
        first.host === rate.host &&
        first.perRequestPerS <= rate.perRequestPerS * (1 + precision),
    );
    if (like) like.push(rate);
    else sizes.push([rate]);
  }
  return sizes;
}

/** Hosts of a group in one region: for the target with its headroom free, and for the target with a domain down. */
function needsOf(
  perRequestPerS: number,
  { headroom, spares, survive, regions }: PlanSpec,
  racks: number,
): MixRole['needs'] {
  const normal = (share: number) => ({
    perRequestPerS: (perRequestPerS * share) / (1 - headroom),
    fixed: spares,
  });
  switch (survive) {
    case 'nothing':
      return [normal(1)];
    case 'host':
      return [normal(1), { perRequestPerS, fixed: spares + 1 }];
    case 'rack':
      // Of n hosts over the racks, the fullest rack has fewer than n / racks + 1.
      return [normal(1), { perRequestPerS: (perRequestPerS * racks) / (racks - 1), fixed: spares + 1 }];
    case 'region':
      return [normal(1 / regions), { perRequestPerS: perRequestPerS / (regions - 1), fixed: spares }];
  }
}

/** What a request adds to the power of idle hosts, whatever their number. */
function joulesPerRequest(arm: ArmDeployment, { utilisation, ratePerS }: Capacity): number {
  const seen = utilisation.map(({ group, resource, offered }) => ({
    group,
    resource,
    mean: { mean: offered },
    busiest: offered,
    offered: { mean: offered },
  }));
  const groups = [...new Set(utilisation.map(({ group }) => group))];
  const watts = groups.map((group) => {
    const tier = tierOf(arm, group);
    const { powerBusyW, powerIdleW } = tier.host;
    const accelerators = group === 'main' ? arm.accelerated?.used : 0;
    const share = busyShare(tier, group, seen, accelerators);
    return replicasIn(arm, group) * share * (powerBusyW.value - powerIdleW.value);
  });
  return watts.reduce((sum, one) => sum + one, 0) / ratePerS.mean;
}
