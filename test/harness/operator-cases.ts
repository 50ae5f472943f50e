import { type OperatorName, operatorNames, type Shape } from '../../hardware-profiles/operators-measured.ts';
import { operatorSpecs } from '../../harness/operators/index.ts';

/** Shapes small enough for plain TypeScript, with sizes that are no multiple of anything where that is allowed. */
export const smallShapes: Partial<Record<OperatorName, Shape[]>> = {
  'embedding-bag': [
    { rows: 1000, dim: 16, pooling: 5, bags: 33, skew: 1.05 },
    { rows: 3, dim: 8, pooling: 1, bags: 1, skew: 0 },
    { rows: 5000, dim: 64, pooling: 20, bags: 70, skew: 0 },
  ],
  'embedding-bag-backward': [
    { rows: 300, dim: 16, pooling: 5, bags: 33, skew: 1.05 },
    { rows: 2, dim: 8, pooling: 3, bags: 5, skew: 0 },
    { rows: 20_000, dim: 32, pooling: 10, bags: 40, skew: 0 },
  ],
  gemm: [
    { m: 17, n: 33, k: 65 },
    { m: 1, n: 1, k: 1 },
    { m: 3, n: 130, k: 512 },
  ],
  'bias-activation': [
    { rows: 7, n: 33 },
    { rows: 100, n: 1 },
  ],
  elementwise: [
    { rows: 7, n: 33, inputs: 3 },
    { rows: 50, n: 50, inputs: 2 },
  ],
  'dot-interaction': [
    { batch: 5, vectors: 7, dim: 9 },
    { batch: 3, vectors: 27, dim: 64 },
  ],
  'cross-low-rank': [
    { batch: 9, width: 40, rank: 8 },
    { batch: 3, width: 129, rank: 32 },
  ],
  'factorisation-machine': [
    { batch: 9, vectors: 5, dim: 8 },
    { batch: 300, vectors: 2, dim: 16 },
  ],
  'layer-norm': [
    { rows: 5, n: 77 },
    { rows: 200, n: 16 },
  ],
  'rms-norm': [
    { rows: 5, n: 77 },
    { rows: 200, n: 16 },
  ],
  attention: [
    { batch: 2, heads: 3, length: 11, dim: 8 },
    { batch: 1, heads: 1, length: 50, dim: 64 },
  ],
  'attention-jagged': [
    { batch: 5, heads: 3, length: 7, dim: 8 },
    { batch: 1, heads: 2, length: 9, dim: 16 },
  ],
  concat: [
    { rows: 5, inputs: 3, width: 7 },
    { rows: 64, inputs: 2, width: 32 },
  ],
  split: [
    { rows: 5, inputs: 3, width: 7 },
    { rows: 64, inputs: 2, width: 32 },
  ],
  quantise: [
    { rows: 9, dim: 64 },
    { rows: 70, dim: 8 },
  ],
  dequantise: [
    { rows: 9, dim: 64 },
    { rows: 70, dim: 8 },
  ],
  bucketise: [
    { values: 1000, boundaries: 37 },
    { values: 5, boundaries: 1 },
  ],
  hash: [
    { values: 1000, rows: 12_345 },
    { values: 3, rows: 1 },
  ],
  'copy-to-device': [{ bytes: 4096, pinned: 0 }],
  'copy-from-device': [{ bytes: 4096, pinned: 1 }],
  'jagged-to-padded': [
    { batch: 9, length: 5, padded: 7, dim: 12 },
    { batch: 4, length: 6, padded: 20, dim: 7 },
  ],
  'map-id': [
    { values: 1000, ids: 37 },
    { values: 5, ids: 1 },
  ],
  'merge-bucketised': [
    { batch: 100, features: 3, borders: 5 },
    { batch: 3, features: 1, borders: 1 },
  ],
  'event-truncate': [
    { batch: 7, events: 12, kept: 5, features: 3, length: 2 },
    { batch: 40, events: 12, kept: 12, features: 2, length: 1 },
    { batch: 1, events: 1, kept: 1, features: 1, length: 1 },
  ],
  'optimised-fm': [
    { batch: 3, vectors: 5, dim: 24, rank: 17 },
    { batch: 2, vectors: 24, dim: 9, rank: 40 },
    // Few columns on either side: X·(XᵀY) is the cheaper way.
    { batch: 2, vectors: 33, dim: 8, rank: 4 },
  ],
  pffn: [
    { batch: 3, length: 7, dim: 24, width: 20, gelu: 1 },
    { batch: 2, length: 9, dim: 17, width: 33, gelu: 0 },
  ],
  conv1d: [
    { batch: 2, inChannels: 5, outChannels: 7, length: 33, taps: 3 },
    { batch: 3, inChannels: 8, outChannels: 4, length: 16, taps: 4 },
    { batch: 1, inChannels: 3, outChannels: 2, length: 2, taps: 7 },
  ],
  'rms-norm-backward': [
    { rows: 5, n: 77 },
    { rows: 200, n: 16 },
  ],
  softmax: [
    { rows: 5, n: 77 },
    { rows: 200, n: 16 },
  ],
  swiglu: [
    { rows: 7, n: 33 },
    { rows: 40, n: 64 },
  ],
  'cross-entropy': [
    { rows: 5, classes: 77 },
    { rows: 200, classes: 16 },
  ],
  'top-k': [
    { rows: 5, n: 77, k: 10 },
    { rows: 3, n: 600, k: 33 },
    { rows: 9, n: 8, k: 8 },
  ],
};

/** Operators that take tensors, by their specs. */
export const operatorsWithTensors = operatorNames.filter((name) => smallShapes[name]);

/** Every operator, data type and small shape. */
export function everyCase() {
  return operatorsWithTensors.flatMap((operator) =>
    operatorSpecs[operator].dataTypes.flatMap((dataType) =>
      smallShapes[operator]!.map((shape) => ({ operator, dataType, shape, implementation: 'reference' })),
    ),
  );
}
