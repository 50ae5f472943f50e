import type { PlanSpec } from '../../scenarios/plan-schema.ts';
import { countOf, type Hosts } from './slice.ts';

type Survival = Pick<PlanSpec, 'survive' | 'spares' | 'hosts_per_rack' | 'regions'>;

/** Rates that one region's fleet must bear: in normal operation with the headroom free, and with a domain down. */
export interface RequiredRates {
  normalPerS: number;
  /** Undefined where nothing is to be survived. */
  failedPerS?: number;
  /** Regions that share the load; 1 where the failure domain is smaller. */
  regions: number;
}

/** @param targetPerS requests per second of all regions together */
export function requiredRates(targetPerS: number, spec: Survival & { headroom: number }): RequiredRates {
  const withHeadroom = targetPerS / (1 - spec.headroom);
  if (spec.survive === 'nothing') return { normalPerS: withHeadroom, regions: 1 };
  if (spec.survive !== 'region') return { normalPerS: withHeadroom, failedPerS: targetPerS, regions: 1 };
  const { regions } = spec;
  return { normalPerS: withHeadroom / regions, failedPerS: targetPerS / (regions - 1), regions };
}

/** Racks over which the hosts of a fleet are spread, every role evenly; two at least, or losing one loses all. */
export function racksOf(hosts: number, hostsPerRack: number): number {
  return Math.max(2, Math.ceil(hosts / hostsPerRack));
}

/**
 * Hosts of one region by group, so that the normal rate is served without the spares, and the failed rate is served
 * without the spares and without what the failure takes: one host of any role, or a rack with its share of every role.
 * @param normal hosts that the normal rate needs
 * @param failed hosts that the rate needs while a domain is down; the same groups
 */
export function withRedundancy(normal: Hosts, failed: Hosts, spec: Survival): Hosts {
  const needed = new Map(
    [...normal].map(([group, count]) => [group, Math.max(count, failed.get(group) ?? 0)]),
  );
  if (spec.survive === 'host') {
    return new Map(
      [...needed].map(([group, count]) => [
        group,
        Math.max(count, (failed.get(group) ?? 0) + 1) + spec.spares,
      ]),
    );
  }
  if (spec.survive !== 'rack')
    return new Map([...needed].map(([group, count]) => [group, count + spec.spares]));
  // More racks lose less with one of them, but fewer hosts fill fewer racks: as many as the hosts then fill.
  const spread = (racks: number) =>
    new Map(
      [...needed].map(([group, count]) => [
        group,
        spreadOver(racks, count, failed.get(group) ?? 0) + spec.spares,
      ]),
    );
  let racks = 2;
  while (racksOf(countOf(spread(racks + 1)), spec.hosts_per_rack) > racks) racks++;
  return spread(racks);
}

/** Hosts of a group of which `failed` are left when the fullest of the racks is lost. */
function spreadOver(racks: number, count: number, failed: number): number {
  let total = count;
  while (total - Math.ceil(total / racks) < failed) total++;
  return total;
}

/** What is left of a fleet, spares not counted, when its failure domain is down; the role that loses the most, for a host. */
export function survivors(total: Hosts, spec: Survival): Hosts {
  const racks = racksOf(countOf(total), spec.hosts_per_rack);
  return new Map(
    [...total].map(([group, count]) => {
      const serving = count - spec.spares;
      if (spec.survive === 'host') return [group, Math.max(1, serving - 1)];
      if (spec.survive === 'rack') return [group, Math.max(1, serving - Math.ceil(serving / racks))];
      return [group, serving];
    }),
  );
}
