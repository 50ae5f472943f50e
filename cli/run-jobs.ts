import { availableParallelism } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { Piscina } from 'piscina';
import { InputError } from '../foundation/problem.ts';
import type { Job } from '../sim/run.ts';
import { type ReplicationOutcome, simulateReplication } from '../sim/serving/replication.ts';
import type { WorkerAnswer } from './replication-worker.ts';

interface RunOptions {
  /** Worker threads; without a number, threads are started only for what takes longer than a moment. */
  workers?: number;
  onDone: () => void;
}

/** Milliseconds of work that are not worth starting threads for. */
const momentMs = 300;

/**
 * Milliseconds that threads rest before they are ended. Node 20 aborts the process when a thread ends while V8
 * still compiles or collects garbage for it in the background (an assertion in NodePlatform::ForIsolate).
 */
const restMs = 100;

/** Simulates every job; the outcomes stand in the order of the jobs, wherever they were computed. */
export async function runJobs(
  jobs: readonly Job[],
  { workers, onDone }: RunOptions,
): Promise<ReplicationOutcome[]> {
  // Workers cannot load TypeScript sources.
  const isCompiled = import.meta.url.endsWith('.js');
  const threads = isCompiled ? (workers ?? availableParallelism()) : 1;
  const outcomes: ReplicationOutcome[] = [];
  const started = performance.now();
  const staysHere = () => threads === 1 || (workers === undefined && performance.now() - started < momentMs);
  while (outcomes.length < jobs.length && staysHere()) {
    const { plan, key } = jobs[outcomes.length];
    outcomes.push(simulateReplication(plan, key));
    onDone();
  }
  const left = jobs.slice(outcomes.length);
  return left.length === 0 ? outcomes : [...outcomes, ...(await runPooled(left, threads, onDone))];
}

async function runPooled(
  jobs: readonly Job[],
  threads: number,
  onDone: () => void,
): Promise<ReplicationOutcome[]> {
  const count = Math.min(threads, jobs.length);
  const pool = new Piscina({
    filename: new URL('./replication-worker.js', import.meta.url).href,
    minThreads: count,
    maxThreads: count,
  });
  try {
    return await Promise.all(
      jobs.map(async ({ plan, key }) => {
        const answer: WorkerAnswer = await pool.run({ plan, key });
        if (!('outcome' in answer))
          throw answer.isInput ? new InputError(answer.message) : new Error(answer.message);
        onDone();
        return answer.outcome;
      }),
    );
  } finally {
    await setTimeout(restMs);
    await pool.destroy();
  }
}
