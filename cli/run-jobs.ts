import type { Job } from '../sim/run.ts';
import type { ReplicationOutcome } from '../sim/serving/replication.ts';
import { TaskPool } from './task-pool.ts';
import { doTask, type Task } from './tasks.ts';

interface RunOptions {
  /** Worker threads; without a number, threads are started only for what takes longer than a moment. */
  workers?: number;
  /** Starts threads for whatever it takes: this thread has a person to answer. */
  keepsThisThreadFree?: boolean;
  /** Told every outcome and the position of its job. */
  onDone: (outcome: ReplicationOutcome, index: number) => void;
}

/** Simulates every job; the outcomes stand in the order of the jobs, wherever they were computed. */
export async function runJobs(
  jobs: readonly Job[],
  { workers, keepsThisThreadFree = false, onDone }: RunOptions,
): Promise<ReplicationOutcome[]> {
  const pool = new TaskPool<Task, unknown>({
    here: doTask,
    workers,
    keepsThisThreadFree,
    onDone: (answer, index) => onDone(answer as ReplicationOutcome, index),
  });
  try {
    const answers = await pool.run(
      jobs.map(({ plan, key }) => ({ kind: 'replication', job: { plan, key } })),
    );
    return answers as ReplicationOutcome[];
  } finally {
    await pool.close();
  }
}
