import { didYouMean } from '../foundation/near-name.ts';
import { InputError } from '../foundation/problem.ts';
import { parseQuantity } from '../foundation/units.ts';
import { measuredDataTypes } from '../hardware-profiles/measurements-schema.ts';
import { operatorNames } from '../hardware-profiles/operators-measured.ts';
import { backendNames } from '../harness/backends.ts';
import { DeviceUnavailable } from '../harness/device.ts';
import { type CalibrateOptions, calibrate, listDevices } from './calibrate.ts';
import { importMeasurements, refit } from './calibrate-import.ts';
import { exitCodes } from './exit-codes.ts';

/** The options of `rankfleet calibrate` as they are written. */
export interface WrittenOptions {
  list?: boolean;
  backend?: string;
  index: number;
  name?: string;
  out: string;
  budget: string;
  operators?: string;
  dataTypes?: string;
  implementations?: string;
  seed: number;
  import: string[];
  refit?: string;
}

/** `rankfleet calibrate`: lists devices, imports measurements, or measures; returns the exit code. */
export async function calibrateCommand(written: WrittenOptions): Promise<number> {
  const options = read(written);
  if (written.list) return listDevices();
  if (written.refit !== undefined) return refit(written.refit);
  if (written.import.length > 0) return importMeasurements(written.import, options);
  try {
    return await calibrate(options);
  } catch (error) {
    if (!(error instanceof DeviceUnavailable)) throw error;
    process.stderr.write(`${error.message}\n`);
    return exitCodes.failed;
  }
}

function read({
  backend,
  operators,
  dataTypes,
  implementations,
  budget,
  ...rest
}: WrittenOptions): CalibrateOptions {
  if (rest.name !== undefined && !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(rest.name)) {
    throw new InputError(`--name ${rest.name}: a device is named in letters, digits, '.', '_' and '-'`);
  }
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

function listOf<Name extends string>(
  option: string,
  what: string,
  text: string,
  known: readonly Name[],
): Name[] {
  return text.split(',').map((part) => oneOf(option, what, part.trim(), known));
}

function oneOf<Name extends string>(
  option: string,
  what: string,
  name: string,
  known: readonly Name[],
): Name {
  const found = known.find((candidate) => candidate === name);
  if (found) return found;
  const message = `no ${what} is called '${name}'${didYouMean(name, known)}; there are ${known.join(', ')}`;
  throw new InputError(`${option}: ${message}`);
}
