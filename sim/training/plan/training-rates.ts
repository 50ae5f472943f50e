import { type FittedJob, fitJob, tryToFit } from '../step/fit.ts';
import { type LabelBatch, timedLabels } from '../step/label-batch.ts';
import { TrainingMemoryError } from '../step/memory.ts';
import { timedStep } from '../step/step.ts';
import type { StepResult } from '../step/step-result.ts';
import { checkJob, type TrainingJob } from '../step/training-job.ts';

/** Most hosts of one job that are looked at. */
export const mostHosts = 2048;

/** The steps of one job on fleets of every size, each computed once. */
export class TrainingRates {
  readonly job: TrainingJob;
  private readonly fits = new Map<number, FittedJob | undefined>();
  private readonly steps = new Map<number, StepResult>();
  private readonly batches = new Map<number, LabelBatch>();
  private least: number | undefined;

  /** @throws InputError for a job that makes no sense on any fleet */
  constructor(job: TrainingJob) {
    checkJob(job);
    this.job = job;
  }

  /** One step on so many hosts; undefined where it does not fit them. */
  step(hosts: number): StepResult | undefined {
    return this.timed(hosts, this.steps, timedStep);
  }

  /** One batch of labels on so many hosts; undefined where the model does not fit them. */
  labels(hosts: number): LabelBatch | undefined {
    return this.timed(hosts, this.batches, timedLabels);
  }

  /** Fewest hosts that it fits; undefined where no number of them is enough. */
  leastThatFit(): number | undefined {
    this.least ??= leastFrom((hosts) => this.fit(hosts) !== undefined);
    return this.least === 0 ? undefined : this.least;
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

  private timed<Timed>(
    hosts: number,
    known: Map<number, Timed>,
    time: (job: TrainingJob, fitted: FittedJob) => Timed,
  ): Timed | undefined {
    const fit = this.fit(hosts);
    if (!fit) return undefined;
    const found = known.get(hosts) ?? time(this.on(hosts), fit);
    known.set(hosts, found);
    return found;
  }

  private fit(hosts: number): FittedJob | undefined {
    if (!this.fits.has(hosts)) this.fits.set(hosts, tryToFit(this.on(hosts)));
    return this.fits.get(hosts);
  }

  private on(hosts: number): TrainingJob {
    return { ...this.job, fleet: { ...this.job.fleet, hosts } };
  }
}

/**
 * Least number of hosts from which on a condition holds: by doublings, then bisection.
 * @returns 0 where it holds for none up to `mostHosts`
 */
function leastFrom(holds: (hosts: number) => boolean): number {
  let [below, enough] = [0, 1];
  while (!holds(enough)) {
    if (enough >= mostHosts) return 0;
    [below, enough] = [enough, 2 * enough];
  }
  while (enough - below > 1) {
    const middle = Math.floor((below + enough) / 2);
    if (holds(middle)) enough = middle;
    else below = middle;
  }
  return enough;
}
