import type { MeasuredDataType, OperatorName, Shape } from '../../../hardware-profiles/operators-measured.ts';
import { Unsupported } from '../../device.ts';
import { embeddingBag } from './embedding-bag.ts';
import { biasActivation, bucketise, elementwise, hash } from './flat.ts';
import { gemm } from './gemm.ts';
import { emptyKernel } from './launch-and-stream.ts';
import type { Pass, WgslKernel } from './pass.ts';

const float: readonly MeasuredDataType[] = ['fp32', 'fp16'];

/** Kernels by operator, and the data types that they know. */
const kernels: Partial<Record<OperatorName, { dataTypes: readonly MeasuredDataType[]; passes: WgslKernel }>> =
  {
    'embedding-bag': { dataTypes: ['fp32', 'fp16', 'int8', 'int4'], passes: embeddingBag },
    gemm: { dataTypes: ['fp32', 'fp16', 'int8'], passes: gemm },
    'bias-activation': { dataTypes: float, passes: biasActivation },
    elementwise: { dataTypes: float, passes: elementwise },
    bucketise: { dataTypes: ['fp32'], passes: bucketise },
    'kernel-launch': { dataTypes: ['bytes'], passes: emptyKernel },
    hash: { dataTypes: ['int32'], passes: hash },
  };

/** Whether there is a WGSL kernel; `hasHalf`: the device has fp16 arithmetic. */
export function hasWgslKernel(operator: OperatorName, dataType: MeasuredDataType, hasHalf: boolean): boolean {
  return kernels[operator]?.dataTypes.includes(dataType) === true && (hasHalf || dataType !== 'fp16');
}

/** @throws Unsupported where WGSL cannot express it */
export function wgslPasses(operator: OperatorName, dataType: MeasuredDataType, shape: Shape): Pass[] {
  const kernel = kernels[operator];
  if (!kernel) throw new Unsupported(`WGSL has no kernel for ${operator}`);
  if (!kernel.dataTypes.includes(dataType)) {
    throw new Unsupported(`WGSL has no ${dataType} arithmetic for ${operator}`);
  }
  return kernel.passes(dataType, shape);
}
