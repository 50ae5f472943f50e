import type { Program } from '../../device.ts';
import { eventTotals } from '../../operators/event-truncate.ts';
import { type GpuKernel, type GpuShape, i32 } from './gpu-kernel.ts';
import { accessElements, columnsLayout, elementOf } from './layout.ts';

/** Packed rows to padded ones: tensors values, offsets, out. */
export function jaggedToPaddedKernels(
  { dataType, shape: { batch, padded, dim } }: Program,
  device: GpuShape,
): GpuKernel[] | undefined {
  const element = elementOf[dataType]!;
  const per = accessElements(element, dim);
  return [
    {
      source: 'jagged.cu',
      entry: 'jaggedToPadded',
      defines: { WARP: device.warpSize, BYTES: per * element.bytes },
      ...columnsLayout(batch * padded, dim / per, device),
      sharedBytes: 0,
      scalars: [i32(batch * padded), i32(padded), i32(dim / per)],
    },
  ];
}

/** The first events of each sample: tensors outerLengths, innerLengths, values, and the same three of what stays. */
export function eventTruncateKernels({ shape }: Program, device: GpuShape): GpuKernel[] | undefined {
  const { batch, kept, features, length } = shape;
  const totals = eventTotals(shape);
  const kernel = (
    entry: string,
    blocks: number,
    threads: number,
    tensors: number[],
    scalars: number[],
  ): GpuKernel => ({
    source: 'event-truncate.cu',
    entry,
    defines: { WARP: device.warpSize },
    grid: [blocks, 1, 1],
    block: [threads, 1, 1],
    sharedBytes: 0,
    scalars: scalars.map(i32),
    tensors,
    scratchBytes: 4 * (2 * batch + features * (totals.events + 1) + features * batch),
  });
  return [
    kernel('startsOfSamples', 1, 256, [0, 3], [batch, kept]),
    kernel('startsOfValues', features, 256, [1, 3], [batch, totals.events]),
    kernel(
      'copyEvents',
      features * batch,
      128,
      [1, 2, 3, 4, 5],
      [batch, features, totals.events, totals.kept, length],
    ),
  ];
}
