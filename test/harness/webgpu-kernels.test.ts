import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { MeasuredDataType, OperatorName, Shape } from '../../hardware-profiles/operators-measured.ts';
import type { ComputeDevice } from '../../harness/device.ts';
import { verify } from '../../harness/verify.ts';
import { hasAdapter, openAdapter } from './webgpu-adapter.ts';

/** Shapes that together go every way through the kernels: whole vectors and odd ends, one workgroup and several. */
const cases: [OperatorName, MeasuredDataType[], Shape][] = [
  ['embedding-bag', ['fp32', 'int8', 'int4'], { rows: 500, dim: 64, pooling: 19, bags: 37, skew: 1 }],
  // Few long bags: several runs of threads share one.
  ['embedding-bag', ['fp16'], { rows: 90, dim: 32, pooling: 101, bags: 3, skew: 0 }],
  ['embedding-bag', ['fp32'], { rows: 90, dim: 13, pooling: 3, bags: 5, skew: 0 }],
  ['embedding-bag-backward', ['fp32'], { rows: 40, dim: 24, pooling: 20, bags: 30, skew: 1 }],
  ['embedding-bag-backward', ['fp16'], { rows: 900, dim: 13, pooling: 7, bags: 5, skew: 0 }],
  // Few rows of A; tiles with whole vectors; tiles with odd ends.
  ['gemm', ['fp32', 'int8'], { m: 5, n: 12, k: 64 }],
  ['gemm', ['fp16'], { m: 3, n: 1, k: 13 }],
  ['gemm', ['fp16', 'int8'], { m: 70, n: 36, k: 20 }],
  ['gemm', ['fp32'], { m: 33, n: 35, k: 17 }],
  // Enough tiles for larger ones.
  ['gemm', ['fp32'], { m: 700, n: 750, k: 12 }],
  ['gemm', ['fp32'], { m: 1450, n: 1300, k: 20 }],
  ['bias-activation', ['fp32', 'fp16'], { rows: 7, n: 33 }],
  ['bias-activation', ['fp32'], { rows: 700, n: 12 }],
  ['elementwise', ['fp32'], { rows: 7, n: 33, inputs: 3 }],
  ['elementwise', ['fp16'], { rows: 50, n: 50, inputs: 2 }],
  ['dot-interaction', ['fp32'], { batch: 3, vectors: 27, dim: 36 }],
  ['dot-interaction', ['fp16'], { batch: 5, vectors: 7, dim: 9 }],
  ['dot-interaction', ['fp32'], { batch: 2, vectors: 100, dim: 8 }],
  ['cross-low-rank', ['fp32', 'int8'], { batch: 5, width: 40, rank: 8 }],
  ['cross-low-rank', ['fp16'], { batch: 3, width: 13, rank: 5 }],
  ['factorisation-machine', ['fp32'], { batch: 9, vectors: 5, dim: 13 }],
  ['factorisation-machine', ['fp16'], { batch: 3, vectors: 3, dim: 300 }],
  ['layer-norm', ['fp32'], { rows: 5, n: 77 }],
  ['layer-norm', ['fp16'], { rows: 3, n: 1028 }],
  ['rms-norm', ['fp32'], { rows: 9, n: 200 }],
  ['rms-norm', ['fp16'], { rows: 300, n: 13 }],
  // Several tiles of queries and keys, several chunks of columns.
  ['attention', ['fp32'], { batch: 1, heads: 2, length: 70, dim: 36 }],
  ['attention-jagged', ['fp16'], { batch: 3, heads: 2, length: 40, dim: 13 }],
  ['concat', ['fp32', 'fp16'], { rows: 5, inputs: 3, width: 7 }],
  ['concat', ['int8'], { rows: 64, inputs: 2, width: 32 }],
  ['split', ['fp32', 'fp16'], { rows: 5, inputs: 3, width: 6 }],
  ['split', ['int8'], { rows: 5, inputs: 3, width: 4 }],
  ['quantise', ['int8', 'int4'], { rows: 70, dim: 40 }],
  ['dequantise', ['int8', 'int4'], { rows: 70, dim: 40 }],
  ['bucketise', ['fp32'], { values: 1000, boundaries: 37 }],
  ['bucketise', ['fp32'], { values: 5, boundaries: 1 }],
  ['hash', ['int32'], { values: 1000, rows: 12_345 }],
  ['hash', ['int32'], { values: 3, rows: 7 }],
  ['jagged-to-padded', ['fp32', 'fp16'], { batch: 9, length: 5, padded: 7, dim: 12 }],
  ['jagged-to-padded', ['fp16'], { batch: 4, length: 6, padded: 20, dim: 7 }],
  ['map-id', ['int32', 'fp32'], { values: 1000, ids: 37 }],
  ['map-id', ['int32'], { values: 5, ids: 1 }],
  ['merge-bucketised', ['fp32'], { batch: 300, features: 3, borders: 5 }],
  ['event-truncate', ['int32', 'fp32'], { batch: 7, events: 200, kept: 90, features: 3, length: 2 }],
  ['event-truncate', ['fp32'], { batch: 40, events: 12, kept: 12, features: 2, length: 1 }],
  ['optimised-fm', ['fp32'], { batch: 3, vectors: 5, dim: 24, rank: 17 }],
  ['optimised-fm', ['fp16'], { batch: 2, vectors: 40, dim: 9, rank: 70 }],
  ['pffn', ['fp32'], { batch: 3, length: 7, dim: 24, width: 20, gelu: 1 }],
  ['pffn', ['fp16'], { batch: 2, length: 40, dim: 17, width: 90, gelu: 0 }],
  ['conv1d', ['fp32'], { batch: 2, inChannels: 5, outChannels: 40, length: 70, taps: 3 }],
  ['conv1d', ['fp16'], { batch: 3, inChannels: 8, outChannels: 4, length: 16, taps: 4 }],
  ['conv1d', ['fp32'], { batch: 1, inChannels: 3, outChannels: 2, length: 2, taps: 7 }],
  ['rms-norm-backward', ['fp32'], { rows: 300, n: 77 }],
  ['rms-norm-backward', ['fp16'], { rows: 5, n: 1028 }],
  ['softmax', ['fp32'], { rows: 5, n: 2077 }],
  ['softmax', ['fp16'], { rows: 200, n: 16 }],
  ['swiglu', ['fp32'], { rows: 7, n: 33 }],
  ['swiglu', ['fp16'], { rows: 40, n: 64 }],
  ['cross-entropy', ['fp32'], { rows: 5, classes: 2077 }],
  ['cross-entropy', ['fp16'], { rows: 200, classes: 16 }],
  ['top-k', ['fp32', 'fp16'], { rows: 5, n: 177, k: 10 }],
  ['top-k', ['fp16'], { rows: 9, n: 8, k: 8 }],
  ['copy-to-device', ['bytes'], { bytes: 4096, pinned: 1 }],
  ['copy-from-device', ['bytes'], { bytes: 4096, pinned: 1 }],
  ['kernel-launch', ['bytes'], { graph: 0 }],
  ['kernel-launch', ['bytes'], { graph: 1 }],
  ['memory-stream', ['bytes'], { bytes: 2 ** 20 + 16, busy: 0 }],
  ['memory-stream', ['bytes'], { bytes: 64, busy: 0 }],
];

const kernels = suite('WGSL kernels');
const device = hasAdapter ? await openAdapter() : undefined;
kernels.after(() => device?.close());

for (const [operator, dataTypes, shape] of cases) {
  for (const dataType of dataTypes) {
    const name = `${operator} ${dataType} ${JSON.stringify(shape)}`;
    const run = async (on: ComputeDevice) => {
      const kernel = await on.compile({ operator, dataType, shape, implementation: 'rankfleet' });
      const verdict = await verify(on, kernel);
      assert.ok(verdict.ok, `${verdict.reason} (error ${verdict.error}, tolerance ${verdict.tolerance})`);
    };
    // Whether there is fp16 depends on the adapter; all else must be there.
    const lacks = device && dataType === 'fp16' && device.implementations(operator, dataType).length === 0;
    if (lacks) console.log(`SKIPPED: ${name}: the adapter has no fp16 arithmetic`);
    if (!device || lacks) kernels.skip(`${name}: not on this adapter`, () => {});
    else kernels(name, () => run(device));
  }
}

kernels.run();
