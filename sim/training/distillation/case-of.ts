import type { Host } from '../../../hardware-profiles/profile.ts';
import { summariseModel } from '../../../models/summary.ts';
import { qualityFields } from '../../../scenarios/distillation/costs-schema.ts';
import type { DistillationArm, TaskSpec } from '../../../scenarios/distillation/deployment.ts';
import type { LabelPath, VerticalTarget } from '../cost/arm-quality.ts';
import {
  assumedCosts,
  type CostAssumptions,
  type TrainingDevice,
  trainingDeviceOf,
} from '../cost/assumptions.ts';
import type { DeviceSeconds } from '../cost/device-seconds.ts';
import type { DistillationCase } from '../cost/distillation-case.ts';
import type { DistillationWorkload, TrainingHeads, Vertical } from '../cost/workload.ts';
import { secondsPerDay } from '../pipeline/pipeline-spec.ts';
import { type QualityConstants, qualityConstants } from '../quality/constants.ts';
import type { DistillationHead } from '../quality/transfer-ratio.ts';
import { backboneWidth } from '../step/distillation-operators.ts';
import type { StepResult } from '../step/step-result.ts';
import { devicesOf } from '../step/training-job.ts';
import { copiesOf, copyName, uniqueRates } from './demand.ts';
import type { LabelFeed } from './feeds.ts';
import { labelledTasks, recordBytesOf } from './pipeline-spec-of.ts';
import type { PreparedArm, PreparedVertical } from './prepare.ts';

const bytesPerGb = 1e9;
const daysPerMonth = 30;

/** The constants of the quality model of an arm: those that it states, the product's otherwise. */
export function constantsOf({ quality }: DistillationArm): QualityConstants {
  const stated = Object.entries(qualityFields).flatMap(([field, name]) => {
    const constant = quality[field as keyof typeof qualityFields];
    return constant ? [[name, constant]] : [];
  });
  return { ...qualityConstants, ...Object.fromEntries(stated) };
}

/** The task by which a vertical is judged: the first that the teacher labels. */
export function mainTask(tasks: readonly TaskSpec[]): TaskSpec {
  return labelledTasks(tasks)[0];
}

/**
 * Cost and quality of an arm as one case: simulated steps in place of the roofline, each vertical with its own labels.
 * @param feeds of the main task of each vertical, in their order
 * @param referenceExamplesPerDay largest union of the arms that are compared
 */
export function caseOf(
  prepared: PreparedArm,
  feeds: readonly LabelFeed[],
  referenceExamplesPerDay: number,
): DistillationCase {
  const { arm, training } = prepared;
  return {
    workload: workloadOf(prepared),
    targets: prepared.verticals.flatMap(({ vertical }, index) => {
      const target = targetOf(mainTask(vertical.tasks), feeds[index]);
      return Array.from({ length: vertical.count }, (_, copy) => ({
        ...target,
        name: copyName(vertical, copy),
      }));
    }),
    path: pathOf(arm, feeds[0]),
    device: deviceOf(training.job.fleet.host),
    assumptions: costsOf(arm),
    seconds: secondsOf(prepared),
    held: heldFleets(prepared),
    referenceExamplesPerDay,
  };
}

/** Accelerators of the teacher's fleets, stated or sized: whole hosts, held all day. */
function heldFleets({ training, labelling, servers }: PreparedArm): DistillationCase['held'] {
  return {
    teacherTraining: devicesOf(training.job.fleet),
    labelling: servers * devicesOf(labelling.job.fleet),
  };
}

/** What quality needs to know of a task. */
export function targetOf(task: TaskSpec, feed: LabelFeed): VerticalTarget {
  return {
    name: task.name,
    baseNe: task.base_ne,
    baseRate: task.base_rate,
    teacherCalibration: task.teacher_calibration,
    drift: task.drift,
    feed,
  };
}

/** How the arm hands labels on, with the feed of one of its verticals. */
export function pathOf({ distillation }: DistillationArm, feed: LabelFeed): LabelPath {
  return {
    head: headOf(distillation),
    channel: distillation.transfers === 'representation' ? 'representation' : 'label',
    lossWeight: distillation.loss_weight,
    ...feed,
  };
}

function headOf(distillation: DistillationArm['distillation']): DistillationHead {
  if (distillation.kind === 'one-head') return 'one-head';
  return distillation.adapter_width === undefined ? 'auxiliary-head' : 'auxiliary-head-and-adapter';
}

export function workloadOf(prepared: PreparedArm): DistillationWorkload {
  const { arm, labelling, verticals } = prepared;
  const byName = new Map(verticals.map((each) => [each.vertical.name, each]));
  return {
    verticals: copiesOf(arm.verticals).map(({ name, vertical }) =>
      verticalOf(name, byName.get(vertical.name)!, arm),
    ),
    uniqueExamplesPerDay: arm.uniqueExamplesPerDay,
    teacher: teacherOf(prepared),
    trainShare: arm.teacher.train_share,
    labelShare: arm.teacher.label_share,
    heads: { auxiliary: 0, dim: 0, hidden: 0, adapterHidden: 0 },
    recordBytes: recordBytesOf(arm),
    retentionDays: arm.store.retention / secondsPerDay,
    publishesPerDay: secondsPerDay / arm.teacher.snapshots.every,
    labelDevice: deviceOf(labelling.job.fleet.host),
  };
}

function verticalOf(
  name: string,
  { vertical, withoutHeads }: PreparedVertical,
  arm: DistillationArm,
): Vertical {
  return {
    name,
    examplesPerDay: vertical.examples_per_day,
    forwardFlop: withoutHeads.flopsPerExample.forward,
    trainingBytesPerExample: memoryBytesPerExample(withoutHeads),
    stateBytes: stateBytesOf(withoutHeads),
    runs: vertical.runs,
    heads: headsOf(arm, vertical.model),
    device: deviceOf(vertical.fleet.host),
    headroom: 1 + vertical.fleet.headroom,
  };
}

function headsOf(
  { distillation }: DistillationArm,
  model: PreparedVertical['vertical']['model'],
): TrainingHeads {
  if (distillation.kind === 'one-head') return { auxiliary: 0, dim: 0, hidden: 0, adapterHidden: 0 };
  const { head_width, adapter_width } = distillation;
  return {
    auxiliary: adapter_width === undefined ? 1 : 2,
    dim: backboneWidth(model),
    hidden: head_width,
    adapterHidden: adapter_width ?? 0,
  };
}

function teacherOf({ arm, teacherStep, training, labelling, labels, snapshotBytes }: PreparedArm) {
  const { denseParameters, embeddingParameters } = summariseModel(arm.teacher.model);
  const parameters = denseParameters + embeddingParameters;
  const trainingState = stateBytesOf(teacherStep);
  const heldBy = (devices: number, host: Host) =>
    devices * host.accelerators!.device.memory.capacityBytes.value;
  const labelBytes = labels.parts
    .filter(({ kind }) => kind === 'compute')
    .reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    forwardFlop: teacherStep.flopsPerExample.forward,
    trainingBytesPerExample: memoryBytesPerExample(teacherStep),
    labelBytesPerExample: labelBytes / labelling.job.examplesPerDevice,
    parameters,
    bytesPerParameter: snapshotBytes / parameters,
    optimizerBytesPerParameter: Math.max(0, trainingState - snapshotBytes) / parameters,
    memoryFactor: {
      training:
        heldBy(training.leastDevices, training.job.fleet.host) / Math.max(trainingState, snapshotBytes),
      labelling: heldBy(labelling.leastDevices, labelling.job.fleet.host) / snapshotBytes,
    },
  };
}

/** Device memory that compute of a step reads and writes for each example. */
function memoryBytesPerExample({ parts, examplesPerDevice }: StepResult): number {
  const bytes = parts.filter(({ kind }) => kind === 'compute').reduce((sum, part) => sum + part.bytes, 0);
  return bytes / examplesPerDevice;
}

/** Weights, gradients and optimizer state of tables and dense parameters on all accelerators of a step. */
export function stateBytesOf({ memory: { denseBytes, tableBytes }, devices }: StepResult): number {
  return (denseBytes + tableBytes) * devices;
}

/** Seconds of one accelerator for each example, by the simulated steps. */
export function secondsOf({ arm, teacherStep, labels, labelling, verticals }: PreparedArm): DeviceSeconds {
  const byName = new Map(verticals.map((each) => [each.vertical.name, each]));
  const all = copiesOf(arm.verticals).map(({ vertical }) => byName.get(vertical.name)!);
  return {
    teacherTrainingS: deviceSeconds(teacherStep),
    labelS: labels.batchS / labelling.job.examplesPerDevice,
    verticalTrainingS: all.map(({ withoutHeads }) => deviceSeconds(withoutHeads)),
    headsS: all.map(({ withHeads, withoutHeads }) =>
      Math.max(0, deviceSeconds(withHeads) - deviceSeconds(withoutHeads)),
    ),
  };
}

function deviceSeconds({ stepS, examplesPerDevice }: StepResult): number {
  return stepS / examplesPerDevice;
}

/** Prices and headroom as the arm states them. Steps are simulated, so that no utilisation is assumed. */
function costsOf(arm: DistillationArm): CostAssumptions {
  const { storage_usd_per_gb_month, moved_usd_per_gb, site_over_power } = arm.costs;
  const { meanPerS, peakPerS } = uniqueRates(arm);
  return {
    ...assumedCosts(),
    trainingHeadroom: 1 + arm.teacher.fleet.headroom,
    labelPeakOverMean: (peakPerS / meanPerS) * (1 + arm.teacher.labelling.headroom),
    storageUsdPerByteDay: storage_usd_per_gb_month / bytesPerGb / daysPerMonth,
    movedUsdPerByte: moved_usd_per_gb / bytesPerGb,
    siteOverPower: site_over_power,
  };
}

const types = ['bf16', 'fp16', 'tf32', 'fp32'] as const;

/** An accelerator of a host; its peak, of the fastest type that it has, decides nothing where steps are simulated. */
export function deviceOf(host: Host): TrainingDevice {
  const { peakFlopPerS } = host.accelerators!.device;
  return trainingDeviceOf(host, types.find((type) => peakFlopPerS[type] !== undefined) ?? 'fp32');
}
