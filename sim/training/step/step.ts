import type { Evidence } from '../../../foundation/evidence.ts';
import type { Device, PeakDataType } from '../../../hardware-profiles/profile.ts';
import type { DenseOperator } from '../../../models/model.ts';
import { atCandidates } from '../../../models/operators.ts';
import { type CostErrors, noErrors } from '../../cost/cost-errors.ts';
import { forUsers } from '../../serving/dense-time.ts';
import { amountsOf, tableSeconds } from './amounts.ts';
import { backwardFlops } from './backward.ts';
import { distillationOperators } from './distillation-operators.ts';
import { executedAs } from './execution.ts';
import { type FittedJob, fitJob } from './fit.ts';
import { type Amount, type StepPart, type StepPartName, type StepResult, stepParts } from './step-result.ts';
import {
  computeParts,
  exposedInPipeline,
  exposedInSequence,
  linkParts,
  type PartSeconds,
} from './timeline.ts';
import { checkJob, devicesOf, type TrainingJob } from './training-job.ts';
import { type TrainingUnit, trainingUnit } from './training-unit.ts';

/** Bytes of a bucket of gradients that are reduced together: the usual default of data-parallel training. [recollected] */
const bucketBytes = 25 * 2 ** 20;

/**
 * One step of a job: what each part takes, what of it is hidden, memory, and the rate of training.
 * @throws InputError for a job that makes no sense, TrainingMemoryError for one that does not fit
 */
export function trainingStep(job: TrainingJob, errors: CostErrors = noErrors): StepResult {
  checkJob(job);
  return timedStep(job, fitJob(job), errors);
}

/** The same where the tables already have their places, as for another draw of the cost model's errors. */
export function timedStep(job: TrainingJob, fitted: FittedJob, errors: CostErrors = noErrors): StepResult {
  const unit = trainingUnit(job.fleet.host, errors);
  const parts = partsOf(job, amountsOf(job, fitted.shares, unit));
  const stepS = total(parts, ({ exposedS }) => exposedS);
  const devices = devicesOf(job.fleet);
  const examplesPerStep = devices * job.examplesPerDevice;
  const ofKind = (kind: StepPart['kind']) => parts.filter((part) => part.kind === kind);
  return {
    devices,
    examplesPerDevice: job.examplesPerDevice,
    examplesPerStep,
    stepS,
    examplesPerS: examplesPerStep / stepS,
    parts,
    computeS: total(ofKind('compute'), ({ seconds }) => seconds),
    communicationS: total(ofKind('communication'), ({ seconds }) => seconds),
    exposedCommunicationS: total(ofKind('communication'), ({ exposedS }) => exposedS),
    exposedInputS: total(ofKind('input'), ({ exposedS }) => exposedS),
    evidence: evidenceOf(parts, stepS),
    logError: total(parts, ({ exposedS, logError }) => exposedS * logError) / stepS,
    flopsPerExample: flopsOf(job),
    mfu: peakSeconds(job) / stepS,
    tableImbalance: imbalanceOf(fitted, unit),
    memory: fitted.memory,
  };
}

/** Parts as they are executed, with what of them lengthens a step. */
export function partsOf(
  { overlap, fleet, execution }: TrainingJob,
  byKernels: Record<StepPartName, Amount>,
): StepPart[] {
  const amounts = executedAs(execution, fleet.host.accelerators!.device.name, byKernels);
  const seconds = Object.fromEntries(stepParts.map((name) => [name, amounts[name].seconds])) as PartSeconds;
  const gradientBytes = Math.max(1, amounts['all-reduce'].bytes);
  const lastBucketShare = devicesOf(fleet) > 1 ? Math.min(1, bucketBytes / gradientBytes) : 0;
  const exposed =
    overlap === 'none' ? exposedInSequence(seconds) : exposedInPipeline(seconds, lastBucketShare);
  return stepParts.map((name) => ({
    name,
    kind: kindOf(name),
    ...amounts[name],
    exposedS: exposed[name] ?? seconds[name],
  }));
}

function kindOf(name: StepPartName): StepPart['kind'] {
  const isAmong = (names: readonly StepPartName[]) => names.includes(name);
  return isAmong(computeParts) ? 'compute' : isAmong(linkParts) ? 'communication' : 'input';
}

/** Shares of a step by evidence: each part counts by what it lengthens the step by. */
/** Share of a step by the evidence for what lengthens it. */
export function evidenceOf(parts: readonly StepPart[], stepS: number): StepResult['evidence'] {
  const shares: StepResult['evidence'] = {};
  for (const { secondsBy, seconds, exposedS } of parts) {
    if (exposedS === 0) continue;
    for (const [level, part] of Object.entries(secondsBy) as [Evidence, number][]) {
      shares[level] = (shares[level] ?? 0) + ((part / seconds) * exposedS) / stepS;
    }
  }
  return shares;
}

/** FLOPs of dense operators for one example. Lookups and optimizers, which have few, are in the parts. */
function flopsOf({ model, distillation }: TrainingJob): StepResult['flopsPerExample'] {
  const served = model.nets.flatMap((net) => net.operators);
  const heads = distillationOperators(model, distillation);
  const forward = (operators: readonly DenseOperator[]) =>
    total(operators, ({ flops }) => atCandidates(flops, 1));
  const backward = total([...served, ...heads], (operator) => backwardFlops(operator, 1));
  return {
    forward: forward(served),
    trainingOnly: forward(heads),
    training: forward(served) + forward(heads) + backward,
  };
}

/** Seconds that an accelerator's dense FLOPs of a step would take at the peaks of their types. */
function peakSeconds({ model, fleet, distillation, examplesPerDevice: examples }: TrainingJob): number {
  const { device } = fleet.host.accelerators!;
  const operators = [
    ...model.nets.flatMap((net) => net.operators),
    ...distillationOperators(model, distillation),
  ];
  return total(operators, (operator) => {
    const batch = forUsers(operator, examples);
    const flops = atCandidates(batch.flops, examples) + backwardFlops(batch, examples);
    return flops / peakOf(device, operator.dataType);
  });
}

/** A type without a peak of its own computes in fp32; a device without either makes no utilisation. */
function peakOf({ peakFlopPerS }: Device, type: PeakDataType): number {
  return (peakFlopPerS[type] ?? peakFlopPerS.fp32)?.value ?? Number.POSITIVE_INFINITY;
}

function imbalanceOf({ shares }: FittedJob, unit: TrainingUnit): number {
  const seconds = shares.map((share) => tableSeconds(share, unit));
  const mean = total(seconds, (each) => each) / seconds.length;
  return mean > 0 ? Math.max(...seconds) / mean : 1;
}

function total<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0);
}
