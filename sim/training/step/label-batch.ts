import { type CostErrors, noErrors } from '../../cost/cost-errors.ts';
import { addAmounts } from './amount.ts';
import { amountsOf } from './amounts.ts';
import { type FittedJob, fitJob } from './fit.ts';
import { partsOf } from './step.ts';
import { type StepPart, type StepPartName, stepParts } from './step-result.ts';
import { checkJob, devicesOf, type TrainingJob } from './training-job.ts';
import { trainingUnit } from './training-unit.ts';

/** A batch that a fleet labels: the forward pass of a teacher, whose predictions are logged. */
export interface LabelBatch {
  examplesPerBatch: number;
  batchS: number;
  examplesPerS: number;
  parts: StepPart[];
}

const forwardParts: readonly StepPartName[] = [
  'read-input',
  'copy-in',
  'id-exchange',
  'lookup',
  'vector-exchange',
  'bottom-forward',
  'top-forward',
];

/**
 * The forward pass of a job alone, as the label service runs it: parts and overlap as in a training step, without
 * losses, gradients and optimizers, and without the memory that they take. What trains a teacher can label.
 * Predictions, of a few bytes an example, return beside the next batch and take no time.
 */
export function labelBatch(job: TrainingJob, errors: CostErrors = noErrors): LabelBatch {
  checkJob(job);
  return timedLabels(job, fitJob({ ...job, forwardOnly: true }), errors);
}

/** The same where the tables already have their places. */
export function timedLabels(job: TrainingJob, fitted: FittedJob, errors: CostErrors = noErrors): LabelBatch {
  const amounts = amountsOf(job, fitted.shares, trainingUnit(job.fleet.host, errors));
  for (const name of stepParts) if (!forwardParts.includes(name)) amounts[name] = addAmounts([]);
  const parts = partsOf(job, amounts).filter(({ name }) => forwardParts.includes(name));
  const batchS = parts.reduce((sum, { exposedS }) => sum + exposedS, 0);
  const examplesPerBatch = devicesOf(job.fleet) * job.examplesPerDevice;
  return { examplesPerBatch, batchS, examplesPerS: examplesPerBatch / batchS, parts };
}
