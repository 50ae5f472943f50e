import { hoursPerYear } from '../../../foundation/units.ts';
import type { GrowingAlternative } from './build.ts';
import type { GrowthResult } from './growth-result.ts';
import type { GrowthInstance } from './instance.ts';
import { hostsAtWork, type PurchasePlan } from './model.ts';
import { cannotServe, hostsForAll, runsOut } from './run-out.ts';

/** Hours of a quarter, as prices count them. */
export const hoursPerQuarter = hoursPerYear / 4;

/** Every quarter of a plan: hosts, who serves what on which of them, money and power. */
export function describePlan(instance: GrowthInstance, plan: PurchasePlan): GrowthResult['plan'] {
  const { types, demandPerS, alternatives } = instance;
  return plan.unserved.map((unserved, step) => {
    const quarter = plan.from + step;
    const atWork = hostsAtWork(instance, plan, quarter);
    const counts = (of: (type: number) => number) =>
      Object.fromEntries(types.flatMap(({ host }, type) => (of(type) > 0 ? [[host, of(type)]] : [])));
    const dynamicW = atWork.reduce(
      (sum, { alternative, share }) => sum + share * alternatives[alternative].options[quarter]!.dynamicW,
      0,
    );
    return {
      quarter: quarter + 1,
      hosts: counts((type) => plan.inventory[type][step]),
      atWork: counts((type) =>
        atWork.reduce(
          (sum, { roles }) =>
            roles.reduce((inner, { role, hosts }) => inner + (role.type === type ? hosts : 0), sum),
          0,
        ),
      ),
      shares: atWork.map(({ alternative, share, roles }) => ({
        alternative: alternatives[alternative].name,
        share,
        hosts: roles.map(({ role, hosts }) => ({
          group: role.group,
          host: types[role.type].host,
          count: hosts,
        })),
      })),
      usdPerHour: plan.usdPerHour[step],
      usd: plan.usdPerHour[step] * hoursPerQuarter,
      watts: dynamicW + types.reduce((sum, { idleW }, type) => sum + idleW * plan.inventory[type][step], 0),
      unservedPerS: unserved * demandPerS[quarter],
    };
  });
}

/** Orders by the quarter in which they go out. */
export function describeOrders(
  { types, demandPerS }: GrowthInstance,
  { from, delivered }: PurchasePlan,
): GrowthResult['orders'] {
  const quarters = demandPerS.length;
  const orders = types.flatMap(({ host, leadQuarters, usdPerHour }, type) =>
    delivered[type].flatMap((count, step) => {
      if (count === 0) return [];
      const quarter = from + step;
      const usdToEnd = count * usdPerHour * (quarters - quarter) * hoursPerQuarter;
      return [{ ordered: quarter - leadQuarters + 1, delivered: quarter + 1, host, count, usdToEnd }];
    }),
  );
  return orders.sort((a, b) => a.ordered - b.ordered || a.delivered - b.delivered);
}

/** Hosts that leave as a quarter begins. */
export function describeReturns(
  { types }: GrowthInstance,
  { from, inventory, delivered }: PurchasePlan,
): GrowthResult['returns'] {
  return types.flatMap(({ host, owned }, type) =>
    inventory[type].flatMap((hosts, step) => {
      const before = step === 0 ? owned : inventory[type][step - 1];
      const count = before + delivered[type][step] - hosts;
      return count > 0 ? [{ quarter: from + step + 1, host, count }] : [];
    }),
  );
}

/** What each alternative could do, quarter by quarter, and when it runs out on the hosts in place. */
export function describeAlternatives(
  instance: GrowthInstance,
  alternatives: readonly GrowingAlternative[],
): GrowthResult['alternatives'] {
  return alternatives.map((alternative, index) => {
    const ends = runsOut(instance, index, alternative);
    return {
      name: alternative.arm.name,
      points: alternative.points.map((point, quarter) => {
        const option = instance.alternatives[index].options[quarter];
        const { tableBytes, ratePerS, isMeasured, shortage } = point;
        return {
          quarter: quarter + 1,
          state: option
            ? ('SERVES' as const)
            : shortage
              ? ('DOES NOT FIT' as const)
              : ('MISSES SLA' as const),
          ...(!option && { reason: cannotServe(point) }),
          tableBytes,
          ...(ratePerS !== undefined && { ratePerS }),
          measured: isMeasured,
          ...(option && { hosts: hostsForAll(option, instance) }),
        };
      }),
      ...(ends && { runsOut: ends }),
    };
  });
}
