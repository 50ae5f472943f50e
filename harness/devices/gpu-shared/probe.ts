import {
  type OperatorName,
  operatorAxes,
  operatorNames,
} from '../../../hardware-profiles/operators-measured.ts';
import type { Backend, ComputeDevice } from '../../device.ts';
import { measureCase } from '../../measure.ts';
import { operatorSpecs } from '../../operators/index.ts';
import { hashedValue } from '../../patterns.ts';

/**
 * Goes through all that a backend has on one device and prints each outcome in a line, before the next is tried:
 * libraries, device, memory, and every operator and data type verified and timed on one small shape. Never throws.
 * @returns how many steps failed
 */
export async function probe(backend: Backend, index: number, print: (line: string) => void): Promise<number> {
  let failures = 0;
  const step = async <Result>(
    name: string,
    act: () => Promise<Result>,
    tell?: (result: Result) => string,
  ) => {
    try {
      const result = await act();
      print(`${name}: ${tell ? tell(result) : 'ok'}`);
      return result;
    } catch (error) {
      failures++;
      print(`${name}: ${(error as Error).message}`);
      return undefined;
    }
  };
  const found = await backend.find();
  for (const line of found.looked) print(line);
  found.devices.forEach((name, i) => {
    print(`device ${i}: ${name}`);
  });
  const device = await step('open', () => backend.open(index));
  if (device === undefined) return failures;
  await step('describe', () => device.describe(), JSON.stringify);
  await step('clocks', () => device.clocks(), JSON.stringify);
  await step(
    'memory and fill',
    () => fillDifference(device),
    (worst) => `largest difference ${worst}`,
  );
  for (const operator of operatorNames) {
    for (const dataType of operatorSpecs[operator].dataTypes) {
      for (const implementation of device.implementations(operator, dataType)) {
        const program = { operator, dataType, implementation, shape: smallShape(operator) };
        const act = () => timeAndError(device, program);
        await step(`${operator} ${dataType} ${implementation}`, act, (line) => line);
      }
    }
  }
  await step('clocks', () => device.clocks(), JSON.stringify);
  await step('close', () => device.close());
  return failures;
}

/** Largest difference of a hashed tensor's values from the reference: 0. */
async function fillDifference(device: ComputeDevice): Promise<number> {
  const length = 4099;
  const memory = await device.allocate(4 * length);
  try {
    await device.fill(memory, { kind: 'hashed', element: 'f32', seed: 7, rowLength: 1 });
    const bytes = await device.read(memory, 0, 4 * length);
    const values = new Float32Array(bytes.buffer, bytes.byteOffset, length);
    return Math.max(...values.map((value, i) => Math.abs(value - hashedValue('f32', i, 7))));
  } finally {
    await device.free(memory);
  }
}

async function timeAndError(
  device: ComputeDevice,
  program: Parameters<typeof measureCase>[1],
): Promise<string> {
  const outcome = await measureCase(device, program, { maxSets: 4, longestS: 0.02, minRepeats: 3 });
  if ('point' in outcome) {
    const { medianS, spread, error, tolerance } = outcome.point;
    const time = `${(1e6 * medianS).toFixed(2)} µs ± ${(100 * spread).toFixed(0)} %`;
    return `${time}, error ${error.toExponential(1)} of ${tolerance.toExponential(1)}`;
  }
  const { stage, reason, log } = outcome.failure;
  throw new Error([`${stage}: ${reason}`, ...(log ? [log] : [])].join('\n'));
}

/** A shape that asks little of a device and is none of the simplest. */
const smallAxes: Record<(typeof operatorAxes)[OperatorName][number], number> = {
  rows: 1000,
  dim: 64,
  pooling: 20,
  bags: 96,
  skew: 1,
  m: 96,
  n: 256,
  k: 512,
  inputs: 3,
  batch: 96,
  vectors: 27,
  width: 256,
  rank: 64,
  heads: 4,
  length: 50,
  values: 5000,
  boundaries: 100,
  bytes: 65536,
  rowBytes: 256,
  pinned: 1,
  graph: 1,
  devices: 2,
  busy: 0,
  padded: 60,
  ids: 1000,
  features: 5,
  borders: 10,
  events: 40,
  kept: 25,
  gelu: 1,
  inChannels: 48,
  outChannels: 48,
  taps: 3,
  classes: 100,
};

function smallShape(operator: OperatorName): Record<string, number> {
  const shape = Object.fromEntries(operatorAxes[operator].map((axis) => [axis, smallAxes[axis]]));
  // No more than a row has.
  return operator === 'top-k' ? { ...shape, k: 20 } : shape;
}
