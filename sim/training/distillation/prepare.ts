import { InputError } from '../../../foundation/problem.ts';
import type { DistillationArm, Horizon, VerticalSpec } from '../../../scenarios/distillation/deployment.ts';
import { mostHosts } from '../../../scenarios/distillation/fleet-schema.ts';
import { type PipelineSpec, secondsPerDay } from '../pipeline/pipeline-spec.ts';
import type { LabelBatch } from '../step/label-batch.ts';
import type { StepResult } from '../step/step-result.ts';
import { devicesOf, type TrainingJob } from '../step/training-job.ts';
import { uniqueRates } from './demand.ts';
import { headsOf, labelJob, partOfHost, teacherJob, verticalJob } from './jobs.ts';
import {
  atField,
  pipelineSpecOf,
  type SnapshotTimes,
  snapshotBytesOf,
  snapshotTimes,
} from './pipeline-spec-of.ts';
import { problemOfFleet, smallestFleet } from './size-fleet.ts';
import type { TimedJobs } from './timed-jobs.ts';

export type SizedBy = 'stated' | 'memory' | 'throughput';

/** A fleet as it was stated or sized, with the job that it runs. */
export interface PreparedFleet {
  job: TrainingJob;
  sizedBy: SizedBy;
  /** Accelerators of the smallest fleet that holds the model. */
  leastDevices: number;
  meanPerS: number;
  peakPerS: number;
}

/** One vertical model with its fleet, and its step with and without what distillation adds. */
export interface PreparedVertical {
  vertical: VerticalSpec;
  fleet: PreparedFleet;
  withHeads: StepResult;
  withoutHeads: StepResult;
}

/** An arm whose fleets are sized and whose steps are timed: all that its pipeline needs. */
export interface PreparedArm {
  arm: DistillationArm;
  training: PreparedFleet;
  teacherStep: StepResult;
  /** Of one label server; there are `servers` of them. */
  labelling: PreparedFleet;
  labels: LabelBatch;
  servers: number;
  serversBy: 'stated' | 'throughput';
  snapshotBytes: number;
  snapshots: SnapshotTimes;
  verticals: PreparedVertical[];
  pipeline: PipelineSpec;
}

/** An arm that cannot be: which fleet does not fit and what would help, a line each. */
export interface UnfitArm {
  arm: DistillationArm;
  problem: string[];
}

/**
 * Sizes the fleets of an arm and times their steps.
 * @throws InputError, not located, for what makes no sense together
 */
export function prepareArm(arm: DistillationArm, horizon: Horizon, timed: TimedJobs): PreparedArm | UnfitArm {
  const problem: string[] = [];
  const attempt = <Found>(what: string, at: readonly string[], find: () => Found): Found | undefined => {
    try {
      return find();
    } catch (error) {
      if (error instanceof InputError) throw atField(error, at);
      problem.push(...problemOfFleet(error, what));
      return undefined;
    }
  };
  const training = attempt(`training of the teacher '${arm.teacher.model.name}'`, ['teacher', 'model'], () =>
    teacherFleet(arm, timed),
  );
  const labelling = attempt(`a label server of '${arm.teacher.model.name}'`, ['teacher', 'model'], () =>
    labelFleet(arm, timed),
  );
  const verticals = arm.verticals.map((vertical) =>
    attempt(`training of the vertical '${vertical.name}'`, ['verticals', vertical.name, 'model'], () =>
      preparedVertical(arm, vertical, timed),
    ),
  );
  if (!training || !labelling || verticals.includes(undefined)) return { arm, problem };
  const labels = timed.labelBatch(labelling.job);
  const servers = serversOf(arm, labels);
  const snapshotBytes = snapshotBytesOf(arm.teacher.model);
  const snapshots = snapshotTimes(arm, snapshotBytes, labelling.job.fleet);
  const teacherStep = timed.step(training.job);
  return {
    arm,
    training,
    teacherStep,
    labelling,
    labels,
    servers,
    serversBy: arm.teacher.labelling.servers === undefined ? 'throughput' : 'stated',
    snapshotBytes,
    snapshots,
    verticals: verticals as PreparedVertical[],
    pipeline: pipelineSpecOf(arm, { teacherStep, labels, servers, snapshots }, horizon),
  };
}

function teacherFleet(arm: DistillationArm, timed: TimedJobs): PreparedFleet {
  const { fleet, train_share } = arm.teacher;
  const { meanPerS, peakPerS } = uniqueRates(arm);
  const rates = { meanPerS: train_share * meanPerS, peakPerS: train_share * peakPerS };
  const job = (index: number) => teacherJob(arm, index + 1);
  const perS = (each: TrainingJob) => timed.step(each).examplesPerS;
  return fleetOf({ count: mostHosts, job }, fleet.hosts, timed, perS, rates, fleet.headroom);
}

/** One server holds one copy of the teacher: its hosts are the fewest that do, its speed decides how many there are. */
function labelFleet(arm: DistillationArm, timed: TimedJobs): PreparedFleet {
  const { labelling, label_share } = arm.teacher;
  const { meanPerS, peakPerS } = uniqueRates(arm);
  const job = (index: number) => labelJob(arm, index + 1);
  const perS = (each: TrainingJob) => timed.labelBatch(each).examplesPerS;
  const rates = { meanPerS: label_share * meanPerS, peakPerS: label_share * peakPerS };
  const sized = fleetOf({ count: mostHosts, job }, labelling.hosts_per_server, timed, perS, {
    meanPerS: 0,
    peakPerS: 0,
  });
  return { ...sized, ...rates };
}

function serversOf({ teacher, ...arm }: DistillationArm, labels: LabelBatch): number {
  const { servers, headroom } = teacher.labelling;
  const { peakPerS } = uniqueRates({ teacher, ...arm });
  const neededPerS = teacher.label_share * peakPerS * (1 + headroom);
  return servers ?? Math.max(1, Math.ceil(neededPerS / labels.examplesPerS - 1e-9));
}

function preparedVertical(arm: DistillationArm, vertical: VerticalSpec, timed: TimedJobs): PreparedVertical {
  const { fleet, examples_per_day, peak_to_mean } = vertical;
  const heads = headsOf(arm);
  const whole = fleet.host.accelerators!.count.value;
  const parts = partsOf(whole);
  const job = (index: number) =>
    index < parts.length
      ? verticalJob(vertical, heads, partOfHost(fleet.host, parts[index]), 1)
      : verticalJob(vertical, heads, fleet.host, index - parts.length + 2);
  const stated =
    fleet.accelerators === undefined
      ? fleet.hosts
      : { job: verticalJob(vertical, heads, partOfHost(fleet.host, fleet.accelerators), 1) };
  const meanPerS = examples_per_day / secondsPerDay;
  const perS = (each: TrainingJob) => timed.step(each).examplesPerS;
  const rates = { meanPerS, peakPerS: meanPerS * peak_to_mean };
  const sizes = {
    count: parts.length + mostHosts - 1,
    job,
    indexOf: (hosts: number) => parts.length + hosts - 2,
  };
  const prepared = fleetOf(sizes, stated, timed, perS, rates, fleet.headroom);
  return {
    vertical,
    fleet: prepared,
    withHeads: timed.step(prepared.job),
    withoutHeads: timed.step({ ...prepared.job, distillation: { kind: 'none' } }),
  };
}

/** Parts of a host that a small model may take: powers of two, and all of it. */
function partsOf(accelerators: number): number[] {
  const powers = Array.from({ length: Math.floor(Math.log2(accelerators)) + 1 }, (_, index) => 2 ** index);
  return powers.at(-1) === accelerators ? powers : [...powers, accelerators];
}

interface Sizes {
  count: number;
  job(index: number): TrainingJob;
  /** Index of a number of whole hosts; absent: one less. */
  indexOf?(hosts: number): number;
}

/**
 * A fleet as stated, or the smallest that holds the model and keeps up.
 * @param stated hosts, or a job of its own
 */
function fleetOf(
  sizes: Sizes,
  stated: number | { job: TrainingJob } | undefined,
  timed: TimedJobs,
  perS: (job: TrainingJob) => number,
  rates: { meanPerS: number; peakPerS: number },
  headroom = 0,
): PreparedFleet {
  const doesFit = (job: TrainingJob) => timed.doesFit(job);
  const indexOf = sizes.indexOf ?? ((hosts: number) => hosts - 1);
  if (stated !== undefined) {
    const job = typeof stated === 'number' ? sizes.job(indexOf(stated)) : stated.job;
    // Throws where it does not fit.
    perS(job);
    const least = smallestFleet(sizes, doesFit, perS, 0).leastForMemory;
    return { job, sizedBy: 'stated', leastDevices: devicesOf(sizes.job(least).fleet), ...rates };
  }
  const { index, leastForMemory } = smallestFleet(sizes, doesFit, perS, rates.meanPerS * (1 + headroom));
  return {
    job: sizes.job(index),
    sizedBy: index === leastForMemory ? 'memory' : 'throughput',
    leastDevices: devicesOf(sizes.job(leastForMemory).fleet),
    ...rates,
  };
}
