import { hostsInWords, hoursPerMonth, roundedUp, significant } from '../../foundation/units.ts';
import type { PlanSpec } from '../../scenarios/plan-schema.ts';
import type { Alternative } from './plan-result.ts';

/** A limit of the plan that a fleet would pass. */
export interface Exceeded {
  /** The field of the plan. */
  constraint: string;
  needed: number;
  limit: number;
  /** The value in words; rounded up where it must be enough. */
  describe(value: number, rounding?: 'up'): string;
}

/** Every limit and stock that a sized fleet exceeds. */
export function limitsExceededBy(
  { money, power, fleet }: Alternative,
  { limits, stock }: PlanSpec,
): Exceeded[] {
  const checks: {
    constraint: string;
    needed: number;
    limit: number | undefined;
    describe: Exceeded['describe'];
  }[] = [
    {
      constraint: 'plan.limits.price',
      needed: money?.usdPerHour ?? 0,
      limit: limits.price,
      describe: (usd, rounding) => `${shown(usd * hoursPerMonth, rounding)} USD/month`,
    },
    {
      constraint: 'plan.limits.power',
      needed: power?.watts ?? 0,
      limit: limits.power,
      describe: (watts, rounding) => `${shown(watts / 1e3, rounding)} kW`,
    },
    {
      constraint: 'plan.limits.hosts',
      needed: fleet?.hosts ?? 0,
      limit: limits.hosts,
      describe: (hosts) => hostsInWords(hosts),
    },
    ...Object.entries(fleet?.hostsByType ?? {}).map(([host, needed]) => ({
      constraint: `plan.stock.${host}`,
      needed,
      limit: stock[host],
      describe: (hosts: number) => `${hosts} ${host}`,
    })),
  ];
  return checks.filter(
    (one): one is Exceeded => one.limit !== undefined && one.needed > one.limit * (1 + 1e-9),
  );
}

function shown(value: number, rounding?: 'up'): string {
  return significant(rounding === 'up' ? roundedUp(value) : value);
}

/** The same in words. */
export function exceededLimits(alternative: Alternative, spec: PlanSpec): string[] {
  return limitsExceededBy(alternative, spec).map(
    ({ constraint, needed, limit, describe }) =>
      `needs ${describe(needed, 'up')}, ${constraint.replace(/^plan\./, '')} allows ${describe(limit)}`,
  );
}
