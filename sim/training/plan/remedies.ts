import { formatPercent } from '../../../foundation/units.ts';
import { fitChanges, teacherChanges } from './arm-changes.ts';
import { budgetChanges, type Change, gainChanges, lesserDemands, limitChanges } from './asked-changes.ts';
import type { PlanRemedy } from './distillation-plan-result.ts';
import { type DistillationPlanner, termsOf } from './distillation-planner.ts';
import { type PlannedArm, planArm } from './plan-arm.ts';
import { usdPerDay } from './plan-limits.ts';

/**
 * Of a plan that no alternative meets: the least change found of each constraint, alone, that makes one meet it. Each
 * was tried by planning with it: what is said holds.
 */
export async function remediesFor(
  planner: DistillationPlanner,
  planned: readonly PlannedArm[],
): Promise<PlanRemedy[]> {
  const found: PlanRemedy[] = [];
  for (const one of planned) {
    for (const change of changesFor(planner, one)) {
      if (found.some(({ constraint }) => constraint === change.constraint)) continue;
      const remedy = await firstThatHelps(planner, one, change);
      if (remedy) found.push(remedy);
    }
  }
  return found;
}

async function firstThatHelps(
  planner: DistillationPlanner,
  { arm }: PlannedArm,
  { constraint, from, steps }: Change,
): Promise<PlanRemedy | undefined> {
  for (const { to, spec, arm: changed } of steps) {
    const asked = { ...planner, spec: { ...planner.spec, ...spec } };
    const tried = await planArm(asked, changed ? changed(arm) : arm, termsOf(asked));
    const { state, plan } = tried.alternative;
    if (state !== 'PLANNED') continue;
    const effect =
      `the plan is feasible: ${usdPerDay(plan!.money.extra)} above no teacher, ` +
      `gain ${formatPercent(plan!.gain.value)}`;
    return { constraint, from, to, alternative: arm.name, effect };
  }
  return undefined;
}

function changesFor(planner: DistillationPlanner, planned: PlannedArm): Change[] {
  const { spec } = planner;
  return [
    ...limitChanges(planner, planned),
    ...budgetChanges(planner, planned),
    ...gainChanges(planner, planned),
    ...lesserDemands(spec),
    ...fitChanges(planned),
    ...(spec.budget === undefined ? teacherChanges(planned) : []),
  ];
}
