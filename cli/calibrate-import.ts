import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { checkWritableFolder, readTextFile } from '../foundation/files.ts';
import { didYouMean } from '../foundation/near-name.ts';
import { InputError } from '../foundation/problem.ts';
import { catalogueNames, loadDevice } from '../hardware-profiles/files.ts';
import { importedPoints } from '../hardware-profiles/import-measurements.ts';
import { locateMeasurements, readMeasurements } from '../hardware-profiles/measurement-files.ts';
import type { Manifest, RunRecord } from '../hardware-profiles/measurements-schema.ts';
import type { BackendName, DeviceDescription } from '../harness/device.ts';
import { fitMeasurements } from '../harness/fit/fit.ts';
import { writeProfile } from '../harness/profile-files.ts';
import { MeasurementStore } from '../harness/store.ts';
import { type CalibrateOptions, today } from './calibrate.ts';
import { calibrationReport } from './calibration-report.ts';
import { exitCodes } from './exit-codes.ts';
import { productVersion } from './product.ts';

const largestFile = 64 * 2 ** 20;

/** `rankfleet calibrate --import`: takes measurements made elsewhere for a device of the catalogue. */
export function importMeasurements(files: readonly string[], { name, out }: CalibrateOptions): number {
  checkWritableFolder(out, '--out');
  const about = describe(name);
  const points = files.flatMap((file) => importedPoints(readTextFile(file, largestFile), file));
  const store = new MeasurementStore(join(out, name!, today()), name!);
  for (const backend of new Set(points.map((point) => point.backend as BackendName))) {
    store.begin(importRecord(backend, files, about));
  }
  for (const point of points) store.add(point);
  store.setFit(fitMeasurements(store.points, name!, about));
  const written = writeProfile(out, name!, about, store.points);
  const end = { measured: points.length, failed: 0, reason: `imported from ${files.join(', ')}` };
  process.stdout.write(calibrationReport(store, { device: name!, about, end, files: written }));
  return exitCodes.answered;
}

/** `rankfleet calibrate --refit`: fits again what a folder holds, with the method of this version. */
export function refit(given: string): number {
  const folder = existsSync(given) ? locateMeasurements(resolve(given)) : given;
  const { manifest } = readMeasurements(folder);
  const store = new MeasurementStore(folder, manifest.device);
  const about = described(manifest);
  store.setFit(fitMeasurements(store.points, manifest.device, about));
  const end = { measured: 0, failed: 0, reason: 'fitted again' };
  process.stdout.write(calibrationReport(store, { device: manifest.device, about, end, files: [] }));
  return exitCodes.answered;
}

/** A device of the catalogue, or what the device said of itself when it was measured. */
function described(manifest: Manifest): DeviceDescription {
  const { device, runs } = manifest;
  if (catalogueNames('devices').includes(device)) return describe(device);
  const [{ backend, reported }] = runs;
  return {
    name: reported.name,
    kind: backend === 'cpu' ? 'cpu' : 'gpu',
    memoryBytes: reported.memory_bytes,
    cacheBytes: reported.cache_bytes,
    units: reported.units,
    versions: {},
    details: {},
  };
}

/** A file of times says nothing of the device's memory and peaks: the catalogue has to. */
function describe(name: string | undefined): DeviceDescription {
  const names = catalogueNames('devices');
  if (name === undefined || !names.includes(name)) {
    const message = name === undefined ? 'needs --name DEVICE' : `'${name}' is not in the catalogue`;
    throw new InputError(
      `--import: ${message}${didYouMean(name ?? '', names)}; devices: ${names.join(', ')}`,
    );
  }
  const device = loadDevice(name);
  return {
    name,
    kind: device.kind,
    memoryBytes: device.memory.capacityBytes.value,
    cacheBytes: device.cacheBytes.value,
    units: device.units?.value ?? device.cores?.value ?? 0,
    versions: {},
    details: {},
  };
}

function importRecord(backend: BackendName, files: readonly string[], about: DeviceDescription): RunRecord {
  return {
    backend,
    date: today(),
    reported: {
      name: about.name,
      units: about.units,
      memory_bytes: about.memoryBytes,
      cache_bytes: about.cacheBytes,
      imported_from: files.join(', '),
    },
    versions: {},
    clocks: {},
    harness: { version: productVersion(), kernels: 'imported' },
    host_cpu: 'unknown',
    budget_s: 0,
    seed: 0,
    measured: 0,
    failed: [],
  };
}
