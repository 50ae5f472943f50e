import type { Program } from '../../device.ts';
import { type GpuKernel, type GpuShape, i32 } from './gpu-kernel.ts';
import { accessBytes, blocksOf, blockThreads, lanesFor, powerAbove, powerBelow } from './layout.ts';

interface StoredRow {
  element: number;
  /** Bytes of its elements and from row to row. */
  dataBytes: number;
  strideBytes: number;
}

function storedRow(dataType: string, dim: number): StoredRow | undefined {
  if (dataType === 'fp32') return { element: 0, dataBytes: 4 * dim, strideBytes: 4 * dim };
  if (dataType === 'fp16') return { element: 1, dataBytes: 2 * dim, strideBytes: 2 * dim };
  if (dim % 8 !== 0) return undefined;
  if (dataType === 'int8') return { element: 4, dataBytes: dim, strideBytes: dim + 8 };
  if (dataType === 'int4') return { element: 5, dataBytes: dim / 2, strideBytes: dim / 2 + 4 };
  return undefined;
}

/** Bytes that a thread has in flight at most; half of it fills the memory pipe of today's devices. */
const inFlightBytes = 64;

/** Pooled lookup: tensors table, indices, out. */
export function embeddingBagKernels(
  { dataType, shape: { dim, pooling, bags } }: Program,
  device: GpuShape,
): GpuKernel[] | undefined {
  const row = storedRow(dataType, dim);
  if (!row) return undefined;
  const bytes = accessBytes(row.dataBytes, row.strideBytes);
  const { lanes, chunks } = lanesFor(row.dataBytes / bytes, device.warpSize);
  if (chunks > 8) return undefined;
  const mostRows = Math.max(1, powerBelow(inFlightBytes / (chunks * bytes)));
  const unroll = Math.min(8, mostRows, powerAbove(pooling));
  const split = bagSplit(pooling, bags, lanes, unroll, device);
  const threads = blockThreads(bags * lanes * split, device, lanes * split);
  return [
    {
      source: 'embedding-bag.cu',
      entry: 'embeddingBag',
      defines: {
        WARP: device.warpSize,
        ELEMENT: row.element,
        DIM: dim,
        BYTES: bytes,
        LANES: lanes,
        CHUNKS: chunks,
        UNROLL: unroll,
        SPLIT: split,
        THREADS: threads,
      },
      grid: [blocksOf(bags, threads / (lanes * split)), 1, 1],
      block: [threads, 1, 1],
      sharedBytes: lanes * split > device.warpSize ? (threads / device.warpSize) * dim * 4 : 0,
      scalars: [i32(pooling), i32(bags)],
    },
  ];
}

/** Groups of lanes that share a bag: more than one only where bags alone leave the device half empty. */
function bagSplit(pooling: number, bags: number, lanes: number, unroll: number, device: GpuShape): number {
  const busyThreads = device.units * 1024;
  let split = 1;
  while (bags * lanes * split < busyThreads && pooling > split * unroll && 2 * split * lanes <= 1024)
    split *= 2;
  return split;
}

/** Lookups that one block sums where a row has very many. */
const segmentLookups = 256;

/**
 * Gradient of a pooled lookup with row-wise Adagrad: tensors table, momentum, rowIds, rowStarts, bagOf, grad. Rows with
 * fewer than two segments of lookups are done by the first kernel, all others by the other two.
 */
export function embeddingBagBackwardKernels(
  { dataType, shape: { dim, pooling, bags } }: Program,
  device: GpuShape,
): GpuKernel[] | undefined {
  const bytes = dataType === 'fp32' ? 4 : 2;
  const per = Math.min(accessBytes(4 * dim) / 4, accessBytes(bytes * dim) / bytes);
  const { lanes, chunks } = lanesFor(dim / per, device.warpSize);
  if (chunks > 8) return undefined;
  const lookups = pooling * bags;
  const segments = Math.ceil(lookups / segmentLookups);
  const kernel = (entry: string, blocks: number, tensors: number[]): GpuKernel => ({
    source: 'embedding-bag-backward.cu',
    entry,
    defines: {
      WARP: device.warpSize,
      ELEMENT: dataType === 'fp32' ? 0 : 1,
      DIM: dim,
      PER: per,
      LANES: lanes,
      CHUNKS: chunks,
      UNROLL: Math.max(1, powerBelow(4 / chunks)),
      SEGMENT: segmentLookups,
    },
    grid: [blocks, 1, 1],
    block: [256, 1, 1],
    sharedBytes: 0,
    scalars: [i32(lookups)],
    tensors,
    scratchBytes: segments * (2 * dim + 1) * 4,
  });
  const updateRows = kernel('updateRows', blocksOf(lookups, 256 / lanes), [0, 1, 2, 3, 4, 5]);
  if (lookups < 2 * segmentLookups) return [updateRows];
  return [
    updateRows,
    kernel('sumSegments', segments, [3, 4, 5]),
    kernel('updateLongRows', segments, [0, 1, 2, 3]),
  ];
}
