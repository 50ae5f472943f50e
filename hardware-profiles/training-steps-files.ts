import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { validate } from '../foundation/document.ts';
import { readDocument, readTextFile } from '../foundation/files.ts';
import { InputError } from '../foundation/problem.ts';
import { measurementsRoot } from './measurement-files.ts';
import type { MeasuredStep } from './training-steps.ts';
import { stepsFromCsv } from './training-steps-csv.ts';
import { type TrainingManifest, trainingManifestSchema } from './training-steps-schema.ts';

export const stepsFileName = 'training-steps.csv';
export const trainingManifestName = 'training.yaml';

/** Folder of training steps beside the measurements of a device's operators: `<device>/training/<date>`. */
export const trainingFolder = 'training';

const maxCsvBytes = 16 * 2 ** 20;

/** Training steps measured on one device. */
export interface MeasuredSteps {
  folder: string;
  manifest: TrainingManifest;
  steps: MeasuredStep[];
}

/**
 * Reads a folder with `training.yaml` and `training-steps.csv`.
 * @throws InputError with positions for whatever is wrong in them
 */
export function readSteps(folder: string): MeasuredSteps {
  const manifest = validate(readDocument(join(folder, trainingManifestName)), trainingManifestSchema);
  const file = join(folder, stepsFileName);
  const steps = existsSync(file) ? stepsFromCsv(readTextFile(file, maxCsvBytes), file) : [];
  return { folder, manifest, steps };
}

/**
 * The folder itself where it holds a manifest, else the latest of the dates in it.
 * @throws InputError when there is no such folder, or nothing measured in it
 */
export function locateSteps(folder: string): string {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new InputError(`no folder of training steps: ${folder}`);
  }
  const latest = latestIn(folder);
  if (latest !== undefined) return latest;
  throw new InputError(`${folder}: expected ${trainingManifestName}, or a folder for each date with one`);
}

/** Training steps that come with rankfleet for a device, if it has some. @throws InputError when its files are wrong */
export function stepsOfDevice(device: string): MeasuredSteps | undefined {
  const folder = join(measurementsRoot, device, trainingFolder);
  const latest = existsSync(folder) ? latestIn(folder) : undefined;
  return latest === undefined ? undefined : readSteps(latest);
}

function latestIn(folder: string): string | undefined {
  const holds = (path: string) => existsSync(join(path, trainingManifestName));
  if (holds(folder)) return folder;
  const dates = readdirSync(folder).sort();
  return dates.map((date) => join(folder, date)).findLast(holds);
}
