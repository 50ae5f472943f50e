import type { MeasuredDataType } from '../../../hardware-profiles/operators-measured.ts';
import type { Program } from '../../device.ts';
import { type GpuKernel, type GpuShape, i32 } from './gpu-kernel.ts';
import { blocksOf, elementOf } from './layout.ts';
import { rowLaunch } from './rows.ts';

/** X·(XᵀY) as (XXᵀ)·Y, XXᵀ in scratch memory: tensors x, y, out. */
export function optimisedFmKernels(
  { dataType, shape: { batch, vectors, dim, rank } }: Program,
  device: GpuShape,
): GpuKernel[] | undefined {
  const scratchBytes = 4 * batch * vectors * vectors;
  const gram = product('GRAM', dataType, batch, { m: vectors, n: vectors, k: dim }, device);
  const apply = product('APPLY', dataType, batch, { m: vectors, n: rank, k: vectors }, device);
  return [
    { ...gram, tensors: [0], scratchBytes },
    { ...apply, tensors: [1, 2], scratchBytes },
  ];
}

/** RMS norm of an activated product, where the product lies: tensors x, w, bias, gain, out. */
export function pffnKernels(
  { dataType, shape: { batch, length, dim, width, gelu } }: Program,
  device: GpuShape,
): GpuKernel[] | undefined {
  const multiply = product('FFN', dataType, batch, { m: length, n: width, k: dim }, device);
  return [
    { ...multiply, defines: { ...multiply.defines, IS_ACTIVATED: gelu }, tensors: [0, 1, 2, 4] },
    {
      ...rowLaunch(batch * length, width, elementOf[dataType]!, device),
      source: 'norm-in-place.cu',
      entry: 'normInPlace',
      scalars: [i32(batch * length), i32(width)],
      tensors: [3, 4],
    },
  ];
}

/** One-dimensional convolution as the product of w with moved rows of x: tensors x, w, bias, out. */
export function conv1dKernels(
  { dataType, shape: { batch, inChannels, outChannels, length, taps } }: Program,
  device: GpuShape,
): GpuKernel[] | undefined {
  const size = { m: outChannels, n: length, k: inChannels * taps };
  const multiply = product('CONVOLUTION', dataType, batch, size, device);
  return [{ ...multiply, defines: { ...multiply.defines, TAPS: taps }, tensors: [1, 0, 2, 3] }];
}

const kinds = { GRAM: 0, APPLY: 1, FFN: 2, CONVOLUTION: 3 } as const;

function product(
  kind: keyof typeof kinds,
  dataType: MeasuredDataType,
  batch: number,
  { m, n, k }: Record<'m' | 'n' | 'k', number>,
  device: GpuShape,
): GpuKernel {
  const rows = m <= 16 ? 1 : m <= 32 ? 2 : 4;
  return {
    source: 'products.cu',
    entry: 'multiply',
    defines: { WARP: device.warpSize, ELEMENT: elementOf[dataType]!.number, KIND: kinds[kind], ROWS: rows },
    grid: [blocksOf(n, 64) * blocksOf(m, 16 * rows) * batch, 1, 1],
    block: [256, 1, 1],
    sharedBytes: 0,
    scalars: [i32(m), i32(n), i32(k)],
  };
}
