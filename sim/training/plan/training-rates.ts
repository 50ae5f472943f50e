import type { TimedJobs } from '../distillation/timed-jobs.ts';
import { fitJob } from '../step/fit.ts';
import type { LabelBatch } from '../step/label-batch.ts';
import { TrainingMemoryError } from '../step/memory.ts';
import type { StepResult } from '../step/step-result.ts';
import type { TrainingJob } from '../step/training-job.ts';

/** Most hosts of one job that are looked at. */
export const mostHosts = 2048;

/** One job on fleets of every size. */
export class TrainingRates {
  private readonly jobs: TimedJobs;
  private readonly on: (hosts: number) => TrainingJob;

  constructor(jobs: TimedJobs, on: (hosts: number) => TrainingJob) {
    this.jobs = jobs;
    this.on = on;
  }

  fits(hosts: number): boolean {
    return this.jobs.doesFit(this.on(hosts));
  }

  /** @throws TrainingMemoryError where it does not fit */
  step(hosts: number): StepResult {
    return this.jobs.step(this.on(hosts));
  }

  /** @throws TrainingMemoryError where it does not fit */
  labels(hosts: number): LabelBatch {
    return this.jobs.labelBatch(this.on(hosts));
  }

  /** Fewest hosts that it fits, by doublings, then bisection; undefined where no number of them is enough. */
  leastThatFit(): number | undefined {
    let [below, enough] = [0, 1];
    while (!this.fits(enough)) {
      if (enough >= mostHosts) return undefined;
      [below, enough] = [enough, 2 * enough];
    }
    while (enough - below > 1) {
      const middle = Math.floor((below + enough) / 2);
      if (this.fits(middle)) enough = middle;
      else below = middle;
    }
    return enough;
  }

  /** Why it does not fit so many hosts, and what would help. */
  whyNot(hosts: number): string {
    try {
      fitJob(this.on(hosts));
      return '';
    } catch (error) {
      if (error instanceof TrainingMemoryError) return error.message;
      throw error;
    }
  }
}
