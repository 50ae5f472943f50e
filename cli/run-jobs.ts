import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import { InputError } from '../foundation/problem.ts';
import type { Job } from '../sim/run.ts';
import { type ReplicationOutcome, simulateReplication } from '../sim/serving/replication.ts';
import type { PlannedArm } from '../sim/summarise.ts';
import type { WorkerAnswer } from './replication-worker.ts';

interface RunOptions {
  seed: number;
  workers?: number;
  onDone: () => void;
}

/** Simulates every job, on worker threads where the code is compiled and more than one job waits. */
export async function runJobs(
  planned: readonly PlannedArm[],
  jobs: readonly Job[],
  { seed, workers = availableParallelism(), onDone }: RunOptions,
): Promise<ReplicationOutcome[]> {
  const threads = Math.min(workers, jobs.length);
  // Workers cannot load TypeScript sources.
  const isCompiled = import.meta.url.endsWith('.js');
  const run = threads > 1 && isCompiled ? pooled(threads) : inThread();
  try {
    return await Promise.all(
      jobs.map(async ({ arm, replication }) => {
        const entry = planned[arm];
        if (!('plan' in entry)) throw new Error('a job needs a plan');
        const outcome = await run.simulate({ plan: entry.plan, key: { seed, replication } });
        onDone();
        return outcome;
      }),
    );
  } finally {
    await run.close();
  }
}

type Task = Parameters<typeof import('./replication-worker.ts').default>[0];

function inThread() {
  return {
    simulate: async ({ plan, key }: Task) => simulateReplication(plan, key),
    close: async () => {},
  };
}

function pooled(threads: number) {
  const pool = new Piscina({
    filename: new URL('./replication-worker.js', import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
  });
  return {
    simulate: async (task: Task): Promise<ReplicationOutcome> => {
      const answer: WorkerAnswer = await pool.run(task);
      if ('outcome' in answer) return answer.outcome;
      throw answer.isInput ? new InputError(answer.message) : new Error(answer.message);
    },
    close: () => pool.destroy(),
  };
}
