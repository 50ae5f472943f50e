import type { RateRun } from '../sim/fleet/rate-runs.ts';
import type { FleetWorkers } from '../sim/fleet/workers.ts';
import type { ReplicationOutcome } from '../sim/serving/replication.ts';
import { TaskPool } from './task-pool.ts';
import { doTask, type Task } from './tasks.ts';

/** The machine's threads at the service of a plan; close them when it is made. */
export function fleetWorkers(workers?: number): FleetWorkers & { close(): Promise<void> } {
  const pool = new TaskPool<Task, unknown>({
    here: doTask,
    workers,
    // Every alternative reads the same rows in a replication, at every rate.
    affinity: (task) => (task.kind === 'rates' ? task.job.key.replication : undefined),
  });
  return {
    replicate: async (jobs) =>
      (await pool.run(
        jobs.map(({ plan, key }) => ({ kind: 'replication', job: { plan, key } })),
      )) as ReplicationOutcome[],
    runRates: async (jobs) => (await pool.run(jobs.map((job) => ({ kind: 'rates', job })))) as RateRun[][],
    close: () => pool.close(),
  };
}
