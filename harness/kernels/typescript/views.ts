import { decodeBf16, decodeF8, decodeF16, encodeBf16, encodeF16, roundHalfToEven } from '../../encoding.ts';
import type { Element } from '../../patterns.ts';

/** A tensor in host memory: floats and integers as themselves, small floats as their bits, row-wise types as bytes. */
export type View = Float32Array | Uint16Array | Uint8Array | Int8Array | Int32Array;

/** The tensor that lies in `bytes`, which start at a multiple of 4. */
export function viewOf(element: Element, { buffer, byteOffset, byteLength }: Uint8Array): View {
  switch (element) {
    case 'f32':
      return new Float32Array(buffer, byteOffset, byteLength / 4);
    case 'i32':
      return new Int32Array(buffer, byteOffset, byteLength / 4);
    case 'f16':
    case 'bf16':
      return new Uint16Array(buffer, byteOffset, byteLength / 2);
    case 'i8':
      return new Int8Array(buffer, byteOffset, byteLength);
    default:
      return new Uint8Array(buffer, byteOffset, byteLength);
  }
}

/** Values of `count` elements from `start` on; fp32 is not copied. */
export function toFloats(view: View, element: Element, start = 0, count = view.length - start): Float32Array {
  const stored = view.subarray(start, start + count);
  if (stored instanceof Float32Array) return stored;
  const values = new Float32Array(count);
  const table = decodingTable(element);
  if (table) for (let i = 0; i < count; i++) values[i] = table[stored[i]];
  else values.set(stored);
  return values;
}

/** Rounds values to an element and stores them from `start` on. int8 is rounded to even and cut to its range. */
export function store(view: View, element: Element, values: Float32Array, start = 0): void {
  const { length } = values;
  if (element === 'f16') for (let i = 0; i < length; i++) view[start + i] = encodeF16(values[i]);
  else if (element === 'bf16') for (let i = 0; i < length; i++) view[start + i] = encodeBf16(values[i]);
  else if (element === 'i8') for (let i = 0; i < length; i++) view[start + i] = toInt8(values[i]);
  else view.set(values, start);
}

/** Nearest integer within eight bits. */
export function toInt8(value: number): number {
  return Math.max(-128, Math.min(127, roundHalfToEven(value)));
}

const tables = new Map<Element, Float32Array>();

/** Value of each pattern of bits. */
export function decodingTable(element: Element): Float32Array | undefined {
  const known = tables.get(element);
  if (known) return known;
  const decode = { f16: decodeF16, bf16: decodeBf16, f8: decodeF8 }[element as 'f16' | 'bf16' | 'f8'];
  if (!decode) return undefined;
  const table = Float32Array.from({ length: element === 'f8' ? 256 : 65536 }, (_, bits) => decode(bits));
  tables.set(element, table);
  return table;
}
