import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assembleResult } from '../../distil/experiment/assemble-result.ts';
import { checkMeasurable } from '../../distil/experiment/check-days.ts';
import {
  checkNames,
  type LoadedExperiment,
  loadExperiment,
} from '../../distil/experiment/load-experiment.ts';
import { type OpenedSource, openSource } from '../../distil/experiment/open-source.ts';
import { countJobs, runExperiment } from '../../distil/experiment/run-experiment.ts';
import { sharedStream } from '../../distil/experiment/shared-stream.ts';
import type { ExperimentSpec } from '../../distil/experiment/spec.ts';
import { streamDigest } from '../../distil/experiment/stream-digest.ts';
import { describeReport } from '../../distil/streams/check.ts';
import { checkWritableFolder, makeFolder, writeWhole } from '../../foundation/files.ts';
import { InputError, locate } from '../../foundation/problem.ts';
import type { ExperimentResult } from '../../sim/training/experiment-result.ts';
import { exitCodes } from '../exit-codes.ts';
import { productVersion } from '../product.ts';
import { stopOnSignal } from '../stop-on-signal.ts';
import { SweepProgress } from '../sweep-progress.ts';
import { experimentText } from './experiment-text.ts';
import { JobQueue } from './job-queue.ts';

export interface DistilOptions {
  seeds?: number;
  workers?: number;
  out?: string;
  keepLogs?: boolean;
  json?: boolean;
}

/** `rankfleet distil`: the result to stdout, progress to stderr; returns the exit code. */
export async function distil(experiment: string, options: DistilOptions): Promise<number> {
  const { out, seeds } = options;
  if (out !== undefined) checkWritableFolder(out, '--out');
  if (options.keepLogs && out === undefined)
    throw new InputError('--keep-logs keeps the logs of teachers in the folder of --out: state one');
  const loaded = loadExperiment(experiment);
  if (seeds !== undefined) loaded.spec.seeds = seeds;
  const { spec, document } = loaded;
  const opened = await locate(
    (message) => document.problemAt(['source'], message),
    () => openSource(spec.source),
  );
  for (const line of describeReport(opened.report)) process.stderr.write(`${line}\n`);
  checkNames(loaded, opened.stream);
  checkMeasurable(spec, opened.stream, document);
  const result = await run(loaded, opened, options);
  if (out !== undefined) makeFolder(out);
  if (out !== undefined) writeWhole(join(out, 'result.json'), `${JSON.stringify(result)}\n`);
  process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : experimentText(result));
  return exitCodes.answered;
}

async function run(
  { spec }: LoadedExperiment,
  opened: OpenedSource,
  { out, keepLogs = false, workers }: DistilOptions,
): Promise<ExperimentResult> {
  const about = { product: productVersion(), streamDigest: streamDigest(opened.stream) };
  const shared = { ...opened, stream: sharedStream(opened.stream) };
  const folder = logFolder(out, keepLogs);
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const stop = stopOnSignal(() => {
    process.stderr.write('\nstopped; nothing was written\n');
    remove();
    process.exit(stop.why().code);
  });
  try {
    const outcomes = await train(spec, shared, folder, keepLogs, workers);
    if (keepLogs) keep(folder, join(out!, 'teacher-logs'));
    return assembleResult(spec, shared, outcomes, about);
  } finally {
    stop.release();
    remove();
  }
}

async function train(
  spec: ExperimentSpec,
  { stream }: OpenedSource,
  folder: string,
  keepsLogs: boolean,
  workers: number | undefined,
) {
  const progress = new SweepProgress(countJobs(spec, stream), 0, 'jobs');
  const queue = new JobQueue(() => progress.step(), workers);
  try {
    return await runExperiment({ spec, stream, folder, keepsLogs, ask: (job) => queue.ask(job) });
  } finally {
    progress.end();
    await queue.close();
  }
}

/** Where logs are while they are needed: where they will stay, if they will. */
function logFolder(out: string | undefined, keepsLogs: boolean): string {
  if (!keepsLogs) return mkdtempSync(join(tmpdir(), 'rankfleet-distil-'));
  makeFolder(out!);
  return mkdtempSync(join(out!, '.teacher-logs-'));
}

function keep(folder: string, kept: string): void {
  rmSync(kept, { recursive: true, force: true });
  renameSync(folder, kept);
}
