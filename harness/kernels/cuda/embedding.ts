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
