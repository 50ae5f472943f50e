import type { OperatorName } from '../../../hardware-profiles/operators-measured.ts';
import { attention, attentionJagged } from './attention.ts';
import { copyFromDevice, copyToDevice } from './copies.ts';
import { crossLowRank, gemm } from './dense.ts';
import { embeddingBag, embeddingBagBackward } from './embedding.ts';
import { bucketise, hash } from './features.ts';
import { mapId, mergeBucketised } from './ids.ts';
import { dotInteraction, factorisationMachine } from './interaction.ts';
import { eventTruncate, jaggedToPadded } from './jagged.ts';
import type { TypescriptKernel } from './kernel.ts';
import { concat, split } from './layout.ts';
import { layerNorm, rmsNorm, rmsNormBackward } from './norm.ts';
import { biasActivation, elementwise, swiglu } from './pointwise.ts';
import { conv1d, optimisedFm, pffn } from './products.ts';
import { dequantise, quantise } from './quantise.ts';
import { crossEntropy, softmax } from './softmax.ts';
import { topK } from './top-k.ts';

/** Operators in plain TypeScript, in every data type that their specs name: for machines without a compiler, and for tests. */
export const typescriptKernels: Partial<Record<OperatorName, TypescriptKernel>> = {
  'embedding-bag': embeddingBag,
  'embedding-bag-backward': embeddingBagBackward,
  gemm,
  'bias-activation': biasActivation,
  elementwise,
  'dot-interaction': dotInteraction,
  'cross-low-rank': crossLowRank,
  'factorisation-machine': factorisationMachine,
  'layer-norm': layerNorm,
  'rms-norm': rmsNorm,
  attention,
  'attention-jagged': attentionJagged,
  concat,
  split,
  quantise,
  dequantise,
  bucketise,
  hash,
  'copy-to-device': copyToDevice(),
  'copy-from-device': copyFromDevice,
  'jagged-to-padded': jaggedToPadded,
  'map-id': mapId,
  'merge-bucketised': mergeBucketised,
  'event-truncate': eventTruncate,
  'optimised-fm': optimisedFm,
  pffn,
  conv1d,
  'rms-norm-backward': rmsNormBackward,
  softmax,
  swiglu,
  'cross-entropy': crossEntropy,
  'top-k': topK,
};
