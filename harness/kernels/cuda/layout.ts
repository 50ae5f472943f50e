import type { MeasuredDataType } from '../../../hardware-profiles/operators-measured.ts';
import type { GpuShape } from './gpu-kernel.ts';

/** How the sources call an element type, and its bytes. */
export interface CudaElement {
  number: number;
  bytes: number;
}

/** Element of a data type's arrays; undefined for those that are no plain arrays here. */
export const elementOf: Partial<Record<MeasuredDataType, CudaElement>> = {
  fp32: { number: 0, bytes: 4 },
  fp16: { number: 1, bytes: 2 },
  bf16: { number: 2, bytes: 2 },
  int8: { number: 3, bytes: 1 },
};

/** Most bytes, a power of two up to 16, that divide all of the given sizes: the width of an aligned access. */
export function accessBytes(...sizes: number[]): number {
  let bytes = 16;
  while (sizes.some((size) => size % bytes !== 0)) bytes /= 2;
  return bytes;
}

/** Elements of one access to rows of `length` elements. */
export function accessElements(element: CudaElement, length: number): number {
  return accessBytes(element.bytes * length) / element.bytes;
}

/**
 * Lanes that read a row of `vectors` vectors together, a power of two up to a warp, and vectors of each lane: as few idle
 * lanes as possible, then as many lanes as possible.
 */
export function lanesFor(
  vectors: number,
  warpSize: number,
  maxChunks = 5,
): { lanes: number; chunks: number } {
  const choices = [];
  for (let lanes = warpSize; lanes >= 1; lanes /= 2) {
    const chunks = Math.ceil(vectors / lanes);
    // More lanes than vectors by half or more: the next smaller number does as well.
    if (chunks <= maxChunks && (lanes === 1 || lanes < 2 * vectors)) choices.push({ lanes, chunks });
  }
  const idle = ({ lanes, chunks }: { lanes: number; chunks: number }) => lanes * chunks - vectors;
  const least = Math.min(...choices.map(idle));
  return (
    choices.find((choice) => idle(choice) === least) ?? {
      lanes: warpSize,
      chunks: Math.ceil(vectors / warpSize),
    }
  );
}

/** Smallest power of two that is at least x ≥ 1. */
export const powerAbove = (x: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, x)));

/** Largest power of two that is at most x; 1 for x < 1. */
export const powerBelow = (x: number): number => 2 ** Math.floor(Math.log2(Math.max(1, x)));

/** Threads of a block for work of `threads` threads in all: 256 where every unit gets some, fewer otherwise. */
export function blockThreads(threads: number, device: GpuShape, least = device.warpSize): number {
  return Math.max(least, device.warpSize, Math.min(256, powerBelow(threads / device.units)));
}

/** Integer division, rounded up. */
export const blocksOf = (work: number, perBlock: number): number => Math.ceil(work / perBlock);

/** Blocks and threads for rows of `vectors` vectors of which each thread takes a column and strides over rows. */
export function columnsLayout(
  rows: number,
  vectors: number,
  device: GpuShape,
): { grid: [number, number, number]; block: [number, number, number] } {
  const across = Math.min(256, powerAbove(vectors));
  const down = 256 / across;
  const columns = blocksOf(vectors, across);
  // About eight blocks' worth of threads on each unit, more rows by strides.
  const wanted = Math.max(1, Math.ceil((device.units * 16) / columns));
  return {
    grid: [columns, Math.min(blocksOf(rows, down), wanted, 65535), 1],
    block: [across, down, 1],
  };
}
