import type { Program } from '../../device.ts';
import { type GpuKernel, type GpuShape, i32 } from './gpu-kernel.ts';
import { accessElements, blocksOf, elementOf, powerAbove } from './layout.ts';

/** Layer norm (x, gain, bias, out) and RMS norm (x, gain, out). */
export function normKernels(
  { operator, dataType, shape: { rows, n } }: Program,
  device: GpuShape,
): GpuKernel[] | undefined {
  const element = elementOf[dataType];
  if (!element) return undefined;
  const per = accessElements(element, n);
  const vectors = n / per;
  const threads = rowThreads(rows, vectors, per, device);
  const chunks = Math.ceil(vectors / threads);
  // More does not fit the registers of a block.
  if (chunks * per > 64) return undefined;
  const block = Math.max(threads, Math.min(128, powerAbove(rows) * threads), device.warpSize);
  return [
    {
      source: 'norm.cu',
      entry: 'normRows',
      defines: {
        WARP: device.warpSize,
        ELEMENT: element.number,
        PER: per,
        THREADS: threads,
        CHUNKS: chunks,
        BLOCK: block,
        IS_LAYER_NORM: operator === 'layer-norm' ? 1 : 0,
      },
      grid: [blocksOf(rows, block / threads), 1, 1],
      block: [block, 1, 1],
      sharedBytes: 0,
      scalars: [i32(rows), i32(n)],
    },
  ];
}

/**
 * Threads for a row: four vectors each (at most 32 elements) where there are rows enough for the device, fewer of them, down
 * to one, where there are not.
 */
function rowThreads(rows: number, vectors: number, per: number, device: GpuShape): number {
  const full = powerAbove(vectors / Math.min(4, Math.max(1, 32 / per)));
  let threads = Math.min(1024, full);
  while (threads < vectors && threads < 1024 && rows * threads < device.units * 1024) threads *= 2;
  return threads;
}
