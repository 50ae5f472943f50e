import type { Program } from '../../device.ts';
import { type GpuKernel, type GpuShape, i32 } from './gpu-kernel.ts';
import {
  accessElements,
  blocksOf,
  type CudaElement,
  columnsLayout,
  elementOf,
  powerAbove,
} from './layout.ts';

/** What a kernel has that goes over rows of `n` elements with some threads for each. */
export function rowLaunch(
  rows: number,
  n: number,
  element: CudaElement,
  device: GpuShape,
): Pick<GpuKernel, 'defines' | 'grid' | 'block' | 'sharedBytes'> {
  const per = accessElements(element, n);
  const threads = Math.min(256, powerAbove(n / per));
  const block = Math.max(threads, 128, device.warpSize);
  return {
    defines: { WARP: device.warpSize, ELEMENT: element.number, PER: per, THREADS: threads, BLOCK: block },
    grid: [blocksOf(rows, block / threads), 1, 1],
    block: [block, 1, 1],
    sharedBytes: 0,
  };
}

/** Softmax: tensors x, out. Cross-entropy: logits, targets, loss. */
export function softmaxKernels(
  { operator, dataType, shape }: Program,
  device: GpuShape,
): GpuKernel[] | undefined {
  const isSoftmax = operator === 'softmax';
  const { rows } = shape;
  const n = isSoftmax ? shape.n : shape.classes;
  const launch = rowLaunch(rows, n, elementOf[dataType]!, device);
  return [
    {
      ...launch,
      source: 'softmax.cu',
      entry: isSoftmax ? 'softmax' : 'crossEntropy',
      defines: { ...launch.defines, IS_SOFTMAX: isSoftmax ? 1 : 0 },
      scalars: [i32(rows), i32(n)],
    },
  ];
}

/** Gradients of RMS norm: tensors x, gain, dy, dx, dgain. */
export function rmsNormBackwardKernels(
  { dataType, shape: { rows, n } }: Program,
  device: GpuShape,
): GpuKernel[] | undefined {
  const element = elementOf[dataType]!;
  const launch = rowLaunch(rows, n, element, device);
  const per = accessElements(element, n);
  const columns = columnsLayout(rows, n / per, device);
  const stripes = columns.grid[1] * columns.block[1];
  const { WARP, ELEMENT } = launch.defines;
  const shared = {
    source: 'norm-backward.cu',
    sharedBytes: 0,
    scalars: [i32(rows), i32(n)],
    scratchBytes: 4 * (rows + stripes * n),
  };
  return [
    {
      ...shared,
      ...launch,
      entry: 'backwardRows',
      defines: { ...launch.defines, STEP: 1 },
      tensors: [0, 1, 2, 3],
    },
    {
      ...shared,
      ...columns,
      entry: 'backwardColumns',
      defines: { WARP, ELEMENT, PER: per, STEP: 2 },
      tensors: [0, 2],
    },
    {
      ...shared,
      entry: 'backwardGain',
      defines: { WARP, ELEMENT, STEP: 3 },
      grid: [blocksOf(n, 256), 1, 1],
      block: [256, 1, 1],
      scalars: [...shared.scalars, i32(stripes)],
      tensors: [4],
    },
  ];
}

/** Bytes of the keys that are sorted, which every device's block may have. */
const mostKeyBytes = 32 * 1024;

/** The largest of each row: tensors x, values, indices. */
export function topKKernels(
  { dataType, shape: { rows, n, k } }: Program,
  device: GpuShape,
): GpuKernel[] | undefined {
  const power = powerAbove(k);
  if (8 * power > mostKeyBytes) return undefined;
  return [
    {
      source: 'top-k.cu',
      entry: 'topK',
      defines: { WARP: device.warpSize, ELEMENT: elementOf[dataType]!.number, POWER: power },
      grid: [rows, 1, 1],
      block: [256, 1, 1],
      sharedBytes: 8 * power,
      scalars: [i32(n), i32(k)],
    },
  ];
}
