import { availableParallelism } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { Piscina } from 'piscina';
import {
  doExperimentJob,
  type ExperimentJob,
  type ExperimentOutcome,
  type JobDoers,
} from '../../distil/experiment/run-experiment.ts';
import { ownTrainer } from '../../distil/experiment/trainer.ts';
import type { Precision } from '../../distil/learner/float-array.ts';
import { InputError } from '../../foundation/problem.ts';
import { restMs } from '../task-pool.ts';
import type { TaskAnswer } from '../task-worker.ts';
import type { JobInThread } from './job-worker.ts';

/** Worker threads that do jobs by rankfleet's own learner. */
export class JobThreads implements JobDoers {
  readonly atOnce: number;
  private readonly precision: Precision;
  private readonly pool: Piscina | undefined;

  /** @param threads one per core unless stated */
  constructor(threads = availableParallelism(), precision: Precision = 'float32') {
    this.atOnce = threads;
    this.precision = precision;
    // Workers cannot load TypeScript sources: from those, this thread does what there is to do.
    if (!import.meta.url.endsWith('.js')) return;
    const filename = new URL('./job-worker.js', import.meta.url).href;
    this.pool = new Piscina({ filename, minThreads: 1, maxThreads: threads, recordTiming: false });
  }

  async do(job: ExperimentJob): Promise<ExperimentOutcome> {
    const { pool, precision } = this;
    if (!pool) return doExperimentJob(job, ownTrainer(precision));
    const asked: JobInThread = { job, precision };
    const answer: TaskAnswer = await pool.run(asked);
    if ('answer' in answer) return answer.answer as ExperimentOutcome;
    throw answer.isInput ? new InputError(answer.message) : new Error(answer.message);
  }

  async close(): Promise<void> {
    if (!this.pool) return;
    await setTimeout(restMs);
    await this.pool.destroy();
  }
}
