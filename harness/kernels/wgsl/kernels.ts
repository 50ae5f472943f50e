import type { MeasuredDataType, OperatorName, Shape } from '../../../hardware-profiles/operators-measured.ts';
import { type ProgramOperator, Unsupported } from '../../device.ts';
import { attention, attentionJagged } from './attention.ts';
import { conv1d, optimisedFm, pffn } from './batched-products.ts';
import { crossLowRank } from './cross-low-rank.ts';
import { embeddingBag } from './embedding-bag.ts';
import { embeddingBagBackward } from './embedding-bag-backward.ts';
import { biasActivation, bucketise, elementwise, hash, swiglu } from './flat.ts';
import { gemm } from './gemm.ts';
import { mapId, mergeBucketised } from './ids.ts';
import { dotInteraction, factorisationMachine } from './interaction.ts';
import { eventTruncate, jaggedToPadded } from './jagged.ts';
import { emptyKernel } from './launch-and-stream.ts';
import { concat, split } from './layout.ts';
import { layerNorm, rmsNorm } from './norm.ts';
import { rmsNormBackward } from './norm-backward.ts';
import type { Pass, WgslKernel } from './pass.ts';
import { dequantise, quantise } from './quantise.ts';
import { crossEntropy, softmax } from './softmax.ts';
import { topK } from './top-k.ts';

const float: readonly MeasuredDataType[] = ['fp32', 'fp16'];

/** Kernels by operator, and the data types that they know. */
const kernels: Partial<Record<OperatorName, { dataTypes: readonly MeasuredDataType[]; passes: WgslKernel }>> =
  {
    'embedding-bag': { dataTypes: ['fp32', 'fp16', 'int8', 'int4'], passes: embeddingBag },
    'embedding-bag-backward': { dataTypes: float, passes: embeddingBagBackward },
    gemm: { dataTypes: ['fp32', 'fp16', 'int8'], passes: gemm },
    'bias-activation': { dataTypes: float, passes: biasActivation },
    elementwise: { dataTypes: float, passes: elementwise },
    'dot-interaction': { dataTypes: float, passes: dotInteraction },
    'cross-low-rank': { dataTypes: ['fp32', 'fp16', 'int8'], passes: crossLowRank },
    'factorisation-machine': { dataTypes: float, passes: factorisationMachine },
    'layer-norm': { dataTypes: float, passes: layerNorm },
    'rms-norm': { dataTypes: float, passes: rmsNorm },
    attention: { dataTypes: float, passes: attention },
    'attention-jagged': { dataTypes: float, passes: attentionJagged },
    concat: { dataTypes: ['fp32', 'fp16', 'int8'], passes: concat },
    split: { dataTypes: ['fp32', 'fp16', 'int8'], passes: split },
    quantise: { dataTypes: ['int8', 'int4'], passes: quantise },
    dequantise: { dataTypes: ['int8', 'int4'], passes: dequantise },
    bucketise: { dataTypes: ['fp32'], passes: bucketise },
    'kernel-launch': { dataTypes: ['bytes'], passes: emptyKernel },
    hash: { dataTypes: ['int32'], passes: hash },
    'jagged-to-padded': { dataTypes: float, passes: jaggedToPadded },
    'map-id': { dataTypes: ['int32', 'fp32'], passes: mapId },
    'merge-bucketised': { dataTypes: ['fp32'], passes: mergeBucketised },
    'event-truncate': { dataTypes: ['int32', 'fp32'], passes: eventTruncate },
    'optimised-fm': { dataTypes: float, passes: optimisedFm },
    pffn: { dataTypes: float, passes: pffn },
    conv1d: { dataTypes: float, passes: conv1d },
    'rms-norm-backward': { dataTypes: float, passes: rmsNormBackward },
    softmax: { dataTypes: float, passes: softmax },
    swiglu: { dataTypes: float, passes: swiglu },
    'cross-entropy': { dataTypes: float, passes: crossEntropy },
    'top-k': { dataTypes: float, passes: topK },
  };

/** Whether there is a WGSL kernel; `hasHalf`: the device has fp16 arithmetic. */
export function hasWgslKernel(
  operator: ProgramOperator,
  dataType: MeasuredDataType,
  hasHalf: boolean,
): boolean {
  if (operator === 'problem') return false;
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
