import { availableParallelism } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { Piscina } from 'piscina';
import {
  doExperimentJob,
  type ExperimentJob,
  type ExperimentOutcome,
} from '../../distil/experiment/run-experiment.ts';
import { InputError } from '../../foundation/problem.ts';
import { restMs } from '../task-pool.ts';
import type { TaskAnswer } from '../task-worker.ts';

interface Waiting {
  job: ExperimentJob;
  resolve(outcome: ExperimentOutcome): void;
  reject(error: Error): void;
}

/**
 * Jobs of an experiment on worker threads. Those of the first seed come first, and students before teachers: the logs
 * that they read are removed when they are done.
 */
export class JobQueue {
  private readonly waiting: Waiting[] = [];
  private readonly threads: number;
  private readonly pool: Piscina | undefined;
  private readonly onDone: () => void;
  private busy = 0;

  /** @param threads one per core unless stated */
  constructor(onDone: () => void, threads = availableParallelism()) {
    this.onDone = onDone;
    this.threads = threads;
    // Workers cannot load TypeScript sources: from those, this thread does what there is to do.
    if (!import.meta.url.endsWith('.js')) return;
    const filename = new URL('./job-worker.js', import.meta.url).href;
    this.pool = new Piscina({ filename, minThreads: 1, maxThreads: threads, recordTiming: false });
  }

  ask(job: ExperimentJob): Promise<ExperimentOutcome> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ job, resolve, reject });
      // Whoever asks has more to ask for: what comes first is decided then.
      setImmediate(() => this.start());
    });
  }

  async close(): Promise<void> {
    this.waiting.length = 0;
    if (!this.pool) return;
    await setTimeout(restMs);
    await this.pool.destroy();
  }

  private start(): void {
    while (this.busy < this.threads && this.waiting.length > 0) {
      const first = this.waiting.reduce((best, each) =>
        urgency(each.job) < urgency(best.job) ? each : best,
      );
      this.waiting.splice(this.waiting.indexOf(first), 1);
      this.busy++;
      void this.work(first);
    }
  }

  private async work({ job, resolve, reject }: Waiting): Promise<void> {
    try {
      resolve(await this.answerOf(job));
      this.onDone();
    } catch (error) {
      reject(error as Error);
    } finally {
      this.busy--;
      setImmediate(() => this.start());
    }
  }

  private async answerOf(job: ExperimentJob): Promise<ExperimentOutcome> {
    if (!this.pool) return doExperimentJob(job);
    const answer: TaskAnswer = await this.pool.run(job);
    if ('answer' in answer) return answer.answer as ExperimentOutcome;
    throw answer.isInput ? new InputError(answer.message) : new Error(answer.message);
  }
}

/** Jobs with less come first; of equals, those that were asked for first. */
function urgency(job: ExperimentJob): number {
  return job.kind === 'students' ? 2 * job.seed : 2 * job.learner.seed + 1;
}
