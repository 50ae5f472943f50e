import { join } from 'node:path';
import { checkWritableFolder } from '../foundation/files.ts';
import type { MeasuredDataType, OperatorName } from '../hardware-profiles/operators-measured.ts';
import { findDevices, openDevice } from '../harness/backends.ts';
import type { BackendName, ComputeDevice, DeviceDescription } from '../harness/device.ts';
import { deviceName } from '../harness/device-names.ts';
import { earlierFailures, failureRecord } from '../harness/failures.ts';
import { fitMeasurements, roughnessOf } from '../harness/fit/fit.ts';
import { writeProfile } from '../harness/profile-files.ts';
import { ClockReadings, runRecord } from '../harness/run-record.ts';
import { runSession, type SessionEnd } from '../harness/session.ts';
import { MeasurementStore } from '../harness/store.ts';
import { targetsOf } from '../harness/targets.ts';
import { CalibrationProgress } from './calibration-progress.ts';
import { calibrationReport, devicesReport } from './calibration-report.ts';
import { exitCodes } from './exit-codes.ts';
import { productVersion } from './product.ts';

export interface CalibrateOptions {
  backend?: BackendName;
  index: number;
  name?: string;
  out: string;
  budget: number;
  operators?: OperatorName[];
  dataTypes?: MeasuredDataType[];
  implementations?: string[];
  seed: number;
}

/** `rankfleet calibrate --list`: what every backend finds here. */
export async function listDevices(): Promise<number> {
  process.stdout.write(devicesReport(await findDevices()));
  return exitCodes.answered;
}

/** `rankfleet calibrate`: measures a device, fits, and leaves a profile; returns the exit code. */
export async function calibrate(options: CalibrateOptions): Promise<number> {
  checkWritableFolder(options.out, '--out');
  const device = await openDevice(options.backend, options.index);
  try {
    return await measureDevice(device, options);
  } finally {
    await device.close();
  }
}

async function measureDevice(device: ComputeDevice, options: CalibrateOptions): Promise<number> {
  const about = await device.describe();
  const name = options.name ?? deviceName(about.name);
  const date = today();
  const folder = join(options.out, name, date);
  const store = new MeasurementStore(folder, name);
  const targets = targetsOf(device, about, options);
  if (targets.length === 0) {
    process.stderr.write(
      'nothing to measure: the device has none of the operators and data types asked for\n',
    );
    return exitCodes.badInput;
  }
  const { budget: budgetS, seed } = options;
  const run = store.begin(await runRecord(device, { version: productVersion(), date, budgetS, seed }));
  const clocks = new ClockReadings();
  const progress = new CalibrationProgress(about.name, budgetS);
  const stop = stopOnInterrupt();
  const end = await runSession(device, targets, {
    budgetS,
    seed,
    known: store.points,
    failedBefore: earlierFailures(targets, store, device.backend),
    roughnessOf,
    onPoint: (point) => {
      store.add(point);
      progress.point(point);
    },
    onFailure: (failed) => {
      run.failed.push(failureRecord(failed));
      progress.failure(failed);
    },
    betweenCases: async () => {
      await clocks.read(device);
      // Native kernels hold this thread; without a turn of the event loop no signal would ever be heard.
      await new Promise(setImmediate);
    },
    isStopped: stop.isStopped,
  }).finally(() => {
    progress.end();
    stop.release();
    run.clocks = clocks.summary();
    store.save();
  });
  return finish(store, { device: name, about, end, out: options.out });
}

/** Fits what is there, writes the profile files and says how good the fit is and how to use it. */
function finish(
  store: MeasurementStore,
  { device, about, end, out }: { device: string; about: DeviceDescription; end: SessionEnd; out: string },
): number {
  store.setFit(fitMeasurements(store.points, device, about));
  const files = writeProfile(out, device, about, store.points);
  process.stdout.write(calibrationReport(store, { device, about, end, files }));
  return end.reason === 'device lost' || store.points.length === 0 ? exitCodes.failed : exitCodes.answered;
}

/** The date on this machine's calendar. */
export function today(): string {
  const now = new Date();
  const two = (value: number) => String(value).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** The first interrupt ends the session after the case in hand, the second one ends the program. */
export function stopOnInterrupt() {
  let isStopped = false;
  const stop = () => {
    if (isStopped) process.exit(130);
    isStopped = true;
    process.stderr.write('\nstopping after this case; what was measured is kept (again: stop now)\n');
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return {
    isStopped: () => isStopped,
    release: () => {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    },
  };
}
