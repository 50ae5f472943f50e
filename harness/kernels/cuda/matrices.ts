import type { Program } from '../../device.ts';
import { int8Scale } from '../../operators/gemm.ts';
import { f32, type GpuKernel, type GpuShape, i32 } from './gpu-kernel.ts';
import { accessElements, blocksOf, elementOf } from './layout.ts';

/** D = A · Wᵀ: tensors a, w, d. */
export function gemmKernels(
  { dataType, shape: { m, n, k } }: Program,
  device: GpuShape,
): GpuKernel[] | undefined {
  return [product(dataType, { m, n, k }, false, [0, 1, 2], device)];
}

/** hidden = x · vᵀ, then y = x0 ⊙ (hidden · wᵀ + bias) + x: tensors x0, x, v, w, bias, hidden, y. */
export function crossKernels(
  { dataType, shape: { batch, width, rank } }: Program,
  device: GpuShape,
): GpuKernel[] | undefined {
  return [
    product(dataType, { m: batch, n: rank, k: width }, false, [1, 2, 5], device),
    product(dataType, { m: batch, n: width, k: rank }, true, [5, 3, 0, 4, 1, 6], device),
  ];
}

function product(
  dataType: Program['dataType'],
  { m, n, k }: Record<'m' | 'n' | 'k', number>,
  isCross: boolean,
  tensors: number[],
  device: GpuShape,
): GpuKernel {
  const element = elementOf[dataType]!;
  const per = accessElements(element, k);
  // Tiles of 128 × 128 where they fill the device, smaller ones elsewhere.
  const isLarge = blocksOf(m, 128) * blocksOf(n, 128) >= device.units;
  const [rows, quads] = isLarge ? [8, 2] : m <= 16 ? [1, 1] : [4, 1];
  return {
    source: 'gemm.cu',
    entry: 'gemm',
    defines: {
      WARP: device.warpSize,
      ELEMENT: element.number,
      PER: per,
      PACK: dataType === 'int8' && k % 4 === 0 ? 4 : 1,
      ROWS: rows,
      COLUMN_QUADS: quads,
      IS_CROSS: isCross ? 1 : 0,
      N_IS_QUADS: n % 4 === 0 ? 1 : 0,
    },
    grid: [blocksOf(n, 64 * quads), blocksOf(m, 16 * rows), 1],
    block: [256, 1, 1],
    sharedBytes: 0,
    scalars: [i32(m), i32(n), i32(k), f32(dataType === 'int8' ? int8Scale(k) : 1)],
    tensors,
  };
}
