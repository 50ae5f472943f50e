import { formatPercent } from '../../../foundation/units.ts';
import type { DistillationArm } from '../../../scenarios/distillation/deployment.ts';
import type { DistillationPlanFields } from '../../../scenarios/distillation/plan-schema.ts';
import type { DistillationPlanner } from './distillation-planner.ts';
import type { PlannedArm } from './plan-arm.ts';
import { limitsExceeded, usdPerDay } from './plan-limits.ts';

/** One change of what is asked or of an arm, in sizes from the least to the largest. */
export interface Change {
  constraint: string;
  from: string;
  /** Tried in turn until one makes the plan feasible. */
  steps: {
    to: string;
    spec?: Partial<DistillationPlanFields>;
    arm?: (arm: DistillationArm) => DistillationArm;
  }[];
}

/** Each limit that is passed, raised to what is needed. */
export function limitChanges({ spec }: DistillationPlanner, { sized }: PlannedArm): Change[] {
  if (!sized) return [];
  return limitsExceeded(sized, spec).map(({ constraint, needed, limit, describe }) => {
    const [, section, name] = constraint.split('.');
    // Prices are read in USD/h; a little more than is needed, as what is shown is rounded up.
    const raised = constraint === 'plan.limits.price' ? needed / 24 : needed;
    const changed =
      section === 'stock'
        ? { stock: { ...spec.stock, [name]: needed } }
        : { limits: { ...spec.limits, [name]: raised } };
    return { constraint, from: describe(limit), steps: [{ to: describe(needed, 'up'), spec: changed }] };
  });
}

/** A budget for the cheapest teacher that gains, or that gains as much as is asked for. */
export function budgetChanges({ spec }: DistillationPlanner, { alternative, market }: PlannedArm): Change[] {
  const { choice } = alternative;
  if (spec.budget === undefined || !choice || !market) return [];
  const isWorth = (gain: number) => gain > 0 && gain >= (spec.gain ?? 0);
  // Points within the budget are tried by the plan itself.
  const costs = choice.frontier
    .filter(({ gain, extraUsdPerDay }) => isWorth(gain) && extraUsdPerDay > choice.budgetUsdPerDay)
    .map(({ extraUsdPerDay }) => extraUsdPerDay);
  const steps = costs.slice(0, 4).map((usd) => ({
    to: usdPerDay(usd, 'up'),
    spec: { budget: (usd * (1 + 1e-9)) / 24 },
  }));
  return [{ constraint: 'plan.budget', from: usdPerDay(choice.budgetUsdPerDay), steps }];
}

/** A line that the plan's own gain reaches. */
export function gainChanges({ spec }: DistillationPlanner, { alternative }: PlannedArm): Change[] {
  const { state, plan } = alternative;
  if (state !== 'GAINS TOO LITTLE' || !plan || plan.gain.value <= 0) return [];
  // Rounded down to what is shown, so that what is shown is reached.
  const step = 10 ** (Math.floor(Math.log10(plan.gain.value)) - 2);
  const reached = Math.floor(plan.gain.value / step) * step;
  return [
    {
      constraint: 'plan.gain',
      from: formatPercent(spec.gain!),
      steps: [{ to: formatPercent(reached), spec: { gain: reached } }],
    },
  ];
}

/** Less free capacity, fewer spares, labels that may be missed. */
export function lesserDemands({ headroom, spares, miss }: DistillationPlanFields): Change[] {
  const shares = (from: number) => [0.1, 0.05, 0].filter((share) => share < from);
  return [
    {
      constraint: 'plan.headroom',
      from: formatPercent(headroom),
      steps: shares(headroom).map((share) => ({ to: formatPercent(share), spec: { headroom: share } })),
    },
    {
      constraint: 'plan.spares',
      from: `${spares}`,
      steps: Array.from({ length: Math.min(spares, 4) }, (_, index) => {
        const fewer = index === 3 ? 0 : spares - 1 - index;
        return { to: `${fewer}`, spec: { spares: fewer } };
      }),
    },
    {
      constraint: 'plan.miss',
      from: formatPercent(miss),
      steps: [0.01, 0.05]
        .filter((share) => share > miss)
        .map((share) => ({ to: formatPercent(share), spec: { miss: share } })),
    },
  ];
}
