import type { DistillationArm, ResolvedDistillation } from '../../../scenarios/distillation/deployment.ts';
import type { DistillationPlanFields } from '../../../scenarios/distillation/plan-schema.ts';
import type { PipelineJob } from '../distillation/run-pipelines.ts';
import type { TimedJobs } from '../distillation/timed-jobs.ts';
import type { PipelineReplication } from '../pipeline/pipeline-result.ts';
import type { PipelineSpec } from '../pipeline/pipeline-spec.ts';
import type { SizingTerms } from './size-arm.ts';

/** What every part of a plan works with. */
export interface DistillationPlanner {
  scenario: ResolvedDistillation;
  spec: DistillationPlanFields;
  jobs: TimedJobs;
  /** Runs replications of pipelines, in the order of the jobs, wherever that is. */
  runPipelines(jobs: readonly PipelineJob[]): Promise<PipelineReplication[]>;
  /** Whether to find out what the answer is sensitive to. */
  withSensitivity: boolean;
  /** Called when an alternative is done. */
  onStep?: () => void;
}

export function termsOf({ jobs, scenario, spec }: DistillationPlanner): SizingTerms {
  const { headroom, spares } = spec;
  return { jobs, horizon: scenario.horizon, headroom, spares, priceFactor: 1 };
}

/** All replications of one pipeline; of verticals alike, the figures of the first are kept. */
export function replicationsOf(
  { scenario: { settings, horizon }, runPipelines }: DistillationPlanner,
  { verticals }: DistillationArm,
  spec: PipelineSpec,
): Promise<PipelineReplication[]> {
  let next = 0;
  const kept = verticals.map(({ name, count }) => {
    const index = next;
    next += count;
    return { index, name };
  });
  const { seed, replications } = settings;
  const keys = Array.from({ length: replications }, (_, replication) => ({ seed, replication }));
  return runPipelines(keys.map((key) => ({ arm: 0, spec, horizon, key, kept })));
}

/** Share of its labels that the worst task of the worst replication is read without. */
export function worstMissShare(runs: readonly PipelineReplication[]): number {
  const shares = runs.flatMap(({ figures }) =>
    figures.verticals.flatMap(({ tasks }) => tasks.map(({ missShare }) => missShare)),
  );
  return Math.max(...shares);
}
