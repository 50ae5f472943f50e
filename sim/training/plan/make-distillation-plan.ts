import { InputError } from '../../../foundation/problem.ts';
import { formatTime } from '../../../foundation/units.ts';
import type { DistillationArm } from '../../../scenarios/distillation/deployment.ts';
import { fingerprint } from '../../fingerprint.ts';
import { assumptionsOf } from '../distillation/assumptions.ts';
import { located } from '../distillation/prepare-scenario.ts';
import { distillationHashOf } from '../run-distillation.ts';
import { type DistillationPlan, distillationPlanVersion } from './distillation-plan-result.ts';
import type { DistillationPlanner } from './distillation-planner.ts';
import { type PlannedArm, planArm } from './plan-arm.ts';
import { planSensitivity } from './plan-sensitivity.ts';
import { remediesFor } from './remedies.ts';

/**
 * Answers a planning question about external distillation: every arm sized and proven, the best chosen, what would make
 * an infeasible plan feasible, and what moves the answer.
 * @param product name and version of the program, for the fingerprint
 * @throws InputError, located, for what makes no sense together
 */
export async function makeDistillationPlan(
  asked: DistillationPlanner,
  product: string,
): Promise<DistillationPlan> {
  checkIntervals(asked);
  const planner = withHorizon(asked);
  const { scenario, spec } = planner;
  const planned: PlannedArm[] = [];
  for (const arm of scenario.arms) {
    planned.push(await placed(planner, arm, () => planArm(planner, arm)));
    planner.onStep?.();
  }
  const best = bestOf(planned, spec.budget !== undefined);
  return {
    format: 'rankfleet-distillation-plan',
    version: distillationPlanVersion,
    fingerprint: {
      product,
      inputHash: fingerprint([distillationHashOf(scenario), spec]),
      seed: scenario.settings.seed,
    },
    scenario: describe(planner),
    assumptions: assumptionsOf(scenario).filter(({ name }) => !isChosen(name)),
    alternatives: planned.map(({ alternative }) => alternative),
    ...(best && { best: best.alternative.name }),
    remedies: best ? [] : await remediesFor(planner, planned),
    ...(best && planner.withSensitivity && { sensitivity: await planSensitivity(planner, best) }),
    notes: notesOf(planner),
  };
}

/** With a budget the plan of most gain, without one that which costs least above no teacher; of equals the cheaper. */
function bestOf(planned: readonly PlannedArm[], hasBudget: boolean): PlannedArm | undefined {
  const feasible = planned.filter(({ alternative }) => alternative.state === 'PLANNED');
  const costs = ({ alternative: { plan } }: PlannedArm) =>
    hasBudget ? [-plan!.gain.value, plan!.money.extra] : [plan!.money.extra, -plan!.gain.value];
  return feasible.reduce<PlannedArm | undefined>((best, one) => {
    if (!best) return one;
    const [[a, b], [c, d]] = [costs(one), costs(best)];
    return a < c || (a === c && b < d) ? one : best;
  }, undefined);
}

/** Intervals that are asked about are seen at least twice. */
function withHorizon(planner: DistillationPlanner): DistillationPlanner {
  const { scenario, spec } = planner;
  const longestS = Math.max(0, ...(spec.snapshot_intervals ?? []));
  const measuredS = Math.max(scenario.horizon.measuredS, 2 * longestS);
  return { ...planner, scenario: { ...scenario, horizon: { ...scenario.horizon, measuredS } } };
}

function checkIntervals({ scenario, spec }: DistillationPlanner): void {
  const { stepS } = scenario.horizon;
  const problems = (spec.snapshot_intervals ?? []).flatMap((intervalS, index) =>
    intervalS >= stepS
      ? []
      : [
          scenario.problemAt(
            scenario.arms[0].name,
            ['plan', 'snapshot_intervals', index],
            `steps of ${formatTime(stepS)} (horizon.step) cannot resolve an interval of ${formatTime(intervalS)}`,
          ),
        ],
  );
  if (problems.length > 0) throw new InputError(problems);
}

async function placed<Found>(
  { scenario }: DistillationPlanner,
  arm: DistillationArm,
  find: () => Promise<Found>,
): Promise<Found> {
  try {
    return await find();
  } catch (error) {
    throw located(error, scenario, arm);
  }
}

/** What people may take for a part of the question that is none. */
function notesOf({ scenario: { arms }, spec }: DistillationPlanner): string[] {
  const stated = new Set(arms.map(({ teacher }) => `${teacher.train_share} ${teacher.label_share}`));
  if (spec.budget === undefined || stated.size === 1) return [];
  return ['arms state train_share and label_share, which a plan with a budget chooses for every one of them'];
}

/** Defaults that a plan has no use for: it chooses hosts, servers and their headroom. */
function isChosen(name: string): boolean {
  return (
    /(^|\.)(hosts|servers|hosts_per_server|accelerators|headroom)$/.test(name) && !name.startsWith('plan.')
  );
}

function describe({ scenario, spec }: DistillationPlanner): DistillationPlan['scenario'] {
  const { name, settings, horizon } = scenario;
  const { budget, headroom, spares, miss, gain } = spec;
  return {
    name,
    question: settings.question,
    replications: settings.replications,
    confidence: settings.confidence,
    horizon,
    ...(budget !== undefined && { budgetUsdPerDay: budget * 24 }),
    headroom,
    spares,
    miss,
    ...(gain !== undefined && { gain }),
  };
}
