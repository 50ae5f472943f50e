import { type FittedJob, fitJob, tryToFit } from '../step/fit.ts';
import { type LabelBatch, timedLabels } from '../step/label-batch.ts';
import { timedStep } from '../step/step.ts';
import type { StepResult } from '../step/step-result.ts';
import { checkJob, devicesPerHost, type TrainingJob } from '../step/training-job.ts';

/**
 * Steps and label batches of one scenario, each worked out once: arms that differ elsewhere share them. Models, hosts
 * and networks are told apart by their names, which a scenario keeps unambiguous.
 */
export class TimedJobs {
  private readonly fits = new Map<string, FittedJob | undefined>();
  private readonly steps = new Map<string, StepResult>();
  private readonly labels = new Map<string, LabelBatch>();

  /** Whether a job fits its accelerators. @throws InputError for a job that makes no sense */
  doesFit(job: TrainingJob): boolean {
    return this.fitted(job) !== undefined;
  }

  /** @throws TrainingMemoryError where it does not fit */
  step(job: TrainingJob): StepResult {
    return onceFor(this.steps, keyOf(job), () => timedStep(job, this.fitted(job) ?? fitJob(job)));
  }

  /** @throws TrainingMemoryError where it does not fit */
  labelBatch(job: TrainingJob): LabelBatch {
    return onceFor(this.labels, keyOf(job), () => timedLabels(job, this.fitted(job) ?? fitJob(job)));
  }

  private fitted(job: TrainingJob): FittedJob | undefined {
    return onceFor(this.fits, keyOf(job), () => {
      checkJob(job);
      return tryToFit(job);
    });
  }
}

function keyOf({ model, fleet, ...rest }: TrainingJob): string {
  const { host, hosts, network } = fleet;
  return JSON.stringify([model.name, host.name, devicesPerHost(fleet), hosts, network.name, rest]);
}

function onceFor<Found>(known: Map<string, Found>, key: string, find: () => Found): Found {
  if (!known.has(key)) known.set(key, find());
  return known.get(key) as Found;
}
