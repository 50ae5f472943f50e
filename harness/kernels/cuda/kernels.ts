import type { MeasuredDataType, OperatorName } from '../../../hardware-profiles/operators-measured.ts';
import type { Program } from '../../device.ts';
import { attentionKernels } from './attention.ts';
import { bucketiseKernels, hashKernels, quantiseKernels, rearrangeKernels } from './codes.ts';
import { biasActivationKernels, elementwiseKernels, emptyKernels, memoryStreamKernels } from './columns.ts';
import { embeddingBagBackwardKernels, embeddingBagKernels } from './embedding.ts';
import type { GpuKernel, GpuShape } from './gpu-kernel.ts';
import { dotInteractionKernels, factorisationMachineKernels } from './interaction.ts';
import { crossKernels, gemmKernels } from './matrices.ts';
import { normKernels } from './norm.ts';

export { crossEpilogue } from './columns.ts';
export { fillKernel } from './fill.ts';
export { type GpuKernel, type GpuShape, kernelText, type Scalar } from './gpu-kernel.ts';

type KernelMaker = (program: Program, device: GpuShape) => GpuKernel[] | undefined;

const floats: MeasuredDataType[] = ['fp32', 'bf16', 'fp16'];

const makers: Partial<Record<OperatorName, [KernelMaker, MeasuredDataType[]]>> = {
  'embedding-bag': [embeddingBagKernels, ['fp32', 'fp16', 'int8', 'int4']],
  'embedding-bag-backward': [embeddingBagBackwardKernels, ['fp32', 'fp16']],
  gemm: [gemmKernels, [...floats, 'int8']],
  'bias-activation': [biasActivationKernels, floats],
  elementwise: [elementwiseKernels, floats],
  'dot-interaction': [dotInteractionKernels, floats],
  'cross-low-rank': [crossKernels, [...floats, 'int8']],
  'factorisation-machine': [factorisationMachineKernels, floats],
  'layer-norm': [normKernels, floats],
  'rms-norm': [normKernels, floats],
  attention: [attentionKernels, floats],
  'attention-jagged': [attentionKernels, floats],
  concat: [rearrangeKernels, [...floats, 'int8']],
  split: [rearrangeKernels, [...floats, 'int8']],
  quantise: [quantiseKernels, ['int8', 'int4']],
  dequantise: [quantiseKernels, ['int8', 'int4']],
  bucketise: [bucketiseKernels, ['fp32']],
  hash: [hashKernels, ['int32']],
  'kernel-launch': [emptyKernels, ['bytes']],
  'memory-stream': [memoryStreamKernels, ['bytes']],
};

/**
 * Our kernels for a program, to be run one after another on its tensors.
 * @returns undefined where we have none for that operator, data type or shape
 */
export function gpuKernels(program: Program, device: GpuShape): GpuKernel[] | undefined {
  const [make, dataTypes] = makers[program.operator] ?? [];
  return dataTypes?.includes(program.dataType) ? make?.(program, device) : undefined;
}
