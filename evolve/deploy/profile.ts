import { join } from 'node:path';
import {
  locateMeasurements,
  measuredNames,
  readMeasurements,
} from '../../hardware-profiles/measurement-files.ts';
import type { RunRecord } from '../../hardware-profiles/measurements-schema.ts';
import type { MeasuredPoint } from '../../hardware-profiles/operators-measured.ts';
import type { DeviceDescription } from '../../harness/device.ts';
import { deviceName } from '../../harness/device-names.ts';
import { fitMeasurements } from '../../harness/fit/fit.ts';
import { writeProfile } from '../../harness/profile-files.ts';
import { kernelHash } from '../../harness/run-record.ts';
import { MeasurementStore } from '../../harness/store.ts';
import { backendOf } from '../artifact.ts';
import type { Deployment } from './deployment.ts';

/** A profile that a scenario can name, with what was added to it. */
export interface EvolvedProfile {
  device: string;
  files: string[];
  folder: string;
  /** Measured before, by the harness. */
  before: number;
  added: number;
}

/**
 * Writes the profile of a device on which the kernels of a dispatch table run: all that was measured on the device
 * before, and the rows of the table beside it, as the implementation `evolved` of their operator.
 * @param points rows of the table as measurements
 */
export function writeEvolvedProfile(
  out: string,
  { language, operator, dataType }: Deployment,
  points: readonly MeasuredPoint[],
  { about, date, version }: { about: DeviceDescription; date: string; version: string },
): EvolvedProfile {
  const device = deviceName(about.name);
  const folder = join(out, device, date);
  const store = new MeasurementStore(folder, device);
  const backend = backendOf[language];
  const base = measuredNames().includes(device) ? readMeasurements(locateMeasurements(device)) : undefined;
  if (store.points.length === 0) {
    for (const run of base?.manifest.runs ?? []) store.begin({ ...run });
    for (const point of base?.points ?? []) store.add(point);
  }
  const before = store.points.length;
  store.begin(runOf(about, { backend, date, version }));
  for (const point of points) store.add(point);
  const own = store.points.filter(
    (point) => point.operator === operator && point.dataType === dataType && point.backend === backend,
  );
  const fitted = fitMeasurements(own, device, about);
  const isFitted = (one: { operator: string; data_type: string; backend: string; cores: number }) =>
    fitted.some(
      (fit) =>
        fit.operator === one.operator &&
        fit.data_type === one.data_type &&
        fit.backend === one.backend &&
        fit.cores === one.cores,
    );
  store.setFit([...(base?.manifest.fit ?? []).filter((one) => !isFitted(one)), ...fitted]);
  store.save();
  const files = writeProfile(out, device, about, store.points);
  return { device, files, folder, before, added: points.length };
}

function runOf(
  about: DeviceDescription,
  { backend, date, version }: { backend: RunRecord['backend']; date: string; version: string },
): RunRecord {
  const { name, units, memoryBytes, cacheBytes, versions, details } = about;
  return {
    backend,
    date,
    reported: { name, units, memory_bytes: memoryBytes, cache_bytes: cacheBytes, ...details },
    versions,
    clocks: {},
    harness: { version, kernels: kernelHash() },
    host_cpu: 'as in the search',
    budget_s: 0,
    seed: 0,
    measured: 0,
    failed: [],
  };
}
