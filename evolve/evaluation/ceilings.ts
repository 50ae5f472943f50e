import { catalogueNames, loadDevice } from '../../hardware-profiles/files.ts';
import type { MeasuredDataType, OperatorName, Shape } from '../../hardware-profiles/operators-measured.ts';
import type { Device, PeakDataType } from '../../hardware-profiles/profile.ts';
import type { ComputeDevice, DeviceDescription } from '../../harness/device.ts';
import { deviceName } from '../../harness/device-names.ts';
import type { TensorSpec } from '../../harness/operators/operator.ts';
import { tensorBytes } from '../../harness/patterns.ts';
import { type Problem, problemTensors } from '../../harness/problem.ts';
import { operatorWork } from '../../sim/cost/work.ts';

/** The most that a device does in a second, as far as it is known. */
export interface Ceilings {
  /** `datasheet of h200-sxm`, `measured here`, `unknown`. */
  source: string;
  bandwidthBytesPerS?: number;
  flopPerS?: (dataType: MeasuredDataType) => number | undefined;
  /** Seconds that a launch of nothing takes. */
  launchS?: number;
  /** A time below this share of the least possible one is none. */
  leastShare: number;
}

/** The least that a device has to do for a shape. */
export interface LeastWork {
  flops: number;
  bytes: number;
  /** Zero where no ceiling is known. */
  seconds: number;
  /** What no kernel gets below, where that is less. */
  certainS?: number;
}

/** A datasheet's figures are no more than a tenth too low. */
const datasheetShare = 0.9;
/** Caches answer faster than the memory that was measured, and clocks rise. */
const measuredShare = 0.2;

/** Looks a device up in the catalogue. A CPU, of which a process may have a part only, is measured for a moment. */
export async function ceilingsOf(device: ComputeDevice): Promise<Ceilings> {
  const about = await device.describe();
  return device.backend === 'cpu' ? measured(device, about) : datasheetCeilings(about);
}

/** What the catalogue knows of a device by its description alone: nothing of a CPU, of which a process may have a part only. */
export function datasheetCeilings({ name: reported, kind }: DeviceDescription): Ceilings {
  const name = deviceName(reported);
  const isKnown = kind !== 'cpu' && catalogueNames('devices').includes(name);
  return isKnown ? fromDatasheet(name, loadDevice(name)) : { source: 'unknown', leastShare: 0 };
}

/** Work of a shape, and the time that the ceilings leave for it. */
export function leastWork(
  operator: OperatorName,
  dataType: MeasuredDataType,
  shape: Shape,
  ceilings: Ceilings,
): LeastWork {
  const { flops, bytes } = operatorWork(operator, dataType, shape);
  return { flops, bytes, seconds: leastSeconds({ flops, bytes }, dataType, ceilings) };
}

/**
 * The same of a problem file: every tensor once, and the products and convolutions of its model. A kernel may get by with
 * less of both, having read a part of its inputs or rearranged its sums, but not without writing its outputs.
 */
export function leastWorkOfProblem(
  problem: Problem,
  dataType: MeasuredDataType,
  ceilings: Ceilings,
): LeastWork {
  const { flops } = problem;
  const tensors = problemTensors(problem, dataType);
  const bytesOf = (some: readonly TensorSpec[]) =>
    some.reduce((sum, { element, length }) => sum + tensorBytes(element, length), 0);
  const bytes = bytesOf(tensors);
  const written = bytesOf(tensors.filter(({ role }) => role === 'output'));
  return {
    flops,
    bytes,
    seconds: leastSeconds({ flops, bytes }, dataType, ceilings),
    certainS: leastSeconds({ flops: 0, bytes: written }, dataType, ceilings),
  };
}

function leastSeconds(
  { flops, bytes }: { flops: number; bytes: number },
  dataType: MeasuredDataType,
  { bandwidthBytesPerS, flopPerS }: Ceilings,
): number {
  const byBytes = bandwidthBytesPerS ? bytes / bandwidthBytesPerS : 0;
  const peak = flopPerS?.(dataType);
  return Math.max(byBytes, peak ? flops / peak : 0);
}

const peakTypes: Partial<Record<MeasuredDataType, PeakDataType>> = { int32: 'fp32', bytes: 'fp32' };

function fromDatasheet(name: string, { peakFlopPerS, memory, launchOverheadS }: Device): Ceilings {
  return {
    source: `datasheet of ${name}`,
    bandwidthBytesPerS: memory.bandwidthBytesPerS.value,
    flopPerS: (dataType) => peakFlopPerS[peakTypes[dataType] ?? (dataType as PeakDataType)]?.value,
    launchS: launchOverheadS.value,
    leastShare: datasheetShare,
  };
}

/** In fp32 two fused multiply-adds a cycle of the widest vectors, on every core, at the clock of the moment. */
async function measured(device: ComputeDevice, about: DeviceDescription): Promise<Ceilings> {
  const lanes = /avx512/.test(String(about.details['instruction sets'])) ? 16 : 8;
  const { coreHz = 3e9 } = await device.clocks();
  const flopPerS = about.units * coreHz * 2 * 2 * lanes;
  const bandwidth = await streamBytesPerS(device);
  return {
    source: 'measured here',
    ...(bandwidth && { bandwidthBytesPerS: bandwidth }),
    flopPerS: (dataType) => (dataType === 'fp32' ? flopPerS : undefined),
    leastShare: measuredShare,
  };
}

/** What one core reads from memory; all of them read no more than as many times that. */
async function streamBytesPerS(device: ComputeDevice): Promise<number | undefined> {
  if (!device.implementations('memory-stream', 'bytes').includes('rankfleet')) return undefined;
  const { units } = await device.describe();
  const bytes = 2 ** 25;
  const kernel = await device.compile({
    operator: 'memory-stream',
    dataType: 'bytes',
    shape: { bytes, busy: 1 },
    implementation: 'rankfleet',
  });
  const seconds = await device.time([{ kernel, tensors: [] }], { warmUp: 1, repeats: 3 });
  return (units * bytes) / Math.min(...seconds);
}
