import { addToDay, type DaySums, emptyDaySums } from '../metrics/day-sums.ts';
import { type ExampleStream, secondsPerDay, taskNamed } from '../streams/stream.ts';
import { readTeacherLog } from '../teacher-log/log-file.ts';
import type { GivenLog } from './spec.ts';
import { aucFrom, everyRow, type TeacherOutcome, verticalsOf } from './teacher-job.ts';

/** A teacher from elsewhere, of which there are logs: it is measured, and not trained. Plain data. */
export interface GivenTeacherJob {
  kind: 'given teacher';
  stream: ExampleStream;
  task: string;
  logs: readonly GivenLog[];
  metricsFromDay: number;
  /** Of the students that wait for it; the teacher is the same for all of them. */
  seed: number;
}

/** Measures the logs of a teacher by the labels of its task, as those of a trained one are. */
export function measureGivenTeacher(job: GivenTeacherJob): TeacherOutcome {
  const { stream } = job;
  const { labels } = taskNamed(stream, job.task);
  const rows = everyRow(stream);
  const days = Math.floor(stream.impressionS[stream.size - 1] / secondsPerDay) + 1;
  const measured = job.logs.map(({ file }) => {
    const said = readTeacherLog(file, stream).labels.probability;
    return {
      whole: { days: sumsOf(stream, said, labels, days), auc: aucFrom(job, rows, labels, said) },
      verticals: verticalsOf(job, labels, said, days),
    };
  });
  return {
    logs: job.logs.map(({ stalenessDays, file }) => ({ stalenessDays, file })),
    whole: measured.map(({ whole }) => whole),
    verticals: measured.map(({ verticals }) => verticals),
    byLag: [],
  };
}

function sumsOf(stream: ExampleStream, said: Float32Array, labels: Uint8Array, days: number): DaySums {
  const sums = emptyDaySums(days);
  for (let row = 0; row < stream.size; row++) {
    if (Number.isNaN(said[row])) continue;
    addToDay(sums, Math.floor(stream.impressionS[row] / secondsPerDay), said[row], labels[row]);
  }
  return sums;
}
