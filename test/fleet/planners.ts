import type { Model } from '../../models/model.ts';
import { type PlanSpec, planDefaults } from '../../scenarios/plan-schema.ts';
import type { Planner } from '../../sim/fleet/planner.ts';
import { inThisThread } from '../../sim/fleet/workers.ts';
import type { Percentile } from '../../sim/result.ts';
import { scenarioOf } from '../serving/scenarios.ts';

/** A planner that simulates in this thread, for a scenario on the tiny model. */
export async function plannerOf(
  yaml: string,
  {
    spec = {},
    targetPerS,
    limitS = 0.01,
    percentile = 'p99',
    model,
  }: {
    spec?: Partial<PlanSpec>;
    targetPerS?: number;
    limitS?: number;
    percentile?: Percentile;
    model?: Model;
  } = {},
): Promise<Planner> {
  const scenario = await scenarioOf(yaml, model);
  return {
    scenario,
    spec: { ...(scenario.settings.plan ?? planDefaults()), ...spec },
    sla: { percentile, limitS },
    ...(targetPerS !== undefined && { targetPerS }),
    workers: inThisThread(),
  };
}
