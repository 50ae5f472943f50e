import { significant } from '../../../foundation/units.ts';
import type { GrowingAlternative } from './build.ts';
import type { GrowthResult } from './growth-result.ts';
import { type GrowthInstance, hostsOfRole, type ServingOption } from './instance.ts';
import type { QuarterPoint } from './points.ts';
import { mostServed } from './quarter.ts';

type RunsOut = NonNullable<GrowthResult['presentFleet']['runsOut']>;

/** Hosts by type that an alternative needs for all of the demand. */
export function hostsForAll({ roles }: ServingOption, { types }: GrowthInstance): Record<string, number> {
  const hosts: Record<string, number> = {};
  for (const role of roles) {
    const { host } = types[role.type];
    hosts[host] = (hosts[host] ?? 0) + role.times * hostsOfRole(role, 1);
  }
  return hosts;
}

/** The first quarter in which an alternative alone no longer serves the demand on the hosts in place, and why. */
export function runsOut(
  instance: GrowthInstance,
  index: number,
  { points }: GrowingAlternative,
): RunsOut | undefined {
  for (const [quarter, point] of points.entries()) {
    const option = instance.alternatives[index].options[quarter];
    if (!option) return { quarter: quarter + 1, reason: cannotServe(point) };
    const needed = hostsForAll(option, instance);
    const lacking = instance.types.filter(({ host, owned }) => (needed[host] ?? 0) > owned);
    if (lacking.length === 0) continue;
    const parts = lacking.map(({ host, owned }) => `${needed[host]} ${host}, ${owned} in place`);
    return { quarter: quarter + 1, reason: `needs ${parts.join('; ')} (${whatLimits(point)})` };
  }
  return undefined;
}

/** Why an alternative serves nothing in a quarter. */
export function cannotServe({ reason, shortage, ratePerS }: QuarterPoint): string {
  if (shortage) return `its tables no longer fit: ${reason!.replace(/^.*?fit: /, '')}`;
  if (ratePerS === undefined) return reason ?? 'it cannot serve';
  return 'hosts take longer to load a snapshot than there is between two';
}

function whatLimits({ capacity }: QuarterPoint): string {
  const [{ group, resource, offered }] = capacity!.utilisation;
  const busiest = `${resource} of ${group}, ρ ${offered.toFixed(2)}`;
  return capacity!.limitedBy === 'latency' ? `latency; busiest: ${busiest}` : `limited by ${busiest}`;
}

/** What the hosts in place serve at most, quarter by quarter, and when that is no longer enough. */
export async function presentFleet(
  instance: GrowthInstance,
  alternatives: readonly GrowingAlternative[],
): Promise<GrowthResult['presentFleet']> {
  const owned = instance.types.map((type) => type.owned);
  const capacityPerS: number[] = [];
  for (const quarter of instance.demandPerS.keys()) {
    capacityPerS.push(await mostServed(instance, quarter, owned));
  }
  const quarter = capacityPerS.findIndex((rate, index) => rate < instance.demandPerS[index] * (1 - 1e-6));
  if (quarter < 0) return { capacityPerS };
  return {
    capacityPerS,
    runsOut: { quarter: quarter + 1, reason: reasonOf(instance, alternatives, quarter, capacityPerS) },
  };
}

function reasonOf(
  { demandPerS, alternatives: served, types }: GrowthInstance,
  alternatives: readonly GrowingAlternative[],
  quarter: number,
  capacityPerS: readonly number[],
): string {
  if (types.every(({ owned }) => owned === 0)) return 'no hosts are in place';
  if (served.every(({ options }) => !options[quarter])) {
    const [first, ...others] = alternatives.map(({ points }) => cannotServe(points[quarter]));
    return others.every((reason) => reason === first) ? first : `no alternative can serve: ${first}`;
  }
  const most = significant(capacityPerS[quarter]);
  const lost = served.flatMap(({ name, options }, index) => {
    const isNew = !options[quarter] && (quarter === 0 || options[quarter - 1]);
    return isNew ? [`${name}: ${cannotServe(alternatives[index].points[quarter])}`] : [];
  });
  const why = lost.length > 0 ? ` (${lost.join('; ')})` : '';
  return `serves at most ${most} of ${significant(demandPerS[quarter])} QPS${why}`;
}
