import type { OperatorName } from '../../../hardware-profiles/operators-measured.ts';
import { attention, attentionJagged } from './attention.ts';
import { copyFromDevice, copyToDevice } from './copies.ts';
import { crossLowRank, gemm } from './dense.ts';
import { embeddingBag, embeddingBagBackward } from './embedding.ts';
import { bucketise, hash } from './features.ts';
import { dotInteraction, factorisationMachine } from './interaction.ts';
import type { TypescriptKernel } from './kernel.ts';
import { concat, split } from './layout.ts';
import { layerNorm, rmsNorm } from './norm.ts';
import { biasActivation, elementwise } from './pointwise.ts';
import { dequantise, quantise } from './quantise.ts';

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
};
