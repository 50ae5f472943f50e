import { InputError } from '../../foundation/problem.ts';
import type { IdColumn } from '../learner/embedding-tables.ts';
import type { LearnerSpec, ServingSpec } from '../learner/spec.ts';
import type { Pass, PassStep } from '../learner/train-by-steps.ts';
import { areaUnderCurve } from '../metrics/auc.ts';
import { addToDay, emptyDaySums } from '../metrics/day-sums.ts';
import { picked } from '../streams/columns.ts';
import {
  type ExampleStream,
  fieldNamed,
  rowsOfVertical,
  rowsWithLabel,
  secondsPerDay,
  taskNamed,
} from '../streams/stream.ts';
import { readTeacherLog } from '../teacher-log/log-file.ts';
import type { TeacherLogReport } from '../teacher-log/teacher-labels.ts';
import type { Arm } from './arms.ts';
import { checkSameBits, type ExportCheck } from './check-export.ts';
import { knownOrder, knownTimes } from './known-order.ts';
import { shuffledByDay } from './shuffled-by-day.ts';
import { studentSteps } from './student-steps.ts';
import type { Measured } from './teacher-job.ts';
import type { Trainer } from './trainer.ts';

/** One student to be trained. */
export interface StudentRun {
  /** Position in the stream. */
  vertical: number;
  task: string;
  arm: Arm;
}

/** Students that are taught by one log, or by none. Plain data. */
export interface StudentJob {
  kind: 'students';
  stream: ExampleStream;
  serving: ServingSpec;
  fields: readonly string[];
  batch: number;
  learningRate: number;
  seed: number;
  metricsFromDay: number;
  /** Log of the teacher; absent for arms that have no teacher, or their own labels. */
  log: string | undefined;
  /** Runs of one vertical and task stand together, base first: they are prepared once, and compared with base. */
  runs: readonly StudentRun[];
  /** Whether a student with heads that send nothing back is trained beside each base, and compared bit by bit. */
  checksHeads: boolean;
}

export interface StudentOutcome {
  runs: (Measured & {
    trainedOn: number;
    withoutTeacher: number;
    clippedLabels: number;
    exported: ExportCheck;
    /** Predictions of a student with silent heads that were compared with these; 0 where none was trained. */
    withHeadsCompared: number;
  })[];
  log: TeacherLogReport | undefined;
}

/** Trains students, each over the examples of its vertical that have a label of its task. */
export async function trainStudents(job: StudentJob, trainer: Trainer): Promise<StudentOutcome> {
  const { stream, log } = job;
  const teacher = log === undefined ? undefined : readTeacherLog(log, stream);
  let prepared: Prepared | undefined;
  const runs: StudentOutcome['runs'] = [];
  for (const run of job.runs) {
    if (prepared?.vertical !== run.vertical || prepared.task !== run.task) prepared = prepare(job, run);
    runs.push(await trainStudent(job, run, prepared, teacher?.labels.probability, trainer));
  }
  return { runs, log: teacher?.report };
}

/** The examples of a vertical and task, in both orders. */
interface Prepared {
  vertical: number;
  task: string;
  /** Rows of the stream, in the order of impressions. */
  rows: Int32Array;
  labels: Uint8Array;
  impressionS: Float64Array;
  ids: readonly IdColumn[];
  /** Positions among `rows` in the order in which labels are known. */
  order: Int32Array;
  /** In that order. */
  knownIds: readonly IdColumn[];
  knownLabels: Uint8Array;
  steps: PassStep[];
}

function prepare({ stream, fields, batch }: StudentJob, { vertical, task: name }: StudentRun): Prepared {
  const task = taskNamed(stream, name);
  const rows = rowsWithLabel(task, rowsOfVertical(stream, vertical));
  const times = knownTimes(stream.impressionS, task, rows);
  const order = knownOrder(times);
  const ids = fields.map((field) => picked(fieldNamed(stream, field).ids, rows));
  const labels = picked(task.labels, rows);
  const impressionS = picked(stream.impressionS, rows);
  return {
    vertical,
    task: name,
    rows,
    labels,
    impressionS,
    ids,
    order,
    knownIds: ids.map((column) => picked(column, order)),
    knownLabels: picked(labels, order),
    steps: studentSteps(batch, impressionS, picked(times, order)),
  };
}

async function trainStudent(
  job: StudentJob,
  run: StudentRun,
  prepared: Prepared,
  logged: Float32Array | undefined,
  trainer: Trainer,
): Promise<StudentOutcome['runs'][number]> {
  const { arm } = run;
  const teacher = teacherOf(job, run, prepared, logged);
  const { predictions, tally, exported } = await trainer.train(passOf(job, arm, prepared, teacher));
  const checksHeads = job.checksHeads && trainer.isExact && arm.id === 'base';
  return {
    ...measured(job, prepared, predictions),
    trainedOn: tally.examples,
    withoutTeacher: tally.withoutTeacher,
    clippedLabels: tally.clippedLabels,
    exported,
    withHeadsCompared: checksHeads ? await compareWithSilentHeads(job, prepared, predictions, trainer) : 0,
  };
}

/** @param teacher y_F in the order in which labels are known, NaN for none */
function passOf(
  job: StudentJob,
  arm: Pick<Arm, 'distillation' | 'backboneRateScale'>,
  { knownIds, knownLabels, ids, steps }: Prepared,
  teacher: Float32Array | undefined,
): Pass {
  const learned = { ids: knownIds, labels: knownLabels, ...(teacher && { teacher }) };
  return { spec: learnerSpecOf(job, arm), learned, served: ids, steps };
}

function learnerSpecOf(
  { serving, batch, learningRate, seed }: StudentJob,
  { distillation, backboneRateScale }: Pick<Arm, 'distillation' | 'backboneRateScale'>,
): LearnerSpec {
  return { serving, distillation, batch, learningRate, backboneRateScale, seed };
}

/** y_F of each label, in the order in which labels are known. */
function teacherOf(
  { stream, seed }: StudentJob,
  { arm, vertical }: StudentRun,
  { rows, order, knownLabels }: Prepared,
  logged: Float32Array | undefined,
): Float32Array | undefined {
  if (arm.teacher === 'none') return undefined;
  if (arm.teacher === 'labels') return Float32Array.from(knownLabels);
  if (!logged) throw new InputError(`arm ${arm.id} needs the log of a teacher`);
  const said = picked(logged, rows);
  if (arm.teacher === 'shuffled') shuffledByDay(said, stream.impressionS, rows, [seed, vertical]);
  return picked(said, order);
}

function measured({ stream, metricsFromDay }: StudentJob, prepared: Prepared, said: Float32Array): Measured {
  const { impressionS, labels } = prepared;
  const sums = emptyDaySums(Math.floor(stream.impressionS[stream.size - 1] / secondsPerDay) + 1);
  for (let i = 0; i < said.length; i++)
    addToDay(sums, Math.floor(impressionS[i] / secondsPerDay), said[i], labels[i]);
  const late = impressionS.findIndex((time) => time >= metricsFromDay * secondsPerDay);
  const first = late < 0 ? said.length : late;
  return { days: sums, auc: areaUnderCurve(labels.subarray(first), said.subarray(first)) };
}

/** With β = 0 auxiliary heads and an adapter train beside a student whose predictions they leave as they are. */
async function compareWithSilentHeads(
  job: StudentJob,
  prepared: Prepared,
  base: Float32Array,
  trainer: Trainer,
): Promise<number> {
  const silent: Arm['distillation'] = {
    kind: 'auxiliary-heads',
    heads: 1,
    weight: 1,
    labelScale: 1,
    gradientScale: 0,
    headHidden: [],
    adapter: { input: 'probability', hidden: [8], residual: false, learningRate: 0.05 },
  };
  const arm = { backboneRateScale: 1, distillation: silent };
  const { predictions } = await trainer.train(
    passOf(job, arm, prepared, Float32Array.from(prepared.knownLabels)),
  );
  checkSameBits(base, predictions, 'heads that send nothing back (β = 0) change what is served');
  return base.length;
}
