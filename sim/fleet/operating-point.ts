import type { ArmDeployment } from '../../scenarios/deployment.ts';
import type { Capacity } from './capacity.ts';
import { replicasIn, tierOf } from './tier-of.ts';

/** What one request per second takes of one role's hosts. */
export interface HostsPerRate {
  group: string;
  /** Name of the host type. */
  host: string;
  /** Hosts per request per second; a fleet needs at least one of each role. */
  perRequestPerS: number;
}

/**
 * Hosts by role in proportion to the rate, from the capacity of the hosts that the arm states: as many main hosts as bear the rate,
 * and of every other role as many as keep it no busier than what limits the replica set. A first estimate: pools of
 * many hosts bear a little more.
 */
export function hostsPerRate(arm: ArmDeployment, { ratePerS, utilisation }: Capacity): HostsPerRate[] {
  const groups = [...new Set(utilisation.map(({ group }) => group))];
  const busiest = utilisation[0].offered;
  const useOf = (wanted: string) =>
    Math.max(...utilisation.filter(({ group }) => group === wanted).map(({ offered }) => offered));
  return groups.map((group) => ({
    group,
    host: tierOf(arm, group).host.name,
    perRequestPerS:
      (replicasIn(arm, group) * (group === 'main' ? 1 : useOf(group) / busiest)) / ratePerS.mean,
  }));
}

/** Whole hosts by group that bear a rate (requests/s). */
export function hostsFor(rates: readonly HostsPerRate[], ratePerS: number): Map<string, number> {
  return new Map(
    rates.map(({ group, perRequestPerS }) => [
      group,
      Math.max(1, Math.ceil(perRequestPerS * ratePerS - 1e-9)),
    ]),
  );
}
