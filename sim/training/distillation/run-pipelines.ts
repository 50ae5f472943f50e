import type { ResolvedDistillation } from '../../../scenarios/distillation/deployment.ts';
import type { ReplicationKey } from '../../streams.ts';
import type { PipelineReplication } from '../pipeline/pipeline-result.ts';
import type { HorizonSpec, PipelineSpec } from '../pipeline/pipeline-spec.ts';
import { runPipeline } from '../pipeline/run-pipeline.ts';
import type { PreparedEntry } from './prepare-scenario.ts';

/** One replication of the pipeline of one arm. */
export interface PipelineJob {
  /** Position of the arm among those prepared. */
  arm: number;
  spec: PipelineSpec;
  horizon: HorizonSpec;
  key: ReplicationKey;
}

/** All replications of all arms that fit, arm by arm; arms share the random numbers of a replication. */
export function pipelineJobs(
  { settings, horizon }: ResolvedDistillation,
  prepared: readonly PreparedEntry[],
): PipelineJob[] {
  const { seed, replications } = settings;
  return prepared.flatMap((entry, arm) => {
    if ('problem' in entry) return [];
    return Array.from({ length: replications }, (_, replication) => ({
      arm,
      spec: entry.pipeline,
      horizon,
      key: { seed, replication },
    }));
  });
}

export function runPipelineJob({ spec, horizon, key }: PipelineJob): PipelineReplication {
  return runPipeline(spec, horizon, key);
}

/** Outcomes, which stand in the order of their jobs, by arm. */
export function pipelinesByArm(
  prepared: readonly PreparedEntry[],
  jobs: readonly PipelineJob[],
  outcomes: readonly PipelineReplication[],
): PipelineReplication[][] {
  return prepared.map((_, index) => outcomes.filter((__, at) => jobs[at].arm === index));
}
