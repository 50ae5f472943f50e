import { firstDelivery, type GrowthInstance } from './instance.ts';
import { type PurchasePlan, planPurchases } from './model.ts';

/** A simple way to buy, and what comes of it. */
export interface StrategyOutcome {
  name: string;
  /** Absent where it cannot serve all quarters. */
  plan?: Pick<PurchasePlan, 'usdPerHour'>;
  /** First quarter, from 0, that a plan quarter by quarter cannot serve. */
  failsIn?: number;
}

/** What people do without a plan: buy at once, buy one kind of host, or look no further than the next delivery. */
export async function naiveStrategies(instance: GrowthInstance): Promise<StrategyOutcome[]> {
  const outcomes: StrategyOutcome[] = [];
  const attempt = async (name: string, mayDeliver: (type: number, quarter: number) => boolean) => {
    const plan = await planPurchases(instance, { goal: 'money', mayDeliver });
    outcomes.push(plan ? { name, plan } : { name });
  };
  const { types } = instance;
  await attempt(
    'all ordered now',
    (type, quarter) => types[type].firstOrder === 0 && quarter === firstDelivery(types[type]),
  );
  if (types.length > 1) {
    for (const [index, { host }] of types.entries()) {
      await attempt(`only ${host} ordered`, (type) => type === index);
    }
  }
  outcomes.push(await quarterByQuarter(instance));
  return outcomes;
}

/** Each quarter's cheapest deliveries, without a look at those that follow. */
async function quarterByQuarter(instance: GrowthInstance): Promise<StrategyOutcome> {
  const name = 'each quarter for itself';
  const usdPerHour: number[] = [];
  let inventory = instance.types.map(({ owned }) => owned);
  for (const quarter of instance.demandPerS.keys()) {
    const question = { goal: 'money', from: quarter, to: quarter, inventory } as const;
    const plan = await planPurchases(instance, question);
    if (!plan) return { name, failsIn: quarter };
    usdPerHour.push(plan.usdPerHour[0]);
    inventory = plan.inventory.map(([hosts]) => hosts);
  }
  return { name, plan: { usdPerHour } };
}
