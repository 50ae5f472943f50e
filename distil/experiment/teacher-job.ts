import { join } from 'node:path';
import type { LearnerSpec } from '../learner/spec.ts';
import { areaUnderCurve } from '../metrics/auc.ts';
import { addToDay, type DaySums, emptyDaySums } from '../metrics/day-sums.ts';
import { picked } from '../streams/columns.ts';
import {
  type ExampleStream,
  fieldNamed,
  noLabel,
  periodStarts,
  rowsOfVertical,
  secondsPerDay,
  taskNamed,
} from '../streams/stream.ts';
import { writeTeacherLog } from '../teacher-log/log-file.ts';
import { noTeacherLabels, type Snapshot } from '../teacher-log/teacher-labels.ts';
import { knownByPeriod, knownTimes } from './known-order.ts';
import { teacherSteps } from './teacher-steps.ts';
import type { Trainer } from './trainer.ts';

/** A teacher to be trained once, and what is to be kept of its predictions. Plain data. */
export interface TeacherJob {
  kind: 'teacher';
  stream: ExampleStream;
  learner: LearnerSpec;
  fields: readonly string[];
  task: string;
  /** Position of the vertical whose examples alone it sees; every example where absent. */
  vertical: number | undefined;
  /** Snapshots of a day, at equal distances from midnight on. */
  snapshotsPerDay: number;
  /** A log is written for each of these. */
  stalenessDays: readonly number[];
  /** Ages of snapshots that are only measured. */
  lagDays: readonly number[];
  metricsFromDay: number;
  folder: string;
  /** Logs are called after it. */
  id: string;
}

/** How good predictions are: by day, and as a ranking over the days that count. */
export interface Measured {
  days: DaySums;
  auc: number;
}

export interface TeacherOutcome {
  logs: { stalenessDays: number; file: string }[];
  /** On every example that it sees, by staleness. */
  whole: Measured[];
  /** By staleness, then by vertical of the stream. */
  verticals: Measured[][];
  /** On every example that it sees, by lag. */
  byLag: DaySums[];
}

/** Trains a teacher, writes its logs and measures it by the labels of its own task. */
export async function trainTeacher(job: TeacherJob, trainer: Trainer): Promise<TeacherOutcome> {
  const { stream, stalenessDays, lagDays, vertical, snapshotsPerDay } = job;
  const rows = vertical === undefined ? everyRow(stream) : rowsOfVertical(stream, vertical);
  const task = taskNamed(stream, job.task);
  const column = <C extends Int32Array | Uint8Array>(values: C): C =>
    vertical === undefined ? values : picked(values, rows);
  const labels = column(task.labels);
  const periodS = secondsPerDay / snapshotsPerDay;
  const starts = periodStarts(stream, periodS, rows);
  const periods = starts.length - 1;
  const days = periods / snapshotsPerDay;
  const ids = job.fields.map((name) => column(fieldNamed(stream, name).ids));
  const known = knownByPeriod(knownTimes(stream.impressionS, task, rows), periods, periodS);
  const order = joined(known);
  const lags = [...new Set([...stalenessDays, ...lagDays])].sort((a, b) => a - b);
  // What is only measured need not be said of days that do not count.
  const asks = (lag: number, period: number) =>
    stalenessDays.includes(lag / snapshotsPerDay) || period >= job.metricsFromDay * snapshotsPerDay;
  const steps = teacherSteps(
    starts,
    known.map(({ length }) => length),
    lags.map((lagDays) => lagDays * snapshotsPerDay),
    asks,
  );
  const { predictions } = await trainer.train({
    spec: job.learner,
    learned: { ids: ids.map((each) => picked(each, order)), labels: picked(labels, order) },
    served: ids,
    steps,
  });
  const logged = new Map(stalenessDays.map((lag) => [lag, new Float32Array(rows.length).fill(Number.NaN)]));
  const sums = new Map(lags.map((lag) => [lag, emptyDaySums(days)]));
  let at = 0;
  for (const step of steps) {
    if (step.does === 'train') continue;
    const { from, to, lag, snapshot } = step;
    const lagDays = lag / snapshotsPerDay;
    const day = Math.floor((snapshot + lag) / snapshotsPerDay);
    const said = predictions.subarray(at, at + to - from);
    at += said.length;
    logged.get(lagDays)?.set(said, from);
    for (let i = from; i < to; i++) addToDay(sums.get(lagDays)!, day, said[i - from], labels[i]);
  }
  return {
    logs: stalenessDays.map((lag) => ({
      stalenessDays: lag,
      file: writeLog(job, rows, lag, logged.get(lag)!),
    })),
    whole: stalenessDays.map((lag) => ({
      days: sums.get(lag)!,
      auc: aucFrom(job, rows, labels, logged.get(lag)!),
    })),
    verticals:
      vertical === undefined
        ? stalenessDays.map((lag) => verticalsOf(job, labels, logged.get(lag)!, days))
        : [],
    byLag: lagDays.map((lag) => sums.get(lag)!),
  };
}

function joined(parts: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** All rows of a stream. */
export function everyRow({ size }: ExampleStream): Int32Array {
  const rows = new Int32Array(size);
  for (let row = 0; row < size; row++) rows[row] = row;
  return rows;
}

/** Ranking over the days that count; what no snapshot predicted is passed over. */
export function aucFrom(
  { stream, metricsFromDay }: Pick<TeacherJob, 'stream' | 'metricsFromDay'>,
  rows: Int32Array,
  labels: Uint8Array,
  said: Float32Array,
): number {
  const fromS = metricsFromDay * secondsPerDay;
  let first = 0;
  while (first < rows.length && stream.impressionS[rows[first]] < fromS) first++;
  const counted = labels.slice(first);
  for (let i = first; i < rows.length; i++) if (Number.isNaN(said[i])) counted[i - first] = noLabel;
  return areaUnderCurve(counted, said.subarray(first));
}

/** The same predictions on the examples of each vertical. */
export function verticalsOf(
  job: Pick<TeacherJob, 'stream' | 'metricsFromDay'>,
  labels: Uint8Array,
  said: Float32Array,
  days: number,
): Measured[] {
  const { stream } = job;
  return stream.verticals.map((_, vertical) => {
    const rows = rowsOfVertical(stream, vertical);
    const sums = emptyDaySums(days);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      if (Number.isNaN(said[row])) continue;
      addToDay(sums, Math.floor(stream.impressionS[row] / secondsPerDay), said[row], labels[row]);
    }
    return { days: sums, auc: aucFrom(job, rows, picked(labels, rows), picked(said, rows)) };
  });
}

/** An example is labelled, as it comes, by the last snapshot before it, or by that of so many days earlier. */
function writeLog(
  { stream, task, folder, id, snapshotsPerDay }: TeacherJob,
  rows: Int32Array,
  staleness: number,
  said: Float32Array,
) {
  const periodS = secondsPerDay / snapshotsPerDay;
  const lag = staleness * snapshotsPerDay;
  const last = Math.floor(stream.impressionS[stream.size - 1] / periodS) - lag;
  const snapshots = Array.from({ length: Math.max(0, last) }, (_, at): Snapshot => {
    const takenS = (at + 1) * periodS;
    return { id: at + 1, trainedThroughS: takenS, publishedS: takenS };
  });
  const labels = noTeacherLabels({ stream: stream.name, examples: stream.size, task, snapshots });
  for (let i = 0; i < rows.length; i++) {
    if (Number.isNaN(said[i])) continue;
    const row = rows[i];
    labels.probability[row] = said[i];
    labels.snapshot[row] = Math.floor(stream.impressionS[row] / periodS) - lag;
    labels.labelledS[row] = stream.impressionS[row];
  }
  const file = join(folder, `${id}-${staleness}d.log`);
  writeTeacherLog(file, labels, stream);
  return file;
}
