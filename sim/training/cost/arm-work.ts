import type { TrainingDevice } from './assumptions.ts';
import type { DeviceSeconds } from './device-seconds.ts';
import { headsFlop, servingFlop, trainingPasses } from './training-flop.ts';
import { type DistillationWorkload, examplesOf, type Teacher } from './workload.ts';

/** Ways to train vertical models, with and without a teacher. */
export const distillationArms = ['no-teacher', 'co-distillation', 'own-teachers', 'shared-teacher'] as const;

export type DistillationArm = (typeof distillationArms)[number];

export const workKinds = ['teacher training', 'labelling', 'vertical training'] as const;

/** Jobs of one kind that run alike: each is a stream of examples, with a model held in device memory. */
export interface Jobs {
  kind: (typeof workKinds)[number];
  /** Vertical that they run for; absent where they run for all. */
  vertical?: string;
  count: number;
  /** Of each job. */
  examplesPerDay: number;
  flopPerExample: number;
  deviceSecondsPerExample: number;
  /** Device memory that it holds. */
  stateBytes: number;
  /** Absent: the device of the case, and the assumed headroom. */
  device?: TrainingDevice;
  headroom?: number;
  /** Devices that are held whatever load and memory need; absent: what these need. */
  held?: number;
}

/** What an arm does in a day, before it is laid out on devices. */
export interface ArmWork {
  arm: DistillationArm;
  jobs: Jobs[];
  /** Label records kept. */
  storedBytes: number;
  recordsWrittenPerDay: number;
  recordsReadPerDay: number;
  /** Record bytes written and read; published snapshots come with the devices that load them. */
  recordBytesPerDay: number;
  /** Per example and vertical. */
  servingFlop: number[];
}

/**
 * Work of an arm.
 * - `no-teacher`: the verticals alone.
 * - `co-distillation`: each run of each vertical trains a teacher beside it, whose forward pass is the label.
 * - `own-teachers`: one external teacher per vertical, trained on and labelling all of its traffic, shared by its runs.
 * - `shared-teacher`: one external teacher trained on r_t of the union and labelling r_l of it, each example once.
 */
export function workOf(
  arm: DistillationArm,
  workload: DistillationWorkload,
  seconds: DeviceSeconds,
): ArmWork {
  const records = recordsOf(arm, workload);
  const moved = records.written + records.read;
  return {
    arm,
    jobs: [...teacherJobs(arm, workload, seconds), ...verticalJobs(arm, workload, seconds)],
    storedBytes: records.written * workload.recordBytes * workload.retentionDays,
    recordsWrittenPerDay: records.written,
    recordsReadPerDay: records.read,
    recordBytesPerDay: moved * workload.recordBytes,
    servingFlop: servingFlop(workload),
  };
}

/** Bytes of a teacher's weights: what labelling holds, and a published snapshot. */
export function weightBytes({ parameters, bytesPerParameter }: Teacher): number {
  return parameters * bytesPerParameter;
}

/** Bytes that training a teacher holds: weights and optimizer state. */
export function trainingStateBytes(teacher: Teacher): number {
  return weightBytes(teacher) + teacher.parameters * teacher.optimizerBytesPerParameter;
}

/** FLOP per day of all jobs of one kind, or of all. */
export function flopPerDay({ jobs }: ArmWork, kind?: Jobs['kind']): number {
  return jobs
    .filter((job) => kind === undefined || job.kind === kind)
    .reduce(
      (sum, { count, examplesPerDay, flopPerExample }) => sum + count * examplesPerDay * flopPerExample,
      0,
    );
}

/** T: FLOP per day that an arm spends on teachers, training and labelling. */
export function teacherFlopPerDay(work: ArmWork): number {
  return flopPerDay(work, 'teacher training') + flopPerDay(work, 'labelling');
}

function teacherJobs(arm: DistillationArm, workload: DistillationWorkload, seconds: DeviceSeconds): Jobs[] {
  const { verticals, uniqueExamplesPerDay, trainShare, labelShare, teacher, labelDevice } = workload;
  const { memoryFactor = { training: 1, labelling: 1 } } = teacher;
  const training = {
    kind: 'teacher training',
    flopPerExample: trainingPasses * teacher.forwardFlop,
    deviceSecondsPerExample: seconds.teacherTrainingS,
    stateBytes: trainingStateBytes(teacher) * memoryFactor.training,
  } as const;
  const labelling = {
    kind: 'labelling',
    flopPerExample: teacher.forwardFlop,
    deviceSecondsPerExample: seconds.labelS,
    stateBytes: weightBytes(teacher) * memoryFactor.labelling,
    ...(labelDevice && { device: labelDevice }),
  } as const;
  switch (arm) {
    case 'no-teacher':
      return [];
    case 'co-distillation':
      return verticals.map(({ name, runs, examplesPerDay }) => ({
        ...training,
        vertical: name,
        count: runs,
        examplesPerDay,
      }));
    case 'own-teachers':
      return verticals.flatMap(({ name, examplesPerDay }) =>
        [training, labelling].map((job) => ({ ...job, vertical: name, count: 1, examplesPerDay })),
      );
    case 'shared-teacher':
      return [
        { ...training, count: 1, examplesPerDay: trainShare * uniqueExamplesPerDay },
        { ...labelling, count: 1, examplesPerDay: labelShare * uniqueExamplesPerDay },
      ];
  }
}

/** Training of the verticals; auxiliary heads and adapter only where the label comes from outside. */
function verticalJobs(arm: DistillationArm, workload: DistillationWorkload, seconds: DeviceSeconds): Jobs[] {
  const hasHeads = arm === 'own-teachers' || arm === 'shared-teacher';
  return workload.verticals.map(
    ({ name, runs, examplesPerDay, forwardFlop, stateBytes, heads = workload.heads, ...own }, index) => ({
      kind: 'vertical training',
      vertical: name,
      count: runs,
      examplesPerDay,
      flopPerExample: trainingPasses * forwardFlop + (hasHeads ? headsFlop(heads) : 0),
      deviceSecondsPerExample: seconds.verticalTrainingS[index] + (hasHeads ? seconds.headsS[index] : 0),
      stateBytes,
      ...(own.device && { device: own.device }),
      ...(own.headroom !== undefined && { headroom: own.headroom }),
    }),
  );
}

/** Label records per day: each labelled example is written once where it is labelled, and read by every run. */
function recordsOf(arm: DistillationArm, workload: DistillationWorkload): { written: number; read: number } {
  const { verticals, uniqueExamplesPerDay, labelShare } = workload;
  const trained = verticals.reduce((sum, { examplesPerDay, runs }) => sum + examplesPerDay * runs, 0);
  if (arm === 'shared-teacher')
    return { written: labelShare * uniqueExamplesPerDay, read: labelShare * trained };
  if (arm === 'own-teachers') return { written: examplesOf(workload), read: trained };
  return { written: 0, read: 0 };
}
