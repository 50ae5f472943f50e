import { type RateJob, type RateRun, runRates } from '../sim/fleet/rate-runs.ts';
import type { ReplicationJob } from '../sim/fleet/workers.ts';
import { DemandRecord } from '../sim/serving/demand-record.ts';
import { type ReplicationOutcome, simulateReplication } from '../sim/serving/replication.ts';
import { traceArm } from '../sim/trace/trace-arm.ts';
import type { ArmTrace } from '../sim/trace/trace-result.ts';
import { type PipelineJob, runPipelineJob } from '../sim/training/distillation/run-pipelines.ts';
import type { PipelineReplication } from '../sim/training/pipeline/pipeline-result.ts';

/** What a thread may be asked. */
export type Task =
  | { kind: 'replication'; job: ReplicationJob }
  | { kind: 'rates'; job: RateJob }
  | { kind: 'trace'; job: ReplicationJob; first: number; mostValues: number }
  | { kind: 'pipeline'; job: PipelineJob };

/** What the replications of this thread have in common. */
const recorded = new DemandRecord();

export function doTask(task: Task): ReplicationOutcome | RateRun[] | ArmTrace | PipelineReplication {
  if (task.kind === 'pipeline') return runPipelineJob(task.job);
  if (task.kind === 'rates') return runRates(task.job, recorded);
  const { plan, key } = task.job;
  if (task.kind === 'trace') {
    const { first, mostValues } = task;
    return traceArm(plan, key, { first, mostValues, recorded });
  }
  return simulateReplication(plan, key, { recorded });
}
