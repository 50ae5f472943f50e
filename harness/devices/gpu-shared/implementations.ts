import {
  type MeasuredDataType,
  type OperatorName,
  operatorAxes,
} from '../../../hardware-profiles/operators-measured.ts';
import { type Program, type ProgramOperator, Unsupported } from '../../device.ts';
import { gpuKernels } from '../../kernels/cuda/kernels.ts';
import { operatorSpecs } from '../../operators/index.ts';
import { vendorCrossLayer } from './cross-layer.ts';
import type { KernelMaker, KernelTools } from './device-kernel.ts';
import { productTypes, vendorGemm } from './matrix-kernels.ts';
import { memoryStream } from './memory-stream.ts';
import { ownKernels } from './own-kernels.ts';
import { hostCopy } from './transfer-kernels.ts';

export interface Implementation {
  implementation: string;
  make: KernelMaker;
}

/** Whose kernels there are for an operator and data type on a device, the best first. */
export function makersOf(
  operator: ProgramOperator,
  dataType: MeasuredDataType,
  tools: KernelTools,
): Implementation[] {
  if (operator === 'problem') return [];
  const vendor = tools.driver.platform === 'cuda' ? 'cublaslt' : 'hipblaslt';
  if (operator === 'copy-to-device' || operator === 'copy-from-device') {
    return dataType === 'bytes' ? [{ implementation: 'driver', make: hostCopy }] : [];
  }
  const found: Implementation[] = [];
  const product = vendorProducts[operator];
  if (product && tools.blas !== undefined && operatorSpecs[operator].dataTypes.includes(dataType)) {
    if (productTypes[dataType] !== undefined) found.push({ implementation: vendor, make: product });
  }
  const program = { operator, dataType, shape: usualShape(operator), implementation: 'rankfleet' };
  if (gpuKernels(program, tools.modules.shape) !== undefined) {
    found.push({
      implementation: 'rankfleet',
      make: operator === 'memory-stream' ? memoryStream : ownKernels,
    });
  }
  return found;
}

const vendorProducts: Partial<Record<OperatorName, KernelMaker>> = {
  gemm: vendorGemm,
  'cross-low-rank': vendorCrossLayer,
};

/** @throws Unsupported where the device has no such implementation */
export function kernelMaker(
  { operator, dataType, implementation }: Program,
  tools: KernelTools,
): KernelMaker {
  const makers = makersOf(operator, dataType, tools);
  const found = makers.find((each) => each.implementation === implementation);
  if (found) return found.make;
  const has = makers.map((each) => each.implementation).join(', ') || 'none';
  throw new Unsupported(
    `no ${implementation} kernel for ${operator} of ${dataType} on ${tools.driver.platform}; it has: ${has}`,
  );
}

/** A shape that any kernel for the operator takes. */
function usualShape(operator: OperatorName): Record<string, number> {
  const small: Record<string, number> = { skew: 0, inputs: 2, graph: 0, pinned: 0, busy: 0, gelu: 1 };
  return Object.fromEntries(operatorAxes[operator].map((axis) => [axis, small[axis] ?? 64]));
}
