import type { Program } from '../../device.ts';
import { type GpuKernel, type GpuShape, i32, i64 } from './gpu-kernel.ts';
import { accessElements, blocksOf, columnsLayout, elementOf } from './layout.ts';

/** Launch sizes for a device of which nothing is known: any runs them. */
const usualShape: GpuShape = { units: 128, warpSize: 32, maxSharedBytes: 48 * 1024 };

/** max(0, x + bias): tensors x, bias, out. */
export function biasActivationKernels(program: Program, device: GpuShape): GpuKernel[] | undefined {
  const { rows, n } = program.shape;
  return columnsKernel('biasActivation', program, rows, n, device);
}

/** The end of a cross layer, y = x0 ⊙ (z + bias) + x: takes x0, z, bias, x, y, all of the program's element type. */
export function crossEpilogue(program: Program, device: GpuShape = usualShape): GpuKernel {
  const { batch, width } = program.shape;
  return columnsKernel('crossEpilogue', program, batch, width, device)![0];
}

function columnsKernel(
  entry: string,
  { dataType }: Program,
  rows: number,
  n: number,
  device: GpuShape,
): GpuKernel[] | undefined {
  const element = elementOf[dataType === 'tf32' ? 'fp32' : dataType];
  if (!element) return undefined;
  const per = accessElements(element, n);
  return [
    {
      source: 'columns.cu',
      entry,
      defines: { WARP: device.warpSize, ELEMENT: element.number, PER: per },
      ...columnsLayout(rows, n / per, device),
      sharedBytes: 0,
      scalars: [i32(rows), i32(n)],
    },
  ];
}

/** Product of two or three tensors: tensors x [inputs, rows, n], out. */
export function elementwiseKernels(
  { dataType, shape: { rows, n, inputs } }: Program,
  device: GpuShape,
): GpuKernel[] | undefined {
  const element = elementOf[dataType];
  if (!element) return undefined;
  const per = accessElements(element, rows * n);
  const vectors = (rows * n) / per;
  return [
    {
      source: 'flat.cu',
      entry: 'elementwise',
      defines: { WARP: device.warpSize, ELEMENT: element.number, PER: per, INPUTS: inputs },
      grid: [Math.min(blocksOf(vectors, 512), device.units * 64), 1, 1],
      block: [256, 1, 1],
      sharedBytes: 0,
      scalars: [i64(vectors)],
    },
  ];
}

/** a · sigmoid(a) · b: tensors a, b, out. */
export function swigluKernels(
  { dataType, shape: { rows, n } }: Program,
  device: GpuShape,
): GpuKernel[] | undefined {
  const element = elementOf[dataType]!;
  const per = accessElements(element, rows * n);
  const vectors = (rows * n) / per;
  return [
    {
      source: 'gate.cu',
      entry: 'swiglu',
      defines: { WARP: device.warpSize, ELEMENT: element.number, PER: per },
      grid: [Math.min(blocksOf(vectors, 256), device.units * 64), 1, 1],
      block: [256, 1, 1],
      sharedBytes: 0,
      scalars: [i64(vectors)],
    },
  ];
}

/**
 * Reads `bytes` of its scratch buffer (rounded up to 16) and writes the sum of all 32-bit words by block, modulo 2³²,
 * as one word a block behind them. It takes no tensors; what the buffer holds is up to the caller.
 */
export function memoryStreamKernels({ shape: { bytes } }: Program, device: GpuShape): GpuKernel[] {
  const vectors = Math.ceil(bytes / 16);
  const blocks = Math.max(1, Math.min(blocksOf(vectors, 1024), device.units * 16));
  return [
    {
      source: 'flat.cu',
      entry: 'memoryStream',
      defines: { WARP: device.warpSize },
      grid: [blocks, 1, 1],
      block: [256, 1, 1],
      sharedBytes: 0,
      scalars: [i64(vectors)],
      scratchBytes: vectors * 16 + blocks * 4,
    },
  ];
}

/** A kernel that does nothing. */
export function emptyKernels(_: Program, device: GpuShape): GpuKernel[] {
  return [
    {
      source: 'flat.cu',
      entry: 'doNothing',
      defines: { WARP: device.warpSize },
      grid: [1, 1, 1],
      block: [device.warpSize, 1, 1],
      sharedBytes: 0,
      scalars: [],
    },
  ];
}
