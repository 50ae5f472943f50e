import { InputError } from '../../../foundation/problem.ts';
import type { DistillationArm, ResolvedDistillation } from '../../../scenarios/distillation/deployment.ts';
import { scenarioPath } from './pipeline-spec-of.ts';
import { type PreparedArm, prepareArm, type UnfitArm } from './prepare.ts';
import { TimedJobs } from './timed-jobs.ts';

export type PreparedEntry = PreparedArm | UnfitArm;

/**
 * Sizes the fleets of every arm and times their steps. An arm that does not fit is part of the answer, not an error.
 * @throws InputError, located, for what makes no sense together
 */
export function prepareScenario(scenario: ResolvedDistillation): PreparedEntry[] {
  const timed = new TimedJobs();
  return scenario.arms.map((arm) => {
    try {
      return prepareArm(arm, scenario.horizon, timed);
    } catch (error) {
      throw located(error, scenario, arm);
    }
  });
}

/** An error of an arm's pipeline, at the place in the file that is to blame; other errors as they are. */
export function located(error: unknown, { problemAt }: ResolvedDistillation, arm: DistillationArm): unknown {
  if (!(error instanceof InputError) || error.problems.some(({ file }) => file !== undefined)) return error;
  return new InputError(
    error.problems.map(({ path = '', message }) => problemAt(arm.name, scenarioPath(arm, path), message)),
  );
}
