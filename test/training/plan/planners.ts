import type { ResolvedDistillation } from '../../../scenarios/distillation/deployment.ts';
import {
  type DistillationPlanFields,
  distillationPlanDefaults,
} from '../../../scenarios/distillation/plan-schema.ts';
import { runPipelineJob } from '../../../sim/training/distillation/run-pipelines.ts';
import { TimedJobs } from '../../../sim/training/distillation/timed-jobs.ts';
import type { DistillationPlan } from '../../../sim/training/plan/distillation-plan-result.ts';
import type { DistillationPlanner } from '../../../sim/training/plan/distillation-planner.ts';
import { makeDistillationPlan } from '../../../sim/training/plan/make-distillation-plan.ts';
import { distillationOf, smallDistillation } from '../distillation/scenarios.ts';

/** Steps of the models that all tests share, each computed once. */
const jobs = new TimedJobs();

/** A teacher that is asked to train and label so much that several hosts are needed, in a few coarse steps. */
export const busyDistillation = smallDistillation
  .replace('examples_per_day: 1e9', 'examples_per_day: 2e11')
  .replace('{ base_rate: 3 % }', '{ base_rate: 3 %, window: 10 min }');

export function plannerOf(
  scenario: ResolvedDistillation,
  spec: Partial<DistillationPlanFields> = {},
  withSensitivity = false,
): DistillationPlanner {
  return {
    scenario,
    spec: { ...(scenario.settings.plan ?? distillationPlanDefaults()), ...spec },
    jobs,
    runPipelines: async (list) => list.map(runPipelineJob),
    withSensitivity,
  };
}

/** The busy scenario with more lines, planned. */
export async function planOf(
  more = '',
  { spec = {}, base = busyDistillation, withSensitivity = false } = {} as {
    spec?: Partial<DistillationPlanFields>;
    base?: string;
    withSensitivity?: boolean;
  },
): Promise<DistillationPlan> {
  const scenario = await distillationOf(`${base}${more}`);
  return makeDistillationPlan(plannerOf(scenario, spec, withSensitivity), 'test');
}

/** The plan of the only alternative, which must have one. */
export function only({ alternatives }: DistillationPlan) {
  const [{ plan, state, reasons }] = alternatives;
  if (!plan) throw new Error(`${state}: ${reasons.join('\n')}`);
  return plan;
}
