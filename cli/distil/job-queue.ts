import type { ExperimentJob, ExperimentOutcome, JobDoers } from '../../distil/experiment/run-experiment.ts';

interface Waiting {
  job: ExperimentJob;
  resolve(outcome: ExperimentOutcome): void;
  reject(error: Error): void;
}

/**
 * Jobs of an experiment in front of who does them. Those of the first seed come first, and students before teachers:
 * the logs that they read are removed when they are done.
 */
export class JobQueue {
  private readonly waiting: Waiting[] = [];
  private readonly doers: JobDoers;
  private readonly onDone: () => void;
  private busy = 0;

  constructor(doers: JobDoers, onDone: () => void) {
    this.doers = doers;
    this.onDone = onDone;
  }

  ask(job: ExperimentJob): Promise<ExperimentOutcome> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ job, resolve, reject });
      // Whoever asks has more to ask for: what comes first is decided then.
      setImmediate(() => this.start());
    });
  }

  /** Starts no more jobs. */
  close(): void {
    this.waiting.length = 0;
  }

  private start(): void {
    while (this.busy < this.doers.atOnce && this.waiting.length > 0) {
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
      resolve(await this.doers.do(job));
      this.onDone();
    } catch (error) {
      reject(error as Error);
    } finally {
      this.busy--;
      setImmediate(() => this.start());
    }
  }
}

/** Jobs with less come first; of equals, those that were asked for first. */
function urgency(job: ExperimentJob): number {
  if (job.kind === 'students') return 2 * job.seed;
  return 2 * (job.kind === 'teacher' ? job.learner.seed : job.seed) + 1;
}
