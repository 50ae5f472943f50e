import {
  type MeasuredDataType,
  type OperatorName,
  operatorNames,
  type Shape,
  searchedOperators,
} from '../hardware-profiles/operators-measured.ts';
import { coordinateNames } from '../sim/cost/coordinates.ts';
import { operatorWork } from '../sim/cost/work.ts';
import { type Limits, shapesOf } from './candidates/shapes.ts';
import type { ComputeDevice, DeviceDescription } from './device.ts';
import { operatorSpecs } from './operators/index.ts';
import type { TensorSpec } from './operators/operator.ts';
import { tensorBytes } from './patterns.ts';
import type { Target } from './sampler.ts';

/** What of a device is to be measured; an absent list means everything. */
export interface Wanted {
  /** Without a list everything that a simulation may ask for: `searchedOperators` are measured by name only. */
  operators?: readonly OperatorName[] | undefined;
  dataTypes?: readonly MeasuredDataType[] | undefined;
  implementations?: readonly string[] | undefined;
}

/** Operators that most of a recommendation model's time goes to get the larger part of a budget. */
const weights: Partial<Record<OperatorName, number>> = {
  gemm: 3,
  'embedding-bag': 3,
  'memory-gather': 3,
  'copy-to-device': 2,
  'embedding-bag-backward': 0.7,
  hash: 0.5,
  bucketise: 0.5,
};

/** Every surface that a device can be measured on, with the shapes that fit it. */
export function targetsOf(device: ComputeDevice, about: DeviceDescription, wanted: Wanted): Target[] {
  const limits = limitsOf(about);
  return operatorNames
    .filter((operator) => wanted.operators?.includes(operator) ?? !searchedOperators.includes(operator))
    .flatMap((operator) => {
      const types = operatorSpecs[operator].dataTypes.filter(
        (type) => wanted.dataTypes?.includes(type) ?? true,
      );
      return types.flatMap((dataType) => targetsOfType(device, operator, dataType, limits, wanted));
    });
}

function targetsOfType(
  device: ComputeDevice,
  operator: OperatorName,
  dataType: MeasuredDataType,
  limits: Limits,
  { implementations }: Wanted,
): Target[] {
  const offered = chosen(device, device.implementations(operator, dataType), implementations);
  if (offered.length === 0) return [];
  const shapes = shapesOf(operator, dataType, limits).filter((shape) =>
    fits(operator, dataType, shape, limits),
  );
  return offered.flatMap((implementation) =>
    coresOf(operator, limits).map((cores, index) => ({
      operator,
      dataType,
      implementation,
      cores,
      axes: coordinateNames(operator),
      shapes,
      // One core is what a simulated batch runs on; all of them together is for people.
      weight: (weights[operator] ?? 1) * (index === 0 ? 1 : 0.4),
    })),
  );
}

/**
 * The kernels asked for. If none are: of a native device its best, which is what would serve; of the framework
 * baseline every one, since their difference is what it is measured for.
 */
function chosen(
  device: ComputeDevice,
  offered: readonly string[],
  wanted: readonly string[] | undefined,
): readonly string[] {
  if (wanted) return offered.filter((name) => wanted.includes(name));
  return device.backend === 'python' ? offered : offered.slice(0, 1);
}

/** Core counts that an operator is measured on: one and all of a CPU, where it computes; 0 on an accelerator. */
function coresOf(operator: OperatorName, { kind, cores }: Limits): number[] {
  if (kind !== 'cpu') return [0];
  const isOneThread = operator.startsWith('rpc-') || operator === 'kernel-launch';
  if (operator.startsWith('memory-') || isOneThread || cores === 1) return [1];
  return [1, cores];
}

function limitsOf({ kind, memoryBytes, units, details }: DeviceDescription): Limits {
  const isCpu = kind === 'cpu';
  return {
    kind,
    memoryBytes: isCpu ? Math.min(2 ** 29, memoryBytes / 8) : memoryBytes * 0.4,
    outputBytes: isCpu ? 2 ** 25 : 2 ** 30,
    flops: isCpu ? 4e9 : 2.5e12,
    devices: Number(details.devices ?? 1),
    cores: isCpu ? units : 0,
  };
}

/** Types without matrix units take longer for the same work. */
const slowTypes: readonly MeasuredDataType[] = ['fp32', 'int32'];

function fits(operator: OperatorName, dataType: MeasuredDataType, shape: Shape, limits: Limits): boolean {
  const tensors = operatorSpecs[operator].tensors(dataType, shape);
  const bytesOf = (wanted: readonly TensorSpec[]) =>
    wanted.reduce((sum, { element, length, rowLength }) => sum + tensorBytes(element, length, rowLength), 0);
  const mostFlops = limits.kind !== 'cpu' && slowTypes.includes(dataType) ? limits.flops / 6 : limits.flops;
  return (
    bytesOf(tensors) <= limits.memoryBytes &&
    bytesOf(tensors.filter(({ role }) => role === 'output')) <= limits.outputBytes &&
    operatorWork(operator, dataType, shape).flops <= mostFlops
  );
}
