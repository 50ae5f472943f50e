import type { ResolvedScenario } from '../scenarios/deployment.ts';
import type { Result } from '../sim/result.ts';
import { jobsOf, outcomesByArm } from '../sim/run.ts';
import { type PlannedArm, summarise } from '../sim/summarise.ts';
import { productVersion } from './product.ts';
import { Progress } from './progress.ts';
import { runJobs } from './run-jobs.ts';

/** Simulates the arms of a scenario that were planned. */
export async function answer(
  scenario: ResolvedScenario,
  planned: readonly PlannedArm[],
  { workers }: { workers?: number },
): Promise<Result> {
  const jobs = jobsOf(scenario, planned);
  const progress = new Progress(jobs.length);
  const outcomes = await runJobs(jobs, {
    ...(workers !== undefined && { workers }),
    onDone: () => progress.step(),
  }).finally(() => progress.end());
  return summarise(
    scenario,
    planned,
    outcomesByArm(planned, jobs, outcomes),
    `rankfleet ${productVersion()}`,
  );
}
