import { type RateJob, type RateRun, runRates } from '../sim/fleet/rate-runs.ts';
import type { ReplicationJob } from '../sim/fleet/workers.ts';
import { DemandRecord } from '../sim/serving/demand-record.ts';
import { type ReplicationOutcome, simulateReplication } from '../sim/serving/replication.ts';

/** What a thread may be asked. */
export type Task = { kind: 'replication'; job: ReplicationJob } | { kind: 'rates'; job: RateJob };

/** What the replications of this thread have in common. */
const recorded = new DemandRecord();

export function doTask(task: Task): ReplicationOutcome | RateRun[] {
  if (task.kind === 'rates') return runRates(task.job, recorded);
  const { plan, key } = task.job;
  return simulateReplication(plan, key, { recorded });
}
