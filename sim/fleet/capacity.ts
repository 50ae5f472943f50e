import type { ArmDeployment } from '../../scenarios/deployment.ts';
import { hasKnownErrors } from '../run.ts';
import type { ArmPlan } from '../serving/plan.ts';
import { type Interval, interval, withCostError } from '../statistics/interval.ts';
import type { ReplicationKey } from '../streams.ts';
import type { CapacityJob, CapacityOutcome } from './capacity-search.ts';
import type { Planner } from './planner.ts';

/** Latency-bounded throughput of a replica set: the hosts that the arm itself states, one of each by default. */
export interface Capacity {
  /** Requests per second, over replications, the cost model's error included. */
  ratePerS: Interval;
  /** What ends it in most replications. */
  limitedBy: CapacityOutcome['limitedBy'];
  /** The judged percentile at that rate and at hardly any load (s). */
  latencyS: number;
  unloadedS: number;
  /** Offered use at that rate, busiest first. */
  utilisation: { group: string; resource: string; offered: number }[];
  replications: number;
}

/** Replications of the first round; each further one adds as many. */
const perRound = 2;

/** A search stops at this share of the precision that is asked for. */
const bracketShare = 0.5;

/**
 * Measures the capacity of a replica set with as few replications as its precision needs: rounds go on until the
 * interval is as narrow as the plan asks, or the scenario's replications are used up.
 */
export async function measureCapacity(planner: Planner, plan: ArmPlan): Promise<Capacity> {
  const { settings } = planner.scenario;
  const nominal: CapacityOutcome[] = [];
  const perturbed: CapacityOutcome[] = [];
  let ratePerS: Interval = { mean: 0 };
  while (nominal.length < settings.replications) {
    const first = nominal.length;
    const count = Math.min(perRound, settings.replications - first);
    const keys = Array.from({ length: count }, (_, index) => ({
      seed: settings.seed,
      replication: first + index,
    }));
    const guess = nominal.length > 0 ? ratePerS.mean : undefined;
    const found = await planner.workers.findCapacities(jobsFor(planner, plan, keys, guess));
    nominal.push(...found.slice(0, count));
    perturbed.push(...found.slice(count));
    ratePerS = rateOf(nominal, perturbed, settings.confidence);
    if (isPrecise(ratePerS, planner.spec.precision)) break;
  }
  return capacityOf(nominal, ratePerS);
}

function jobsFor(
  { sla, spec }: Planner,
  plan: ArmPlan,
  keys: readonly ReplicationKey[],
  guessPerS: number | undefined,
): CapacityJob[] {
  const withErrors = hasKnownErrors(plan.arm)
    ? keys.map((key): ReplicationKey => ({ ...key, withCostErrors: true }))
    : [];
  return [...keys, ...withErrors].map((key) => ({
    plan,
    key,
    ...sla,
    maxUtilisation: spec.max_utilisation,
    tolerance: spec.precision * bracketShare,
    ...(guessPerS !== undefined && { guessPerS }),
  }));
}

function rateOf(
  nominal: readonly CapacityOutcome[],
  perturbed: readonly CapacityOutcome[],
  level: number,
): Interval {
  const rates = nominal.map(({ ratePerS }) => ratePerS);
  return withCostError(
    interval(rates, level),
    rates,
    perturbed.map(({ ratePerS }) => ratePerS),
    level,
  );
}

/** More replications narrow what sampling adds, not what the cost model does. */
function isPrecise({ mean, high, cost = 0 }: Interval, precision: number): boolean {
  if (high === undefined) return false;
  return mean === 0 || Math.sqrt(Math.max(0, (high - mean) ** 2 - cost ** 2)) <= precision * mean;
}

function capacityOf(outcomes: readonly CapacityOutcome[], ratePerS: Interval): Capacity {
  const mean = (value: (outcome: CapacityOutcome) => number) =>
    outcomes.reduce((sum, outcome) => sum + value(outcome), 0) / outcomes.length;
  const counts = new Map<CapacityOutcome['limitedBy'], number>();
  for (const { limitedBy } of outcomes) counts.set(limitedBy, (counts.get(limitedBy) ?? 0) + 1);
  const [[limitedBy]] = [...counts].sort(([, a], [, b]) => b - a);
  const utilisation = outcomes[0].utilisation.map(({ group, resource }, index) => ({
    group,
    resource,
    offered: mean(({ utilisation }) => utilisation[index].offered),
  }));
  return {
    ratePerS,
    limitedBy,
    latencyS: mean(({ latencyS }) => latencyS),
    unloadedS: mean(({ unloadedS }) => unloadedS),
    utilisation: utilisation.sort((a, b) => b.offered - a.offered),
    replications: outcomes.length,
  };
}

/** The arm as a replica set: one main host, one of every sparse shard. */
export function asReplicaSet(arm: ArmDeployment): ArmDeployment {
  return { ...arm, main: { ...arm.main, replicas: 1 }, sparse: { ...arm.sparse, replicas: 1 } };
}
