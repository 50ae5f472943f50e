import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type About, assembleResult, rounded } from '../../distil/experiment/assemble-result.ts';
import type { LoadedExperiment } from '../../distil/experiment/load-experiment.ts';
import type { OpenedSource } from '../../distil/experiment/open-source.ts';
import type { ExperimentSpec } from '../../distil/experiment/spec.ts';
import type { Precision } from '../../distil/learner/float-array.ts';
import { compareTwins, twinRules } from '../../distil/twin/compare-twins.ts';
import type { TorchOptions } from '../../distil/twin/torch-learner.ts';
import { TorchWorkers } from '../../distil/twin/torch-workers.ts';
import type { ExperimentResult } from '../../sim/training/experiment-result.ts';
import { type TwinResult, twinFormat, twinResultVersion } from '../../sim/training/twin-result.ts';
import { JobThreads } from './job-threads.ts';
import { type LogOptions, trainExperiment, withLogFolder, withLogsOpened } from './train-experiment.ts';

/** What both trained, and how it compares. */
export interface Twins {
  ours: ExperimentResult;
  its: ExperimentResult;
  comparison: TwinResult;
}

/**
 * Trains all of an experiment by our own learner, then by PyTorch, each from its own teachers on.
 * @throws DeviceUnavailable without PyTorch, Unsupported without its device, both before anything is trained
 */
export async function trainTwins(
  loaded: LoadedExperiment,
  opened: OpenedSource,
  about: About,
  options: LogOptions & { workers?: number; precision?: Precision },
  torch: Partial<TorchOptions>,
): Promise<Twins> {
  const { stream } = opened;
  const keepsLogs = options.keepLogs ?? false;
  return withLogFolder(options, async (folder) => {
    const spec = await withLogsOpened(loaded, stream, folder);
    const itsFolder = join(folder, 'pytorch');
    mkdirSync(itsFolder);
    const workers = await TorchWorkers.start(options.workers, { ...torch, folder: itsFolder });
    process.stderr.write('by rankfleet\n');
    const threads = new JobThreads(options.workers, options.precision);
    const ours = await trainExperiment(spec, stream, threads, folder, keepsLogs).catch(async (error) => {
      await workers.close();
      throw error;
    });
    const { backend } = workers;
    process.stderr.write(`by ${backend.framework} on ${backend.device}\n`);
    const its = await trainExperiment(spec, stream, workers, itsFolder, keepsLogs);
    const rows = compareTwins(spec, stream, ours, its, backend.initialParameters);
    const results = [
      assembleResult(spec, opened, ours, about),
      assembleResult(spec, opened, its, { ...about, backend }),
    ] as const;
    return { ours: results[0], its: results[1], comparison: comparisonOf(spec, about, ...results, rows) };
  });
}

function comparisonOf(
  spec: ExperimentSpec,
  { precision = 'float32' }: About,
  ours: ExperimentResult,
  its: ExperimentResult,
  rows: TwinResult['rows'],
): TwinResult {
  const backend = its.backend!;
  return rounded({
    format: twinFormat,
    version: twinResultVersion,
    name: spec.name,
    product: ours.product,
    keys: { ours: ours.key, its: its.key },
    backend,
    precision,
    level: spec.level,
    seeds: spec.seeds,
    rule: twinRules[backend.initialParameters],
    rows,
    claims: ours.claims.map(({ id, statement, verdict }, at) => ({
      id,
      statement,
      ours: verdict,
      its: its.claims[at].verdict,
    })),
  });
}
