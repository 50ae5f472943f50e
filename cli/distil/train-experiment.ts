import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openGivenLogs, withGivenLogs } from '../../distil/experiment/given-logs.ts';
import type { LoadedExperiment } from '../../distil/experiment/load-experiment.ts';
import type { Outcomes } from '../../distil/experiment/outcomes.ts';
import { countJobs, type JobDoers, runExperiment } from '../../distil/experiment/run-experiment.ts';
import type { ExperimentSpec } from '../../distil/experiment/spec.ts';
import type { ExampleStream } from '../../distil/streams/stream.ts';
import { makeFolder } from '../../foundation/files.ts';
import { formatTime } from '../../foundation/units.ts';
import { stopOnSignal } from '../stop-on-signal.ts';
import { SweepProgress } from '../sweep-progress.ts';
import { JobQueue } from './job-queue.ts';

/** What becomes of the logs of teachers. */
export interface LogOptions {
  out?: string;
  keepLogs?: boolean;
}

/** Does something with a folder for logs, which is kept in the end if it is to be, and gone at a signal. */
export async function withLogFolder<Result>(
  { out, keepLogs = false }: LogOptions,
  body: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = logFolder(out, keepLogs);
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const stop = stopOnSignal(() => {
    process.stderr.write('\nstopped; nothing was written\n');
    remove();
    process.exit(stop.why().code);
  });
  try {
    const result = await body(folder);
    if (keepLogs) keep(folder, join(out!, 'teacher-logs'));
    return result;
  } finally {
    stop.release();
    remove();
  }
}

/**
 * The experiment with the logs of teachers from elsewhere opened, if it names any.
 * @throws InputError with the place of a log that is not what it should be
 */
export async function withLogsOpened(
  { spec, document }: LoadedExperiment,
  stream: ExampleStream,
  folder: string,
): Promise<ExperimentSpec> {
  const { logs, lines } = await openGivenLogs(spec, stream, folder, document);
  for (const line of lines) process.stderr.write(`${line}\n`);
  return logs.length > 0 ? withGivenLogs(spec, logs) : spec;
}

/** Trains all teachers and students of an experiment, with progress on stderr. The doers are closed in the end. */
export async function trainExperiment(
  spec: ExperimentSpec,
  stream: ExampleStream,
  doers: JobDoers,
  folder: string,
  keepsLogs: boolean,
): Promise<Outcomes> {
  const startedMs = performance.now();
  const progress = new SweepProgress(countJobs(spec, stream), 0, 'jobs');
  const queue = new JobQueue(doers, () => progress.step());
  try {
    const outcomes = await runExperiment({ spec, stream, folder, keepsLogs, ask: (job) => queue.ask(job) });
    progress.notice(`trained in ${formatTime((performance.now() - startedMs) / 1000)}`);
    return outcomes;
  } finally {
    progress.end();
    queue.close();
    await doers.close();
  }
}

/** Where logs are while they are needed: where they will stay, if they will. */
function logFolder(out: string | undefined, keepLogs: boolean): string {
  if (!keepLogs) return mkdtempSync(join(tmpdir(), 'rankfleet-distil-'));
  makeFolder(out!);
  return mkdtempSync(join(out!, '.teacher-logs-'));
}

function keep(folder: string, kept: string): void {
  rmSync(kept, { recursive: true, force: true });
  renameSync(folder, kept);
}
