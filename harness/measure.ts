import type {
  MeasuredDataType,
  MeasuredPoint,
  OperatorName,
  Shape,
} from '../hardware-profiles/operators-measured.ts';
import type { Verdict } from './compare.ts';
import {
  CompileError,
  type ComputeDevice,
  type DeviceDescription,
  DeviceUnavailable,
  OutOfMemory,
  type Program,
  Unsupported,
} from './device.ts';
import { freeRotation, makeRotation, plannedSets } from './rotation.ts';
import { timeLaunches } from './timing.ts';
import { verifyOn } from './verify.ts';

/** One operator on one shape, to be measured with one implementation. */
export interface MeasuredCase {
  operator: OperatorName;
  dataType: MeasuredDataType;
  shape: Shape;
  implementation: string;
  /** CPU: cores that take part; 0 (or none) on an accelerator. */
  cores?: number;
}

export interface MeasureOptions {
  /** Inputs follow from it. */
  seed?: number;
  /** Seconds of timing after which a case ends, however much its repeats still differ. */
  longestS?: number;
  minRepeats?: number;
  /** Interquartile range over median at which there are repeats enough. */
  spread?: number;
  /** Most sets of inputs to rotate, and the part of the device's memory that they may fill. */
  maxSets?: number;
  memoryShare?: number;
}

/** Why a case has no time. */
export interface Failure {
  stage: 'unsupported' | 'compile' | 'memory' | 'run' | 'wrong answer' | 'device lost';
  reason: string;
  /** What the compiler said. */
  log?: string;
  /** Out of memory: what was asked for, and what was free where the device knows. */
  askedBytes?: number;
  freeBytes?: number;
  verdict?: Verdict;
}

export type Outcome = { point: MeasuredPoint } | { failure: Failure };

/**
 * Compiles a kernel, verifies it and then times it on rotated inputs; a wrong answer is not timed. Whatever goes wrong
 * comes back as a failure, and what was allocated is freed. `device lost` means that the device answers no more.
 */
export async function measureCase(
  device: ComputeDevice,
  measured: MeasuredCase,
  options: MeasureOptions = {},
): Promise<Outcome> {
  try {
    return await measure(device, measured, options);
  } catch (error) {
    return { failure: await failureOf(device, error) };
  }
}

async function measure(
  device: ComputeDevice,
  { operator, dataType, shape, implementation, cores = 0 }: MeasuredCase,
  {
    seed = 1,
    longestS = 0.15,
    minRepeats = 7,
    spread = 0.02,
    maxSets = 32,
    memoryShare = 0.5,
  }: MeasureOptions,
): Promise<Outcome> {
  const program: Program = { operator, dataType, shape, implementation, ...(cores > 0 ? { cores } : {}) };
  const description = await describe(device);
  const kernel = await device.compile(program);
  const count = plannedSets(program, description, { maxSets, memoryShare });
  const { sets, cache } = await makeRotation(device, program, {
    count,
    seed,
    cacheBytes: description.cacheBytes,
  });
  try {
    const verdict = await verifyOn(device, kernel, sets[0]);
    if (!verdict.ok) return { failure: wrongAnswer(verdict) };
    const launches = sets.map(({ memories }) => ({ kernel, tensors: memories }));
    const timing = await timeLaunches(device, launches, { longestS, minRepeats, spread });
    const { error, tolerance } = verdict;
    return {
      point: {
        operator,
        backend: device.backend,
        implementation,
        dataType,
        cores,
        shape,
        ...timing,
        cache,
        error,
        tolerance,
      },
    };
  } finally {
    // A lost device cannot free; what matters then is the error that says so.
    await freeRotation(device, sets).catch(() => {});
  }
}

const descriptions = new WeakMap<ComputeDevice, DeviceDescription>();

/** Asked once of each device: it may take longer than a case. */
async function describe(device: ComputeDevice): Promise<DeviceDescription> {
  let description = descriptions.get(device);
  if (!description) {
    description = await device.describe();
    descriptions.set(device, description);
  }
  return description;
}

function wrongAnswer(verdict: Verdict): Failure {
  const figures = `relative error ${Number(verdict.error.toPrecision(3))}, at most ${verdict.tolerance} is allowed`;
  return { stage: 'wrong answer', reason: `${verdict.reason}; ${figures}`, verdict };
}

async function failureOf(device: ComputeDevice, error: unknown): Promise<Failure> {
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof Unsupported) return { stage: 'unsupported', reason };
  if (error instanceof CompileError) {
    return { stage: 'compile', reason: reason.split('\n', 1)[0], log: error.log };
  }
  if (error instanceof OutOfMemory) {
    const { askedBytes, freeBytes } = error;
    return { stage: 'memory', reason, askedBytes, ...(freeBytes === undefined ? {} : { freeBytes }) };
  }
  if (error instanceof DeviceUnavailable || !(await answers(device))) return { stage: 'device lost', reason };
  return { stage: 'run', reason };
}

/** Whether the device still keeps a few words. */
export async function answers(device: ComputeDevice): Promise<boolean> {
  try {
    const memory = await device.allocate(16);
    await device.fill(memory, { kind: 'word', word: 0x1234567 });
    const read = await device.read(memory, 0, 16);
    await device.free(memory);
    return new DataView(read.buffer, read.byteOffset).getUint32(12, true) === 0x1234567;
  } catch {
    return false;
  }
}
