import type { OperatorName } from '../../hardware-profiles/operators-measured.ts';
import { attention, attentionJagged } from './attention.ts';
import { conv1d } from './conv1d.ts';
import { copyFromDevice, copyToDevice } from './copies.ts';
import { crossLowRank } from './cross-low-rank.ts';
import { embeddingBag } from './embedding-bag.ts';
import { embeddingBagBackward } from './embedding-bag-backward.ts';
import { eventTruncate } from './event-truncate.ts';
import { bucketise, hash } from './features.ts';
import { gemm } from './gemm.ts';
import { mapId, mergeBucketised } from './ids.ts';
import { dotInteraction, factorisationMachine } from './interaction.ts';
import { jaggedToPadded } from './jagged.ts';
import { concat, split } from './layout.ts';
import { layerNorm, rmsNorm } from './norm.ts';
import { rmsNormBackward } from './norm-backward.ts';
import type { OperatorSpec } from './operator.ts';
import { optimisedFm } from './optimised-fm.ts';
import { pffn } from './pffn.ts';
import { biasActivation, elementwise, swiglu } from './pointwise.ts';
import { dequantise, quantise } from './quantise.ts';
import { crossEntropy, softmax } from './softmax.ts';
import { topK } from './top-k.ts';
import {
  allReduce,
  allToAll,
  kernelLaunch,
  memoryGather,
  memoryStream,
  rpcDeserialise,
  rpcRoundTrip,
  rpcSerialise,
} from './without-tensors.ts';

/** What every operator is. */
export const operatorSpecs: Record<OperatorName, OperatorSpec> = {
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
  'copy-to-device': copyToDevice,
  'copy-from-device': copyFromDevice,
  'kernel-launch': kernelLaunch,
  'all-to-all': allToAll,
  'all-reduce': allReduce,
  'rpc-serialise': rpcSerialise,
  'rpc-round-trip': rpcRoundTrip,
  'rpc-deserialise': rpcDeserialise,
  'memory-stream': memoryStream,
  'memory-gather': memoryGather,
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
