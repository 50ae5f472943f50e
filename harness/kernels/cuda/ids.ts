import type { Program } from '../../device.ts';
import { type GpuKernel, type GpuShape, i32, i64, type Scalar } from './gpu-kernel.ts';
import { blocksOf } from './layout.ts';

/** Dense ids: tensors values, table, out. */
export function mapIdKernels(
  { dataType, shape: { values, ids } }: Program,
  device: GpuShape,
): GpuKernel[] | undefined {
  return [valueKernel('mapId', values, dataType === 'fp32' ? 0 : 6, [i32(ids)], device)];
}

/** Buckets numbered over all features: tensors x, borders, firstBuckets, out. */
export function mergeBucketisedKernels(
  { shape: { batch, features, borders } }: Program,
  device: GpuShape,
): GpuKernel[] | undefined {
  return [valueKernel('mergeBucketised', features * batch, 0, [i32(batch), i32(borders)], device)];
}

function valueKernel(
  entry: string,
  values: number,
  element: number,
  scalars: Scalar[],
  device: GpuShape,
): GpuKernel {
  return {
    source: 'ids.cu',
    entry,
    defines: { WARP: device.warpSize, ELEMENT: element },
    grid: [Math.min(blocksOf(values, 256), device.units * 32), 1, 1],
    block: [256, 1, 1],
    sharedBytes: 0,
    scalars: [i64(values), ...scalars],
  };
}
