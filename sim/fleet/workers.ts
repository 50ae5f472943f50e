import { DemandRecord } from '../serving/demand-record.ts';
import type { ArmPlan } from '../serving/plan.ts';
import { type ReplicationOutcome, simulateReplication } from '../serving/replication.ts';
import type { ReplicationKey } from '../streams.ts';
import { type RateJob, type RateRun, runRates } from './rate-runs.ts';

/** One replication of one arm. */
export interface ReplicationJob {
  plan: ArmPlan;
  key: ReplicationKey;
}

/** Where simulations run: in this thread, or in as many as the machine has. Answers stand in the order of the jobs. */
export interface FleetWorkers {
  replicate(jobs: readonly ReplicationJob[]): Promise<ReplicationOutcome[]>;
  runRates(jobs: readonly RateJob[]): Promise<RateRun[][]>;
}

/** Simulates in the caller's own thread. */
export function inThisThread(): FleetWorkers {
  const recorded = new DemandRecord();
  return {
    replicate: async (jobs) => jobs.map(({ plan, key }) => simulateReplication(plan, key, { recorded })),
    runRates: async (jobs) => jobs.map((job) => runRates(job, recorded)),
  };
}
