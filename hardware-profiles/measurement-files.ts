import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { validate } from '../foundation/document.ts';
import { packageRoot, readDocument, readTextFile } from '../foundation/files.ts';
import { didYouMean } from '../foundation/near-name.ts';
import { InputError } from '../foundation/problem.ts';
import { pointsFromCsv } from './measurement-csv.ts';
import { type MeasuredFailure, type Measurements, type SurfaceFit, toColumns } from './measurements.ts';
import { type FitRecord, type Manifest, manifestSchema } from './measurements-schema.ts';
import { type MeasuredPoint, type OperatorName, operatorAxes, operatorNames } from './operators-measured.ts';

/** Folder of the measurements that come with rankfleet: one folder a device, one folder a date in it. */
export const measurementsRoot = join(packageRoot, 'hardware-profiles/measurements');

export const manifestName = 'manifest.yaml';

/** Half a million points. */
const maxCsvBytes = 64 * 2 ** 20;

/** What a folder of measurements holds. */
export interface MeasurementFolder {
  folder: string;
  manifest: Manifest;
  points: MeasuredPoint[];
  /** Of the text of all its files. */
  hash: string;
}

/**
 * Reads a folder with `manifest.yaml` and one `<operator>.csv` for each operator that was measured.
 * @throws InputError with positions for whatever is wrong in them, and for files that belong to no operator
 */
export function readMeasurements(folder: string): MeasurementFolder {
  const manifestFile = join(folder, manifestName);
  const manifest = readManifest(folder);
  const hash = createHash('sha256').update(readTextFile(manifestFile));
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.csv'))
    .sort();
  const points: MeasuredPoint[] = [];
  for (const name of names) {
    const operator = name.slice(0, -'.csv'.length);
    const file = join(folder, name);
    if (!isOperator(operator)) {
      const message = `no operator is called '${operator}'${didYouMean(operator, operatorNames)}`;
      throw new InputError([{ file, message }]);
    }
    const text = readTextFile(file, maxCsvBytes);
    hash.update(`\0${name}\0`).update(text);
    for (const point of pointsFromCsv(operator, text, file)) points.push(point);
  }
  return { folder, manifest, points, hash: hash.digest('hex').slice(0, 16) };
}

/** The manifest of a folder of measurements. @throws InputError as `readMeasurements` */
export function readManifest(folder: string): Manifest {
  const document = readDocument(join(folder, manifestName));
  const manifest = validate(document, manifestSchema);
  const problems = (manifest.fit ?? []).flatMap(({ operator, length_scales }, index) => {
    const missing = operatorAxes[operator].filter((axis) => length_scales[axis] === undefined);
    const path = ['fit', index, 'length_scales'];
    return missing.map((axis) => document.problemAt(path, `no length scale for ${axis}`));
  });
  if (problems.length > 0) throw new InputError(problems);
  return manifest;
}

/** Measurements as a device profile carries them. @throws InputError as `readMeasurements` */
export function loadMeasurements(folder: string): Measurements {
  const { manifest, points, hash } = readMeasurements(folder);
  const columns = toColumns(points);
  return {
    device: manifest.device,
    date: manifest.runs
      .map(({ date }) => date)
      .sort()
      .at(-1)!,
    units: Math.max(...manifest.runs.map(({ reported }) => reported.units)),
    points: columns.reduce((sum, { medianS }) => sum + medianS.length, 0),
    hash,
    columns,
    fits: (manifest.fit ?? []).map(surfaceFit),
    failures: failuresOf(manifest),
  };
}

function failuresOf({ runs }: Manifest): MeasuredFailure[] {
  const failures = new Map<string, MeasuredFailure>();
  for (const { operator, data_type: dataType, implementation, stage } of runs.flatMap((run) => run.failed)) {
    const kind = { operator, dataType, implementation, stage };
    const key = Object.values(kind).join(' ');
    failures.set(key, { ...kind, shapes: 1 + (failures.get(key)?.shapes ?? 0) });
  }
  return [...failures.values()];
}

function surfaceFit(record: FitRecord): SurfaceFit {
  const {
    operator,
    data_type: dataType,
    backend,
    cores,
    rates,
    waves,
    length_scales,
    nugget,
    sigma,
  } = record;
  return {
    operator,
    dataType,
    backend,
    cores,
    rates: {
      latencyS: rates.latency_s,
      flopPerS: rates.flop_per_s,
      bytesPerS: rates.bytes_per_s,
      rereadBytesPerS: rates.reread_bytes_per_s,
      stepS: rates.step_s,
    },
    waves,
    lengthScales: length_scales,
    nugget,
    sigma,
  };
}

/**
 * The folder that a device file's `measurements` means: a path (it has a slash or starts with a dot) from the
 * device file's folder, or a name below `hardware-profiles/measurements`. Either holds a manifest, or one folder
 * for each date, of which the latest is taken.
 * @throws InputError when there is no such folder, or nothing measured in it
 */
export function locateMeasurements(nameOrPath: string, relativeTo?: string): string {
  const folder = folderOf(nameOrPath, relativeTo);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    const names = measuredNames();
    const known = names.length > 0 ? `; there are ${names.join(', ')}` : '';
    throw new InputError(`no folder of measurements: ${folder}${didYouMean(nameOrPath, names)}${known}`);
  }
  if (existsSync(join(folder, manifestName))) return folder;
  const latest = measuredDates(folder).at(-1);
  if (latest === undefined) {
    throw new InputError(`${folder}: expected ${manifestName}, or a folder for each date with one`);
  }
  return join(folder, latest);
}

function folderOf(nameOrPath: string, relativeTo: string | undefined): string {
  if (!/[/\\]|^\./.test(nameOrPath)) return join(measurementsRoot, nameOrPath);
  if (isAbsolute(nameOrPath) || relativeTo === undefined) return nameOrPath;
  return join(dirname(relativeTo), nameOrPath);
}

/** Devices with measurements below `hardware-profiles/measurements`, sorted. */
export function measuredNames(): string[] {
  if (!existsSync(measurementsRoot)) return [];
  return readdirSync(measurementsRoot)
    .filter((name) => {
      const folder = join(measurementsRoot, name);
      return statSync(folder).isDirectory() && measuredDates(folder).length > 0;
    })
    .sort();
}

/** Folders with a manifest inside one, oldest first: they are called after their date. */
function measuredDates(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, manifestName)))
    .sort();
}

function isOperator(name: string): name is OperatorName {
  return Object.hasOwn(operatorAxes, name);
}
