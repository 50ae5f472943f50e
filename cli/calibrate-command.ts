import { InputError } from '../foundation/problem.ts';
import { parseQuantity } from '../foundation/units.ts';
import { measuredDataTypes } from '../hardware-profiles/measurements-schema.ts';
import { operatorNames } from '../hardware-profiles/operators-measured.ts';
import { backendNames } from '../harness/backends.ts';
import { DeviceUnavailable } from '../harness/device.ts';
import { type CalibrateOptions, calibrate, listDevices } from './calibrate.ts';
import { importMeasurements, refit } from './calibrate-import.ts';
import { type CalibrateTrainingOptions, calibrateTraining } from './calibrate-training.ts';
import { exitCodes } from './exit-codes.ts';
import { listOf, oneOf } from './option-names.ts';
import { refuseStepOptions, stepOptions, type WrittenStepOptions } from './training-options.ts';

/** The options of `rankfleet calibrate` as they are written. */
export interface WrittenOptions extends WrittenStepOptions {
  list?: boolean;
  index: number;
  name?: string;
  out: string;
  budget: string;
  seed: number;
  import: string[];
  refit?: string;
}

/** `rankfleet calibrate`: lists devices, imports measurements, or measures; returns the exit code. */
export async function calibrateCommand(written: WrittenOptions): Promise<number> {
  if (written.trainingSteps) return unlessUnavailable(() => calibrateTraining(readTraining(written)));
  refuseStepOptions(written);
  const options = read(written);
  if (written.list) return listDevices();
  if (written.refit !== undefined) return refit(written.refit);
  if (written.import.length > 0) return importMeasurements(written.import, options);
  return unlessUnavailable(() => calibrate(options));
}

async function unlessUnavailable(measure: () => Promise<number>): Promise<number> {
  try {
    return await measure();
  } catch (error) {
    if (!(error instanceof DeviceUnavailable)) throw error;
    process.stderr.write(`${error.message}\n`);
    return exitCodes.failed;
  }
}

function readTraining(written: WrittenOptions): CalibrateTrainingOptions {
  const other = [
    written.list && '--list',
    written.refit && '--refit',
    written.import.length > 0 && '--import',
  ];
  const together = other.find((option) => option);
  if (together) throw new InputError(`${together} and --training-steps: one at a time`);
  const { index, out, seed, budget, name } = written;
  checkName(name);
  const { wish, paths } = stepOptions(written);
  return { index, out, seed, budget: duration(budget), wish, ...(name && { name }), ...(paths && { paths }) };
}

function checkName(name: string | undefined): void {
  if (name === undefined || /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) return;
  throw new InputError(`--name ${name}: a device is named in letters, digits, '.', '_' and '-'`);
}

function read({
  backend,
  operators,
  dataTypes,
  implementations,
  budget,
  ...rest
}: WrittenOptions): CalibrateOptions {
  checkName(rest.name);
  return {
    ...rest,
    budget: duration(budget),
    ...(backend !== undefined && { backend: oneOf('--backend', 'backend', backend, backendNames) }),
    ...(operators !== undefined && {
      operators: listOf('--operators', 'operator', operators, operatorNames),
    }),
    ...(dataTypes !== undefined && {
      dataTypes: listOf('--data-types', 'data type', dataTypes, measuredDataTypes),
    }),
    ...(implementations !== undefined && {
      implementations: implementations.split(',').map((name) => name.trim()),
    }),
  };
}

/** Seconds from `90s`, `5m` or `1h`: m is minutes here, as people write budgets. */
function duration(text: string): number {
  let seconds: number;
  try {
    seconds = parseQuantity(text.replace(/^([\d.]+)\s*m$/, '$1 min'), 'time');
  } catch {
    throw new InputError(`--budget ${text}: expected a time such as 90s, 5m or 1h`);
  }
  if (seconds > 0) return seconds;
  throw new InputError(`--budget ${text}: expected a time above 0`);
}
