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
