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
 * elements in it; pieces start at the start of a row, and are gone after the visit.
 */
export async function readWhole(
  device: ComputeDevice,
  memory: Memory,
  tensor: TensorSpec,
  visit: (bytes: Uint8Array, first: number, count: number) => void,
): Promise<void> {
  const { element, length: elements } = tensor;
  const isRowWise = element === 'rows-int8' || element === 'rows-int4';
  const unit = isRowWise ? tensor.rowLength! : 4;
  const unitBytes = tensorBytes(element, unit, tensor.rowLength);
  const total = memoryBytes(tensor);
  const step = Math.max(unitBytes, chunkBytes - (chunkBytes % unitBytes));
  for (let offset = 0; offset < total; offset += step) {
    const length = Math.min(step, total - offset);
    const bytes = await (device.peek?.(memory, offset, length) ?? device.read(memory, offset, length));
    const first = (offset / unitBytes) * unit;
    visit(bytes, first, Math.min((step / unitBytes) * unit, elements - first));
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
  const isHalf = element === 'f16' || element === 'bf16';
  const values = isHalf ? asUint16(bytes, count) : bytes.subarray(0, count);
  const exponent = element === 'f16' ? 0x7c00 : element === 'bf16' ? 0x7f80 : 0x7f;
  const inWord = 4 / values.BYTES_PER_ELEMENT;
  // Whole words first, which hold several values each.
  const words = asUint32(bytes, Math.floor(count / inWord));
  const word = firstWith(words, isHalf ? exponent * 0x10001 : exponent * 0x1010101);
  const from = (word < 0 ? words.length : word) * inWord;
  const at = firstOf(values.subarray(from), exponent);
  return at < 0 ? -1 : from + at;
}

/** Words that are looked at together. */
const wordsOfBlock = 4096;

/**
 * First word with a value all bits of whose exponent are set. Added to the lowest bit of such an exponent, one carries into
 * the bit above it, and from no other; a block of words is looked at by one test of all these bits.
 * @param exponents bits of the exponent of each value of a word
 */
function firstWith(words: Uint32Array, exponents: number): number {
  const lowest = exponents & ~(exponents << 1);
  const above = (exponents << 1) & ~exponents;
  for (let start = 0; start < words.length; start += wordsOfBlock) {
    const end = Math.min(words.length, start + wordsOfBlock);
    let carried = 0;
    for (let i = start; i < end; i++) carried |= (words[i] & exponents) + lowest;
    if ((carried & above) === 0) continue;
    for (let i = start; i < end; i++) if ((((words[i] & exponents) + lowest) & above) !== 0) return i;
  }
  return -1;
}

/** First value all bits of whose exponent are set. */
function firstOf(values: Uint16Array | Uint8Array, exponent: number): number {
  for (let i = 0; i < values.length; i++) {
    if ((values[i] & exponent) === exponent) return i;
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
