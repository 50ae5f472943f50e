import type { ComputeDevice, Memory } from './device.ts';
import { elementReader } from './encoding.ts';
import { memoryBytes } from './input-set.ts';
import type { TensorSpec } from './operators/operator.ts';
import { type Element, tensorBytes } from './patterns.ts';

/** Bytes that are read at once. */
const chunkBytes = 4 << 20;
/** Elements nearer to each other than this are read in one go. */
const gapBytes = 16 << 10;

/** Whether a poison shows in the values: ones in every bit are no number in any float type. */
export function tellsPoison(element: Element): boolean {
  return element === 'f32' || element === 'f16' || element === 'bf16' || element === 'f8';
}

/**
 * Reads a whole output piece by piece. `visit` gets each piece with the index of its first element and the number of
 * elements in it; pieces start at the start of a row.
 */
export async function readWhole(
  device: ComputeDevice,
  memory: Memory,
  tensor: TensorSpec,
  visit: (bytes: Uint8Array, first: number, count: number) => void,
): Promise<void> {
  const { element, length } = tensor;
  const isRowWise = element === 'rows-int8' || element === 'rows-int4';
  const unit = isRowWise ? tensor.rowLength! : 4;
  const unitBytes = tensorBytes(element, unit, tensor.rowLength);
  const total = memoryBytes(tensor);
  const step = Math.max(unitBytes, chunkBytes - (chunkBytes % unitBytes));
  for (let offset = 0; offset < total; offset += step) {
    const bytes = await device.read(memory, offset, Math.min(step, total - offset));
    const first = (offset / unitBytes) * unit;
    visit(bytes, first, Math.min((step / unitBytes) * unit, length - first));
  }
}

/** Values of some elements of a tensor without row-wise types; `indices` rise. */
export async function readElements(
  device: ComputeDevice,
  memory: Memory,
  { element }: TensorSpec,
  indices: readonly number[],
): Promise<number[]> {
  const values: number[] = [];
  const place = (index: number) => tensorBytes(element, index);
  for (let from = 0; from < indices.length; ) {
    let to = from + 1;
    while (to < indices.length && place(indices[to]) - place(indices[to - 1]) < gapBytes) to++;
    const start = 4 * Math.floor(place(indices[from]) / 4);
    const end = 4 * Math.ceil(place(indices[to - 1] + 1) / 4);
    const read = elementReader(element, await device.read(memory, start, end - start));
    const first = start / tensorBytes(element, 1);
    for (; from < to; from++) values.push(read(indices[from] - first));
  }
  return values;
}

/** Index of the first value among `count` that is no finite number, or −1. */
export function firstNotFinite(element: Element, bytes: Uint8Array, count: number): number {
  if (element === 'f32') return firstWith(asUint32(bytes, count), 0x7f800000);
  if (element === 'f16') return firstWith(asUint16(bytes, count), 0x7c00);
  if (element === 'bf16') return firstWith(asUint16(bytes, count), 0x7f80);
  return firstWith(bytes.subarray(0, count), 0x7f);
}

/** First position where all bits of the exponent are set. */
function firstWith(words: Uint32Array | Uint16Array | Uint8Array, exponent: number): number {
  for (let i = 0; i < words.length; i++) {
    if ((words[i] & exponent) === exponent) return i;
  }
  return -1;
}

function asUint32(bytes: Uint8Array, count: number): Uint32Array {
  const { buffer, byteOffset } = aligned(bytes, 4);
  return new Uint32Array(buffer, byteOffset, count);
}

function asUint16(bytes: Uint8Array, count: number): Uint16Array {
  const { buffer, byteOffset } = aligned(bytes, 2);
  return new Uint16Array(buffer, byteOffset, count);
}

function aligned(bytes: Uint8Array, to: number): Uint8Array {
  return bytes.byteOffset % to === 0 ? bytes : bytes.slice();
}
