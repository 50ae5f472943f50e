import { InputError, locate } from '../../../foundation/problem.ts';
import { formatPercent, significant } from '../../../foundation/units.ts';
import type { GrowthSpec } from '../../../scenarios/plan-growth-schema.ts';
import type { Planner } from '../planner.ts';
import { type GrowingAlternative, growthInstance, hostTypes } from './build.ts';
import {
  describeAlternatives,
  describeOrders,
  describePlan,
  describeReturns,
  hoursPerQuarter,
} from './describe.ts';
import { factorsByQuarter, type GrowthFactors } from './factors.ts';
import type { GrowthResult } from './growth-result.ts';
import { firstDelivery, type GrowthInstance } from './instance.ts';
import { type PurchasePlan, planPurchases, withLeanShares } from './model.ts';
import { quarterPoints } from './points.ts';
import { criticalQuarters, proveQuarters } from './proof.ts';
import { growthRelaxations } from './relax.ts';
import { presentFleet } from './run-out.ts';
import { naiveStrategies } from './strategies.ts';

/** Times that hosts are added where a simulation of the plan misses the SLA, and by how much each time. */
const mostCorrections = 3;
const correctionStep = 1.04;

/**
 * When fleets run out as load and model grow, what to order when, and what it costs: operating points by simulation,
 * purchases by integer programming, the tightest quarters of the plan by simulation again.
 * @throws InputError, located, without a target and for absurd growth
 */
export async function planGrowth(planner: Planner): Promise<GrowthResult> {
  const growth = planner.spec.growth!;
  const demand = demandOf(planner, growth);
  const types = hostTypes(planner, growth);
  const factors = factorsByQuarter(growth);
  const alternatives: GrowingAlternative[] = [];
  for (const arm of planner.scenario.arms) {
    const file = planner.scenario.placementFiles.get(arm.name);
    const points = await locate(
      (message) => planner.scenario.problemAt(arm.name, ['plan', 'growth'], message),
      () => quarterPoints(planner, arm, factors, demand, file),
    );
    alternatives.push({ arm, points });
  }
  const corrections = alternatives.map(() => 1);
  const build = ({ headroom = planner.spec.headroom, demandShare = 1 } = {}) =>
    growthInstance(
      { ...planner, spec: { ...planner.spec, headroom } },
      types,
      demand.map((rate) => rate * demandShare),
      alternatives,
      corrections,
    );
  let instance = build();
  let plan = await nearestPlan(instance);
  let proofs = await proveQuarters(planner, instance, alternatives, plan, criticalQuarters(plan));
  for (let round = 0; round < mostCorrections && proofs.some(({ met }) => met === 'no'); round++) {
    alternatives.forEach(({ arm }, index) => {
      const isShort = proofs.some(({ alternative, met }) => alternative === arm.name && met === 'no');
      if (isShort) corrections[index] *= correctionStep;
    });
    instance = build();
    plan = await nearestPlan(instance);
    proofs = await proveQuarters(planner, instance, alternatives, plan, criticalQuarters(plan));
  }
  const isServed = plan.unserved.every((share) => share === 0);
  const asked = { instance, unserved: plan.unserved, spec: planner.spec, limitS: planner.sla.limitS };
  return {
    state: isServed ? 'PLANNED' : 'INFEASIBLE',
    reason: isServed ? '' : whyInfeasible(instance, plan),
    percentile: planner.sla.percentile,
    commitment: growth.commitment,
    demand: describeDemand(demand, factors, alternatives),
    hostTypes: types.map(({ firstOrder, idleW: _, ...type }) => ({ ...type, firstOrder: firstOrder + 1 })),
    alternatives: describeAlternatives(instance, alternatives),
    presentFleet: await presentFleet(instance, alternatives),
    plan: describePlan(instance, plan),
    orders: describeOrders(instance, plan),
    returns: describeReturns(instance, plan),
    money: moneyOf(plan),
    strategies: isServed ? await strategiesOf(instance) : [],
    proofs,
    relaxations: isServed ? [] : await growthRelaxations({ ...asked, alternatives, rebuilt: build }),
    notes: corrections.flatMap((factor, index) =>
      factor > 1
        ? [
            `${alternatives[index].arm.name}: ${formatPercent(factor - 1)} hosts added after simulations of the fleet`,
          ]
        : [],
    ),
  };
}

function demandOf({ targetPerS, scenario, spec }: Planner, growth: GrowthSpec): number[] {
  if (targetPerS === undefined) {
    const message = 'growth needs a rate to grow from: state plan.target, or arrivals with a rate';
    throw new InputError([scenario.problemAt('', ['plan', 'growth'], message)]);
  }
  if (spec.workloads) {
    const message = 'growth is planned for one model: leave out workloads, or growth';
    throw new InputError([scenario.problemAt('', ['plan', 'growth'], message)]);
  }
  return factorsByQuarter(growth).map(({ rate }) => targetPerS * rate);
}

/** The cheapest plan; where demand must stay unserved, the cheapest of those that leave least of it. */
async function nearestPlan(instance: GrowthInstance): Promise<PurchasePlan> {
  const plan = await planPurchases(instance, { goal: 'money' });
  if (plan) return withLeanShares(instance, plan);
  const least = await planPurchases(instance, { goal: 'unserved' });
  if (!least) throw new InputError('the hosts in place exceed plan.limits before anything is bought');
  const mayMiss = least.unserved.map((share) => (share === 0 ? 0 : Math.min(1, share + 1e-5)));
  return withLeanShares(instance, (await planPurchases(instance, { goal: 'money', mayMiss })) ?? least);
}

function whyInfeasible(
  { demandPerS, types, alternatives }: GrowthInstance,
  { unserved }: PurchasePlan,
): string {
  const missed = unserved.flatMap((share, quarter) => (share > 0 ? [quarter] : []));
  const [first] = missed;
  const lacking = significant(unserved[first] * demandPerS[first]);
  const names = missed.map((quarter) => `Q${quarter + 1}`).join(', ');
  const what = `${names} cannot be served: ${lacking} of ${significant(demandPerS[first])} QPS are left over in Q${first + 1}`;
  if (alternatives.every(({ options }) => !options[first])) {
    return `${names} cannot be served: no alternative can serve the grown model in Q${first + 1}`;
  }
  const earliest = Math.min(...types.map(firstDelivery));
  if (first >= earliest) return what;
  const when = earliest < demandPerS.length ? `in Q${earliest + 1}` : 'after the last quarter';
  return `${what}, and hosts ordered now arrive ${when}`;
}

function describeDemand(
  demand: readonly number[],
  factors: readonly GrowthFactors[],
  alternatives: readonly GrowingAlternative[],
): GrowthResult['demand'] {
  return demand.map((ratePerS, quarter) => ({
    quarter: quarter + 1,
    ratePerS,
    factors: factors[quarter],
    tableBytes: alternatives[0].points[quarter].tableBytes,
  }));
}

function moneyOf({ usdPerHour, bound }: PurchasePlan): GrowthResult['money'] {
  const total = usdPerHour.reduce((sum, value) => sum + value, 0);
  return {
    totalUsd: total * hoursPerQuarter,
    boundUsd: Math.min(bound, total) * hoursPerQuarter,
    gap: total > 0 ? Math.max(0, 1 - bound / total) : 0,
  };
}

async function strategiesOf(instance: GrowthInstance): Promise<GrowthResult['strategies']> {
  const outcomes = await naiveStrategies(instance);
  return outcomes.map(({ name, plan, failsIn }) => ({
    name,
    ...(plan && { totalUsd: plan.usdPerHour.reduce((sum, value) => sum + value, 0) * hoursPerQuarter }),
    ...(failsIn !== undefined && { failsIn: failsIn + 1 }),
  }));
}
