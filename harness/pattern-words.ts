import { encodeBf16, encodeF16 } from './encoding.ts';
import { type Element, hashedValue, hashWord, type Pattern, rowWords } from './patterns.ts';

/** The 32-bit words of a filled memory by position: the values of `hashedValue`, encoded. */
export function patternWords(pattern: Pattern): (position: number) => number {
  if (pattern.kind === 'word') {
    const word = pattern.word >>> 0;
    return () => word;
  }
  const { element, seed, rowLength, change } = pattern;
  const wordAt = hashedWords(element, seed, rowLength);
  if (!change) return wordAt;
  const { and, add } = change;
  return (position) => ((wordAt(position) & and) + add) >>> 0;
}

function hashedWords(element: Element, seed: number, rowLength: number): (position: number) => number {
  switch (element) {
    case 'f32':
      return (position) => floatBits(hashedValue('f32', position, seed));
    case 'f16':
      return halves(f16Bits, seed);
    case 'bf16':
      return halves(bf16Bits, seed);
    case 'f8':
      return (position) => {
        const h = hashWord(position, seed);
        const byte = (shift: number) => f8Bits[(h >>> shift) & 15] << shift;
        return (byte(0) | byte(8) | byte(16) | byte(24)) >>> 0;
      };
    case 'i8':
      return (position) => hashWord(position, seed);
    case 'i32':
      return (position) => hashWord(position, seed) >>> 1;
    case 'rows-int8':
      return rowsInt8(seed, rowLength);
    case 'rows-int4':
      return rowsInt4(seed, rowLength);
  }
}

/** Fills words that lie from `first` on in a memory. */
export function fillWords(words: Uint32Array, pattern: Pattern, first = 0): void {
  if (pattern.kind === 'word') {
    words.fill(pattern.word);
    return;
  }
  const wordAt = patternWords(pattern);
  for (let i = 0; i < words.length; i++) words[i] = wordAt(first + i);
}

const f16Bits = Uint16Array.from({ length: 256 }, (_, byte) => encodeF16((byte - 128) / 128));
const bf16Bits = Uint16Array.from({ length: 256 }, (_, byte) => encodeBf16((byte - 128) / 128));
/** e4m3 of (nibble − 8) / 8: −1 is 0xB8, 1/8 is 0x20. */
const f8Bits = Uint8Array.of(
  ...[0xb8, 0xb6, 0xb4, 0xb2, 0xb0, 0xac, 0xa8, 0xa0],
  ...[0x00, 0x20, 0x28, 0x2c, 0x30, 0x32, 0x34, 0x36],
);

/** Bits of a value of a small type, by the one byte of a hash that counts. */
export function bitsOfByte(element: Element, byte: number): number {
  switch (element) {
    case 'f16':
      return f16Bits[byte];
    case 'bf16':
      return bf16Bits[byte];
    case 'f8':
      return f8Bits[byte & 15];
    default:
      return byte;
  }
}

function halves(bits: Uint16Array, seed: number): (position: number) => number {
  return (position) => {
    const h = hashWord(position, seed);
    return (bits[h & 255] | (bits[(h >>> 16) & 255] << 16)) >>> 0;
  };
}

function rowsInt8(seed: number, rowLength: number): (position: number) => number {
  const words = rowWords('rows-int8', rowLength);
  return (position) => {
    const h = hashWord(position, seed);
    const place = position % words;
    if (place < words - 2) return h;
    return floatBits(place === words - 2 ? (1 + (h & 127)) / 2 ** 14 : ((h & 255) - 128) / 128);
  };
}

function rowsInt4(seed: number, rowLength: number): (position: number) => number {
  const words = rowWords('rows-int4', rowLength);
  return (position) => {
    const h = hashWord(position, seed);
    if (position % words < words - 1) return h;
    return (encodeF16((1 + (h & 63)) / 2 ** 10) | (f16Bits[(h >>> 16) & 255] << 16)) >>> 0;
  };
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

function floatBits(value: number): number {
  float[0] = value;
  return bits[0];
}
