import { formatPercent, hostsInWords, roundedUp, significant } from '../../../foundation/units.ts';
import type { DistillationPlanFields } from '../../../scenarios/distillation/plan-schema.ts';
import type { SizedArm } from './size-arm.ts';

/** A limit of the plan that fleets would pass. */
export interface ExceededLimit {
  /** The field of the plan. */
  constraint: string;
  needed: number;
  limit: number;
  /** The value in words; rounded up where it must be enough. */
  describe(value: number, rounding?: 'up'): string;
}

/** Every limit and stock that sized fleets exceed. */
export function limitsExceeded(
  { money, watts, hosts, fleets }: Pick<SizedArm, 'money' | 'watts' | 'hosts' | 'fleets'>,
  { limits, stock }: DistillationPlanFields,
): ExceededLimit[] {
  const ofType = new Map<string, number>();
  for (const fleet of fleets) ofType.set(fleet.host, (ofType.get(fleet.host) ?? 0) + fleet.hosts);
  const checks = [
    // Prices are read in USD/h.
    {
      constraint: 'plan.limits.price',
      needed: money.total,
      limit: limits.price === undefined ? undefined : limits.price * 24,
      describe: usdPerDay,
    },
    {
      constraint: 'plan.limits.power',
      needed: watts,
      limit: limits.power,
      describe: (value: number, rounding?: 'up') => `${shown(value / 1e3, rounding)} kW`,
    },
    { constraint: 'plan.limits.hosts', needed: hosts, limit: limits.hosts, describe: hostsInWords },
    ...[...ofType].map(([host, needed]) => ({
      constraint: `plan.stock.${host}`,
      needed,
      limit: stock[host],
      describe: (value: number) => `${value} ${host}`,
    })),
  ];
  return checks.filter(
    (one): one is ExceededLimit => one.limit !== undefined && one.needed > one.limit * (1 + 1e-9),
  );
}

/** The same in words, with by how much. */
export function exceededInWords({ constraint, needed, limit, describe }: ExceededLimit): string {
  const more = describe(needed - limit, 'up');
  return `needs ${describe(needed, 'up')}, ${constraint} allows ${describe(limit)}: ${more} too much`;
}

export function usdPerDay(value: number, rounding?: 'up'): string {
  return `${shown(value, rounding)} USD/day`;
}

/** A small gain, as 0.0312 %. */
export function gainInWords(gain: number): string {
  return formatPercent(gain);
}

function shown(value: number, rounding?: 'up'): string {
  return significant(rounding === 'up' ? roundedUp(value) : value);
}
