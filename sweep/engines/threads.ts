import { availableParallelism } from 'node:os';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { Piscina } from 'piscina';
import type { PointResult, PointTask } from '../../sim/sweep-result.ts';
import type { Engine, EngineOptions } from '../engine.ts';
import { evaluateUnlessStopped } from '../evaluate.ts';
import type { SweepBundle } from '../point.ts';
import { failedPoint } from './failed-point.ts';
import { inParallel } from './in-parallel.ts';
import type { PointWorkerData } from './point-worker.ts';

export interface ThreadsOptions {
  /** Default: one per core. */
  threads?: number;
}

/** Points handed out for each thread: one in work and enough waiting that it never waits for this thread. */
const pointsPerThread = 4;

/**
 * Milliseconds that threads rest before they are ended. Node 20 aborts the process when a thread ends while V8
 * still compiles or collects garbage for it in the background.
 */
const restMs = 100;

/** Evaluates points on threads of this machine. When stopped, points in hand are dropped at their next replication. */
export function threadsEngine({ threads = availableParallelism() }: ThreadsOptions = {}): Engine {
  // Threads cannot load TypeScript sources.
  const isCompiled = import.meta.url.endsWith('.js');
  return { run: isCompiled ? onThreads(threads) : here };
}

function onThreads(threads: number): Engine['run'] {
  return async function* run(bundle, tasks, { signal }) {
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const pool = new Piscina<PointTask, PointResult | undefined>({
      filename: new URL('./point-worker.js', import.meta.url).href,
      // Threads start with the first points: a sweep of few needs few.
      minThreads: 1,
      maxThreads: threads,
      idleTimeout: Number.POSITIVE_INFINITY,
      workerData: { bundle, stop } satisfies PointWorkerData,
    });
    const tellThreads = () => Atomics.store(stop, 0, 1);
    signal.addEventListener('abort', tellThreads, { once: true });
    try {
      const evaluate = (task: PointTask) =>
        // A thread dies when it runs out of memory: its point has no answer, the others go on.
        pool.run(task).catch((error: Error) => failedPoint(task, `its thread ended: ${error.message}`));
      for await (const result of inParallel(tasks, evaluate, threads * pointsPerThread, signal)) {
        if (result) yield result;
      }
    } finally {
      tellThreads();
      signal.removeEventListener('abort', tellThreads);
      await setTimeout(restMs);
      await pool.destroy();
    }
  };
}

async function* here(
  bundle: SweepBundle,
  tasks: AsyncIterable<PointTask>,
  { signal }: EngineOptions,
): AsyncGenerator<PointResult> {
  for await (const task of tasks) {
    if (signal.aborted) return;
    const result = await evaluateUnlessStopped(bundle, task, () => signal.aborted);
    if (result) yield result;
    // Signals and timers get their turn.
    await setImmediate();
  }
}
