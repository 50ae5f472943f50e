import type { ArmPlan } from '../serving/plan.ts';
import type { ReplicationOutcome } from '../serving/replication.ts';
import type { ReplicationKey } from '../streams.ts';
import type { CapacityJob, CapacityOutcome } from './capacity-search.ts';

/** One replication of one arm. */
export interface ReplicationJob {
  plan: ArmPlan;
  key: ReplicationKey;
}

/** Where simulations run: in this thread, or in as many as the machine has. Answers stand in the order of the jobs. */
export interface FleetWorkers {
  replicate(jobs: readonly ReplicationJob[]): Promise<ReplicationOutcome[]>;
  findCapacities(jobs: readonly CapacityJob[]): Promise<CapacityOutcome[]>;
}
