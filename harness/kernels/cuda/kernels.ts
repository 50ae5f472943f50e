import type { MeasuredDataType, OperatorName } from '../../../hardware-profiles/operators-measured.ts';
import type { Program } from '../../device.ts';
import { attentionKernels } from './attention.ts';
import { bucketiseKernels, hashKernels, quantiseKernels, rearrangeKernels } from './codes.ts';
import {
  biasActivationKernels,
  elementwiseKernels,
  emptyKernels,
  memoryStreamKernels,
  swigluKernels,
} from './columns.ts';
import { embeddingBagBackwardKernels, embeddingBagKernels } from './embedding.ts';
import type { GpuKernel, GpuShape } from './gpu-kernel.ts';
import { mapIdKernels, mergeBucketisedKernels } from './ids.ts';
import { dotInteractionKernels, factorisationMachineKernels } from './interaction.ts';
import { eventTruncateKernels, jaggedToPaddedKernels } from './jagged.ts';
import { crossKernels, gemmKernels } from './matrices.ts';
import { normKernels } from './norm.ts';
import { conv1dKernels, optimisedFmKernels, pffnKernels } from './products.ts';
import { rmsNormBackwardKernels, softmaxKernels, topKKernels } from './rows.ts';

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
  'jagged-to-padded': [jaggedToPaddedKernels, floats],
  'map-id': [mapIdKernels, ['int32', 'fp32']],
  'merge-bucketised': [mergeBucketisedKernels, ['fp32']],
  'event-truncate': [eventTruncateKernels, ['int32', 'fp32']],
  'optimised-fm': [optimisedFmKernels, floats],
  pffn: [pffnKernels, floats],
  conv1d: [conv1dKernels, floats],
  'rms-norm-backward': [rmsNormBackwardKernels, floats],
  softmax: [softmaxKernels, floats],
  swiglu: [swigluKernels, floats],
  'cross-entropy': [softmaxKernels, floats],
  'top-k': [topKKernels, floats],
};

/**
 * Our kernels for a program, to be run one after another on its tensors.
 * @returns undefined where we have none for that operator, data type or shape
 */
export function gpuKernels(program: Program, device: GpuShape): GpuKernel[] | undefined {
  if (program.operator === 'problem') return undefined;
  const [make, dataTypes] = makers[program.operator] ?? [];
  return dataTypes?.includes(program.dataType) ? make?.(program, device) : undefined;
}
