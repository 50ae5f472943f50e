import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceDocument } from '../../foundation/document.ts';
import { InputError, locate, type Problem } from '../../foundation/problem.ts';
import { type ExampleStream, secondsPerDay } from '../streams/stream.ts';
import { readTeacherLog, writeTeacherLog } from '../teacher-log/log-file.ts';
import { readTeacherCsv } from '../teacher-log/read-csv-log.ts';
import { coverageOf, describeCoverage, type TeacherLabels } from '../teacher-log/teacher-labels.ts';
import type { ExperimentSpec, GivenLog } from './spec.ts';

/** The logs of a teacher from elsewhere, checked against the stream, and what they cover in words. */
export interface GivenLogs {
  logs: GivenLog[];
  lines: string[];
}

/**
 * Opens the logs that an experiment names. How stale each is, is the median age of its snapshots in whole days: days
 * that begin with a snapshot have ages from s to s + 1.
 * @param folder takes a binary copy of each log in CSV
 * @throws InputError with the place in the experiment of a log that is missing, broken, of another stream or task, or
 *   as stale as another
 */
export async function openGivenLogs(
  { teacher }: ExperimentSpec,
  stream: ExampleStream,
  folder: string,
  document: SourceDocument,
): Promise<GivenLogs> {
  const opened: GivenLogs = { logs: [], lines: [] };
  for (const [at, file] of (teacher.logFiles ?? []).entries()) {
    const problem = (message: string): Problem => document.problemAt(['teacher', 'logs', at], message);
    const { labels, binary } = await locate(problem, () =>
      /\.csv$/i.test(file)
        ? fromCsv(file, stream, teacher.task, join(folder, `given-${at}.log`))
        : fromLog(file, stream),
    );
    if (labels.task !== teacher.task)
      throw new InputError([problem(`is of task ${labels.task}, and teacher.task is ${teacher.task}`)]);
    const coverage = coverageOf(labels, stream.impressionS);
    if (coverage.labelled === 0) throw new InputError([problem(`${file}: has no pseudo-label`)]);
    const stalenessDays = Math.max(0, Math.floor(coverage.ageS.median / secondsPerDay));
    const twin = opened.logs.findIndex((log) => log.stalenessDays === stalenessDays);
    if (twin >= 0)
      throw new InputError([
        problem(`is ${stalenessDays} days stale, as teacher.logs[${twin}] is: the two cannot be told apart`),
      ]);
    const digest = createHash('sha256').update(readFileSync(binary)).digest('hex').slice(0, 16);
    opened.logs.push({ stalenessDays, file: binary, digest });
    opened.lines.push(
      ...describeCoverage(coverage).map((line, index) => (index === 0 ? `${file}: ${line}` : line)),
    );
  }
  return opened;
}

interface OpenedLog {
  labels: TeacherLabels;
  /** File that students read. */
  binary: string;
}

async function fromCsv(
  file: string,
  stream: ExampleStream,
  task: string,
  binary: string,
): Promise<OpenedLog> {
  const labels = await readTeacherCsv(file, stream, task);
  writeTeacherLog(binary, labels, stream);
  return { labels, binary };
}

async function fromLog(file: string, stream: ExampleStream): Promise<OpenedLog> {
  return { labels: readTeacherLog(file, stream).labels, binary: file };
}

/** An experiment whose teacher is that of the logs: students are taught at their ages, and no other is measured. */
export function withGivenLogs(spec: ExperimentSpec, logs: readonly GivenLog[]): ExperimentSpec {
  return {
    ...spec,
    teacher: { ...spec.teacher, logs },
    stalenessDays: logs.map(({ stalenessDays }) => stalenessDays),
    lagDays: [],
  };
}
