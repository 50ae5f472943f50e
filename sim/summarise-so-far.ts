import type { ResolvedScenario } from '../scenarios/deployment.ts';
import type { Result } from './result.ts';
import { type Job, outcomesByArm } from './run.ts';
import type { ReplicationOutcome } from './serving/replication.ts';
import { type ArmOutcomes, type PlannedArm, summarise } from './summarise.ts';

/** Jobs in the order in which every arm has a first replication soon, then a second one. */
export function byReplication(jobs: readonly Job[]): Job[] {
  return [...jobs].sort((a, b) => a.key.replication - b.key.replication);
}

/**
 * What the replications say that are done. An arm counts as far as it has them without a gap, and no further than
 * the baseline: differences are paired. One without any is UNDER-SAMPLED, and has no figures.
 * @param outcomes in the order of the jobs; undefined where one is not done
 */
export function summariseSoFar(
  scenario: ResolvedScenario,
  planned: readonly PlannedArm[],
  jobs: readonly Job[],
  outcomes: readonly (ReplicationOutcome | undefined)[],
  product: string,
): Result {
  const arms = outcomesByArm(planned, jobs, outcomes as readonly ReplicationOutcome[]);
  const perturbed = new Set(jobs.filter(({ key }) => key.withCostErrors).map(({ arm }) => arm));
  const done = arms.map((arm, index) => wholeReplications(arm, perturbed.has(index)));
  const base = done[planned.findIndex(({ name }) => name === scenario.baseline)] || Number.POSITIVE_INFINITY;
  const counted = arms.map((arm, index) => firstOf(arm, Math.min(done[index], base)));
  const waiting = planned.map((entry, index) => 'plan' in entry && done[index] === 0);
  const known = planned.map(
    (entry, index): PlannedArm =>
      waiting[index] ? { name: entry.name, arm: entry.arm, problem: '' } : entry,
  );
  const result = summarise(scenario, known, counted, product);
  return {
    ...result,
    arms: result.arms.map((arm, index) =>
      waiting[index]
        ? { ...arm, verdict: { state: 'UNDER-SAMPLED', reason: 'its first replication is not finished yet' } }
        : arm,
    ),
  };
}

/** Replications from the first on that are done, with their counterparts of another cost model where there are any. */
function wholeReplications({ nominal, perturbed }: ArmOutcomes, isPerturbed: boolean): number {
  let count = 0;
  while (nominal[count] && (!isPerturbed || perturbed[count])) count++;
  return count;
}

function firstOf({ nominal, perturbed }: ArmOutcomes, count: number): ArmOutcomes {
  return { nominal: nominal.slice(0, count), perturbed: perturbed.slice(0, count) };
}
