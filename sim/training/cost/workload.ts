import { InputError, type Problem } from '../../../foundation/problem.ts';
import type { TrainingDevice } from './assumptions.ts';

/** A vertical model (VM), trained on a stream of its own traffic. */
export interface Vertical {
  name: string;
  /** N_v: examples per day. */
  examplesPerDay: number;
  /** F_v: forward FLOP per example, as served. */
  forwardFlop: number;
  /** Device memory read and written to train on one example: embedding rows, activations, input. */
  trainingBytesPerExample: number;
  /** Weights and optimizer state that a training run holds in device memory. */
  stateBytes: number;
  /** E: training runs at a time: the model in production and the experiments beside it. */
  runs: number;
  /** Absent: the workload's, the case's and the assumed ones. */
  heads?: TrainingHeads;
  device?: TrainingDevice;
  headroom?: number;
}

/** A teacher built like a foundation model (FM). */
export interface Teacher {
  /** F_T: forward FLOP per example. */
  forwardFlop: number;
  /** Device memory read and written to train on one example, and to label one. */
  trainingBytesPerExample: number;
  labelBytesPerExample: number;
  parameters: number;
  bytesPerParameter: number;
  /** Beside the weights, in training only. */
  optimizerBytesPerParameter: number;
  /**
   * Device memory that training and labelling take in all over these bytes: activations, reserve, whole hosts; absent:
   * no more than these.
   */
  memoryFactor?: { training: number; labelling: number };
}

/** Heads that only training has; serving drops them. */
export interface TrainingHeads {
  /** Heads of width `dim` → `hidden` → 1 on the backbone, beside the serving head. */
  auxiliary: number;
  dim: number;
  hidden: number;
  /** Hidden width of the student adapter 1 → hidden → 1; 0 without one. */
  adapterHidden: number;
}

/** What is trained and labelled, by how much of it. */
export interface DistillationWorkload {
  verticals: readonly Vertical[];
  /** N_u: unique examples per day of all verticals, between the largest of them and their sum. */
  uniqueExamplesPerDay: number;
  teacher: Teacher;
  /** r_t, in (0, 1]: share of the union that a shared teacher trains on. A teacher of one vertical trains on all. */
  trainShare: number;
  /** r_l, in (0, 1]: share of the union that a shared teacher labels. */
  labelShare: number;
  heads: TrainingHeads;
  /** b: bytes of one label record. */
  recordBytes: number;
  /** R: days that records are kept. */
  retentionDays: number;
  /** Snapshots of an external teacher that are published per day. */
  publishesPerDay: number;
  /** What labels; absent: what trains teachers. */
  labelDevice?: TrainingDevice;
}

/** Id 8, fp16 label 2, snapshot id 4 and time stamp 4. */
export const labelRecordBytes = 18;

/** ΣN_v: examples per day over all verticals, those that they share counted in each. */
export function examplesOf({ verticals }: DistillationWorkload): number {
  return verticals.reduce((sum, { examplesPerDay }) => sum + examplesPerDay, 0);
}

/** κ = ΣN_v / N_u: in how many verticals an example is used on average, at least 1. */
export function overlapOf(workload: DistillationWorkload): number {
  return examplesOf(workload) / workload.uniqueExamplesPerDay;
}

/** E: training runs per vertical, weighted by its examples. */
export function runsOf(workload: DistillationWorkload): number {
  const trained = workload.verticals.reduce(
    (sum, { examplesPerDay, runs }) => sum + examplesPerDay * runs,
    0,
  );
  return trained / examplesOf(workload);
}

/** @throws InputError with every figure that cannot be, by its path */
export function checkWorkload(workload: DistillationWorkload): void {
  const problems: Problem[] = [];
  const demand = (holds: boolean, path: string, message: string) => {
    if (!holds) problems.push({ path, message });
  };
  const { verticals, teacher, heads } = workload;
  demand(verticals.length > 0, 'verticals', 'expected at least one vertical model');
  verticals.forEach((vertical, index) => {
    const at = `verticals[${index}]`;
    for (const key of ['examplesPerDay', 'forwardFlop'] as const)
      demand(isPositive(vertical[key]), `${at}.${key}`, `expected more than 0, got ${vertical[key]}`);
    for (const key of ['trainingBytesPerExample', 'stateBytes'] as const)
      demand(isAmount(vertical[key]), `${at}.${key}`, `expected 0 or more, got ${vertical[key]}`);
    demand(
      isCount(vertical.runs, 1),
      `${at}.runs`,
      `expected a whole number from 1 on, got ${vertical.runs}`,
    );
    const isNew = verticals.findIndex(({ name }) => name === vertical.name) === index;
    demand(isNew, `${at}.name`, `another vertical is named '${vertical.name}' too`);
  });
  for (const key of ['forwardFlop', 'parameters', 'bytesPerParameter'] as const)
    demand(isPositive(teacher[key]), `teacher.${key}`, `expected more than 0, got ${teacher[key]}`);
  for (const key of [
    'trainingBytesPerExample',
    'labelBytesPerExample',
    'optimizerBytesPerParameter',
  ] as const)
    demand(isAmount(teacher[key]), `teacher.${key}`, `expected 0 or more, got ${teacher[key]}`);
  for (const key of ['auxiliary', 'dim', 'hidden', 'adapterHidden'] as const)
    demand(isCount(heads[key], 0), `heads.${key}`, `expected a whole number from 0 on, got ${heads[key]}`);
  for (const key of ['trainShare', 'labelShare'] as const)
    demand(workload[key] > 0 && workload[key] <= 1, key, `expected a share in (0, 1], got ${workload[key]}`);
  for (const key of ['recordBytes', 'retentionDays', 'publishesPerDay'] as const)
    demand(isAmount(workload[key]), key, `expected 0 or more, got ${workload[key]}`);
  checkUnion(workload, demand);
  if (problems.length > 0) throw new InputError(problems);
}

function checkUnion(
  workload: DistillationWorkload,
  demand: (holds: boolean, path: string, message: string) => void,
): void {
  const { verticals, uniqueExamplesPerDay: unique } = workload;
  const largest = Math.max(...verticals.map(({ examplesPerDay }) => examplesPerDay));
  const sum = examplesOf(workload);
  // A union computed as a sum in another order may be off by rounding.
  const holds = unique >= largest * (1 - 1e-9) && unique <= sum * (1 + 1e-9);
  const message = `a union lies between its largest part (${largest}) and the sum of its parts (${sum}), not ${unique}`;
  demand(verticals.length === 0 || holds, 'uniqueExamplesPerDay', message);
}

function isPositive(value: number): boolean {
  return value > 0 && Number.isFinite(value);
}

function isAmount(value: number): boolean {
  return value >= 0 && Number.isFinite(value);
}

function isCount(value: number, least: number): boolean {
  return Number.isInteger(value) && value >= least;
}
