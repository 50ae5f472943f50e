import { join } from 'node:path';
import { type About, assembleResult } from '../../distil/experiment/assemble-result.ts';
import { checkMeasurable } from '../../distil/experiment/check-days.ts';
import {
  checkNames,
  type LoadedExperiment,
  loadExperiment,
} from '../../distil/experiment/load-experiment.ts';
import { type OpenedSource, openSource } from '../../distil/experiment/open-source.ts';
import { sharedStream } from '../../distil/experiment/shared-stream.ts';
import { streamDigest } from '../../distil/experiment/stream-digest.ts';
import type { Precision } from '../../distil/learner/float-array.ts';
import { describeReport } from '../../distil/streams/check.ts';
import type { TorchOptions } from '../../distil/twin/torch-learner.ts';
import { TorchWorkers } from '../../distil/twin/torch-workers.ts';
import { checkWritableFolder, makeFolder, writeWhole } from '../../foundation/files.ts';
import { InputError, locate } from '../../foundation/problem.ts';
import { experimentText } from '../../reports/experiment/experiment-text.ts';
import type { ExperimentResult } from '../../sim/training/experiment-result.ts';
import { exitCodes } from '../exit-codes.ts';
import { productVersion } from '../product.ts';
import { JobThreads } from './job-threads.ts';
import { trainExperiment, withLogFolder, withLogsOpened } from './train-experiment.ts';
import { trainTwins } from './twin.ts';
import { twinText } from './twin-text.ts';

export interface DistilOptions {
  seeds?: number;
  workers?: number;
  out?: string;
  keepLogs?: boolean;
  json?: boolean;
  backend?: 'rankfleet' | 'python';
  twin?: boolean;
  device?: string;
  init?: TorchOptions['start'];
  precision?: Precision;
}

/** `rankfleet distil`: the result to stdout, progress to stderr; returns the exit code. */
export async function distil(experiment: string, options: DistilOptions): Promise<number> {
  const { out, seeds } = options;
  if (out !== undefined) checkWritableFolder(out, '--out');
  checkOptions(options);
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
  const about = {
    product: productVersion(),
    streamDigest: streamDigest(opened.stream),
    precision: options.precision ?? 'float32',
  };
  const shared = { ...opened, stream: sharedStream(opened.stream) };
  if (options.twin) {
    await runTwins(loaded, shared, about, options);
    return exitCodes.answered;
  }
  const result = await run(loaded, shared, about, options);
  if (out !== undefined) makeFolder(out);
  if (out !== undefined) writeWhole(join(out, 'result.json'), `${JSON.stringify(result)}\n`);
  process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : experimentText(result));
  return exitCodes.answered;
}

async function run(
  loaded: LoadedExperiment,
  opened: OpenedSource,
  about: About,
  options: DistilOptions,
): Promise<ExperimentResult> {
  const { workers, keepLogs = false } = options;
  return withLogFolder(options, async (folder) => {
    const spec = await withLogsOpened(loaded, opened.stream, folder);
    const torch = torchOptionsOf(options);
    const doers = torch
      ? await TorchWorkers.start(workers, { ...torch, folder })
      : new JobThreads(workers, options.precision);
    const outcomes = await trainExperiment(spec, opened.stream, doers, folder, keepLogs);
    return assembleResult(
      spec,
      opened,
      outcomes,
      doers instanceof TorchWorkers ? { ...about, backend: doers.backend } : about,
    );
  });
}

/** Writes and prints what both trained. */
async function runTwins(
  loaded: LoadedExperiment,
  opened: OpenedSource,
  about: About,
  options: DistilOptions,
): Promise<void> {
  const { out, json } = options;
  const { ours, its, comparison } = await trainTwins(
    loaded,
    opened,
    about,
    options,
    torchOptionsOf(options)!,
  );
  if (out !== undefined) {
    makeFolder(out);
    for (const [file, content] of [
      ['result.json', ours],
      ['pytorch-result.json', its],
      ['twin.json', comparison],
    ] as const)
      writeWhole(join(out, file), `${JSON.stringify(content)}\n`);
  }
  process.stdout.write(json ? `${JSON.stringify(comparison, null, 2)}\n` : twinText(comparison));
}

/** @throws InputError for options that have no meaning together */
function checkOptions({ out, keepLogs, backend, twin, device, init }: DistilOptions): void {
  if (keepLogs && out === undefined)
    throw new InputError('--keep-logs keeps the logs of teachers in the folder of --out: state one');
  if (twin && backend !== undefined)
    throw new InputError('--twin trains by rankfleet and by PyTorch: state no --backend beside it');
  for (const [option, value] of Object.entries({ '--device': device, '--init': init }))
    if (value !== undefined && backend !== 'python' && !twin)
      throw new InputError(`${option} is for PyTorch: state --backend python or --twin with it`);
}

/** How PyTorch is to train; undefined where it is not to. */
function torchOptionsOf({
  backend,
  twin,
  device,
  init,
  precision,
}: DistilOptions): Partial<TorchOptions> | undefined {
  if (backend !== 'python' && !twin) return undefined;
  return {
    ...(device !== undefined && { device }),
    ...(init !== undefined && { start: init }),
    ...(precision !== undefined && { precision }),
  };
}
