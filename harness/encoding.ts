import type { Element } from './patterns.ts';

/** Small floats as bits, both ways. Encoders round to the nearest value, ties to even. */

const float = new Float32Array(1);
const word = new Uint32Array(float.buffer);

/** Value of fp16 bits. */
export function decodeF16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? (sign * fraction) / 2 ** 24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** fp16 bits of a value; what is too large becomes infinite. */
export function encodeF16(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size >= 65520) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | roundHalfToEven(size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  // The logarithm may land on the neighbour of a power of two.
  const exact = size < 2 ** exponent ? exponent - 1 : size >= 2 ** (exponent + 1) ? exponent + 1 : exponent;
  // A fraction that rounds up to 1024 carries into the exponent, as it should.
  return sign | (((exact + 15) << 10) + roundHalfToEven((size / 2 ** exact - 1) * 1024));
}

/** Value of bf16 bits. */
export function decodeBf16(bits: number): number {
  word[0] = bits << 16;
  return float[0];
}

/** bf16 bits of a value. */
export function encodeBf16(value: number): number {
  float[0] = value;
  const bits = word[0];
  if (Number.isNaN(float[0])) return (bits >>> 16) | 0x40;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

/** Value of fp8 e4m3 bits (no infinities; all ones is NaN). */
export function decodeF8(bits: number): number {
  const sign = bits & 0x80 ? -1 : 1;
  const exponent = (bits >>> 3) & 15;
  const fraction = bits & 7;
  if (exponent === 15 && fraction === 7) return Number.NaN;
  return exponent === 0 ? (sign * fraction) / 2 ** 9 : sign * (1 + fraction / 8) * 2 ** (exponent - 7);
}

/** Nearest integer; halves go to the even one. */
export function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

/** Reads element `index` of stored values that start with the first byte of `bytes`, at the start of a row. */
export function elementReader(element: Element, bytes: Uint8Array, rowLength = 1): (index: number) => number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (element) {
    case 'f32':
      return (index) => view.getFloat32(4 * index, true);
    case 'f16':
      return (index) => decodeF16(view.getUint16(2 * index, true));
    case 'bf16':
      return (index) => decodeBf16(view.getUint16(2 * index, true));
    case 'f8':
      return (index) => decodeF8(bytes[index]);
    case 'i8':
      return (index) => view.getInt8(index);
    case 'i32':
      return (index) => view.getInt32(4 * index, true);
    case 'rows-int8':
      return (index) => {
        const column = index % rowLength;
        const row = ((index - column) / rowLength) * (rowLength + 8);
        const scale = view.getFloat32(row + rowLength, true);
        return scale * bytes[row + column] + view.getFloat32(row + rowLength + 4, true);
      };
    case 'rows-int4':
      return (index) => {
        const column = index % rowLength;
        const row = ((index - column) / rowLength) * (rowLength / 2 + 4);
        const code = (bytes[row + (column >> 1)] >>> (4 * (column & 1))) & 15;
        const scale = decodeF16(view.getUint16(row + rowLength / 2, true));
        return scale * code + decodeF16(view.getUint16(row + rowLength / 2 + 2, true));
      };
  }
}
