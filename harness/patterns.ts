/**
 * What fills a tensor. Every device makes the same 32-bit words from (seed, position), so that inputs never travel
 * and a reference can look up any single value. Values are exact in their type.
 */
export type Pattern =
  | { kind: 'hashed'; element: Element; seed: number; rowLength: number; change?: WordChange }
  /** The same word everywhere: poison. */
  | { kind: 'word'; word: number };

/**
 * Makes other values of hashed words: bits that are in `and` are kept, then `add` is added modulo 2³². Without signs all
 * values are positive; more in the exponents makes them larger. Not for row-wise types.
 */
export interface WordChange {
  and: number;
  add: number;
}

/**
 * Type of a tensor's elements. `rows-int8`: rows of rowLength unsigned bytes, then an fp32 scale and an fp32 bias
 * (value = scale × byte + bias). `rows-int4`: rows of rowLength / 2 bytes, low nibble first, then an fp16 scale and an
 * fp16 bias. Both as in Caffe2's fused row-wise formats; their length counts rows × rowLength elements.
 */
export type Element = 'f32' | 'f16' | 'bf16' | 'f8' | 'i8' | 'i32' | 'rows-int8' | 'rows-int4';

/** Bytes of a tensor of `length` elements; row-wise types need rows of a multiple of 8 elements. */
export function tensorBytes(element: Element, length: number, rowLength = 1): number {
  switch (element) {
    case 'f32':
    case 'i32':
      return 4 * length;
    case 'f16':
    case 'bf16':
      return 2 * length;
    case 'f8':
    case 'i8':
      return length;
    case 'rows-int8':
      return (length / rowLength) * (rowLength + 8);
    case 'rows-int4':
      return (length / rowLength) * (rowLength / 2 + 4);
  }
}

/** 32-bit words of one stored row of a row-wise type. */
export function rowWords(element: 'rows-int8' | 'rows-int4', rowLength: number): number {
  return element === 'rows-int8' ? rowLength / 4 + 2 : rowLength / 8 + 1;
}

/** The hash behind every pattern: murmur3's finaliser over position and seed, as an unsigned 32-bit integer. */
export function hashWord(position: number, seed: number): number {
  let h = (Math.imul(position, 0x9e3779b1) + seed) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * Value of element `index` of a hashed tensor:
 * - f32: (h >> 8) / 2²³ − 1, h the hash of word `index`
 * - f16, bf16: two to a word; (byte 0 or byte 2 of h − 128) / 128
 * - f8 (e4m3): four to a word; (low nibble of its byte − 8) / 8
 * - i8: four to a word; its byte as a signed number
 * - i32: h >> 1
 * - rows: a byte of h (or a nibble); the row's scale is (1 + h mod 128) / 2¹⁴ for int8 and (1 + h mod 64) / 2¹⁰
 *   for int4, its bias (byte 0 for int8, byte 2 for int4 − 128) / 128, h being the hash of the word that holds it
 */
export function hashedValue(element: Element, index: number, seed: number, rowLength = 1): number {
  switch (element) {
    case 'f32':
      return (hashWord(index, seed) >>> 8) / 2 ** 23 - 1;
    case 'f16':
    case 'bf16':
      return (((hashWord(Math.floor(index / 2), seed) >>> (16 * (index & 1))) & 255) - 128) / 128;
    case 'f8':
      return (((hashWord(Math.floor(index / 4), seed) >>> (8 * (index & 3))) & 15) - 8) / 8;
    case 'i8':
      return ((hashWord(Math.floor(index / 4), seed) >>> (8 * (index & 3))) << 24) >> 24;
    case 'i32':
      return hashWord(index, seed) >>> 1;
    case 'rows-int8':
    case 'rows-int4':
      return rowWiseValue(element, index, seed, rowLength);
  }
}

/**
 * `count` values of a hashed tensor in a row: small ones share their word, which is hashed once.
 * @param valueOfByte what the one byte of a hash that counts comes to, for types of less than 32 bits
 */
export function hashedValues(
  element: Element,
  start: number,
  count: number,
  seed: number,
  rowLength = 1,
  valueOfByte: ArrayLike<number> | undefined = valuesOfBytes[element],
): Float64Array {
  const values = new Float64Array(count);
  const bytes = valueOfByte;
  if (bytes) {
    const inWord = element === 'f8' || element === 'i8' ? 4 : 2;
    const bits = 32 / inWord;
    let place = start % inWord;
    let position = (start - place) / inWord;
    for (let i = 0; i < count; position++) {
      const h = hashWord(position, seed);
      for (; place < inWord && i < count; place++) values[i++] = bytes[(h >>> (bits * place)) & 255];
      place = 0;
    }
  } else if (element === 'f32') {
    for (let i = 0; i < count; i++) values[i] = (hashWord(start + i, seed) >>> 8) / 2 ** 23 - 1;
  } else {
    for (let i = 0; i < count; i++) values[i] = hashedValue(element, start + i, seed, rowLength);
  }
  return values;
}

const halves = Float64Array.from({ length: 256 }, (_, byte) => (byte - 128) / 128);

/** Value of the one byte of a hash that counts. */
const valuesOfBytes: Partial<Record<Element, Float64Array>> = {
  f16: halves,
  bf16: halves,
  f8: Float64Array.from({ length: 256 }, (_, byte) => ((byte & 15) - 8) / 8),
  i8: Float64Array.from({ length: 256 }, (_, byte) => (byte << 24) >> 24),
};

function rowWiseValue(
  element: 'rows-int8' | 'rows-int4',
  index: number,
  seed: number,
  rowLength: number,
): number {
  const row = Math.floor(index / rowLength);
  const column = index - row * rowLength;
  const first = row * rowWords(element, rowLength);
  if (element === 'rows-int8') {
    const byte = (hashWord(first + (column >> 2), seed) >>> (8 * (column & 3))) & 255;
    const scale = (1 + (hashWord(first + rowLength / 4, seed) & 127)) / 2 ** 14;
    const bias = ((hashWord(first + rowLength / 4 + 1, seed) & 255) - 128) / 128;
    return scale * byte + bias;
  }
  const nibble = (hashWord(first + (column >> 3), seed) >>> (4 * (column & 7))) & 15;
  const last = hashWord(first + rowLength / 8, seed);
  return ((1 + (last & 63)) / 2 ** 10) * nibble + (((last >>> 16) & 255) - 128) / 128;
}
