import type { Program } from '../../device.ts';
import { type GpuKernel, type GpuShape, i32, i64 } from './gpu-kernel.ts';
import {
  accessElements,
  blocksOf,
  blockThreads,
  columnsLayout,
  elementOf,
  lanesFor,
  powerBelow,
} from './layout.ts';

/** fp32 rows to row-wise int8 or int4, and back: tensors x, out. */
export function quantiseKernels(
  { operator, dataType, shape: { rows, dim } }: Program,
  device: GpuShape,
): GpuKernel[] | undefined {
  if (dim % 8 !== 0) return undefined;
  const { lanes, chunks } = lanesFor(dim / 4, device.warpSize);
  if (chunks > 16) return undefined;
  const threads = blockThreads(rows * lanes, device);
  return [
    {
      source: 'quantise.cu',
      entry: operator,
      defines: {
        WARP: device.warpSize,
        ELEMENT: dataType === 'int8' ? 4 : 5,
        DIM: dim,
        LANES: lanes,
        CHUNKS: chunks,
        BLOCK: threads,
      },
      grid: [blocksOf(rows, threads / lanes), 1, 1],
      block: [threads, 1, 1],
      sharedBytes: 0,
      scalars: [i32(rows)],
    },
  ];
}

/** Number of boundaries up to each value: tensors values, boundaries, out. Boundaries are searched in shared memory where they fit. */
export function bucketiseKernels(
  { shape: { values, boundaries } }: Program,
  device: GpuShape,
): GpuKernel[] | undefined {
  const isStaged = boundaries * 4 <= device.maxSharedBytes / 2;
  return [
    {
      source: 'integers.cu',
      entry: 'bucketise',
      defines: { WARP: device.warpSize, IS_STAGED: isStaged ? 1 : 0 },
      grid: [Math.min(blocksOf(values, 1024), device.units * 8), 1, 1],
      block: [256, 1, 1],
      sharedBytes: isStaged ? boundaries * 4 : 0,
      scalars: [i64(values), i32(boundaries), i32(boundaries === 0 ? 0 : powerBelow(boundaries))],
    },
  ];
}

/** Hash of ids into a table: tensors ids, out. */
export function hashKernels({ shape: { values, rows } }: Program, device: GpuShape): GpuKernel[] | undefined {
  // ⌈2⁶⁴ / rows⌉, and 0 for 2⁶⁴ itself.
  const multiplier = BigInt.asUintN(64, (2n ** 64n - 1n) / BigInt(rows) + 1n);
  return [
    {
      source: 'integers.cu',
      entry: 'hashIds',
      defines: { WARP: device.warpSize },
      grid: [Math.min(blocksOf(values, 1024), device.units * 32), 1, 1],
      block: [256, 1, 1],
      sharedBytes: 0,
      scalars: [
        i64(values),
        i32(rows),
        i32(Number(multiplier >> 32n) | 0),
        i32(Number(multiplier & 0xffffffffn) | 0),
      ],
    },
  ];
}

/** Tensors side by side, and back: tensors x, out. */
export function rearrangeKernels(
  { operator, dataType, shape: { rows, inputs, width } }: Program,
  device: GpuShape,
): GpuKernel[] | undefined {
  const element = elementOf[dataType]!;
  const per = accessElements(element, width);
  const accesses = width / per;
  return [
    {
      source: 'rearrange.cu',
      entry: operator,
      defines: { WARP: device.warpSize, BYTES: per * element.bytes },
      ...columnsLayout(rows * inputs, accesses, device),
      sharedBytes: 0,
      scalars: [i32(rows), i32(inputs), i32(accesses)],
    },
  ];
}
