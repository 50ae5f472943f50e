import type { Pass } from '../../kernels/wgsl/pass.ts';
import { type Element, type Pattern, rowWords } from '../../patterns.ts';

/** Threads of a workgroup, each filling one word. */
export const fillThreads = 256;

/** Patterns that one pipeline fills: the seed, or the word, comes from a buffer. */
export function fillName(pattern: Pattern): string {
  if (pattern.kind === 'word') return 'word';
  const { element, rowLength } = pattern;
  return element.startsWith('rows-') ? `${element} ${rowLength}` : element;
}

/** The pass that fills any memory; its second buffer holds what `fillParameters` gives. */
export function fillPass(pattern: Pattern): Pass {
  const value =
    pattern.kind === 'word'
      ? 'parameters[0]'
      : `((${wordOf[pattern.element](pattern.rowLength)}) & parameters[2]) + parameters[3]`;
  return {
    name: 'fill',
    bindings: [
      { name: 'out', tensor: 0, type: 'u32', written: true },
      { name: 'parameters', tensor: 1, type: 'u32' },
    ],
    threads: fillThreads,
    groups: 2 ** 31,
    declarations: `
fn hash(position: u32) -> u32 {
  var h = position * 0x9e3779b1u + parameters[0];
  h = (h ^ (h >> 16u)) * 0x85ebca6bu;
  h = (h ^ (h >> 13u)) * 0xc2b2ae35u;
  return h ^ (h >> 16u);
}
fn eighth(h: u32) -> u32 {
  // Values (code − 8) / 8 as e4m3, by code.
  var codes = array<u32, 16>(
    0xb8u, 0xb6u, 0xb4u, 0xb2u, 0xb0u, 0xacu, 0xa8u, 0xa0u, 0x00u, 0x20u, 0x28u, 0x2cu, 0x30u, 0x32u, 0x34u, 0x36u);
  return codes[h & 15u] | (codes[(h >> 8u) & 15u] << 8u) | (codes[(h >> 16u) & 15u] << 16u) | (codes[(h >> 24u) & 15u] << 24u);
}
fn signed(h: u32) -> vec2<f32> {
  return (vec2<f32>(f32(h & 255u), f32((h >> 16u) & 255u)) - 128) * 0x1p-7f;
}
fn rowsInt8(i: u32, words: u32) -> u32 {
  let h = hash(i);
  let column = i % words;
  if (column == words - 2u) { return bitcast<u32>(f32(1u + (h & 127u)) * 0x1p-14f); }
  if (column == words - 1u) { return bitcast<u32>(signed(h).x); }
  return h;
}
fn rowsInt4(i: u32, words: u32) -> u32 {
  let h = hash(i);
  if (i % words < words - 1u) { return h; }
  return pack2x16float(vec2<f32>(f32(1u + (h & 63u)) * 0x1p-10f, signed(h).y));
}`,
    code: `
  let i = group * THREADS + lane;
  if (i < parameters[1]) { out[i] = ${value}; }`,
  };
}

/** The seed or the word, the number of words to fill, and how hashed words are changed. */
export function fillParameters(pattern: Pattern, words: number): Uint32Array<ArrayBuffer> {
  if (pattern.kind === 'word') return Uint32Array.of(pattern.word, words, 0, 0);
  const { and, add } = pattern.change ?? { and: ~0, add: 0 };
  return Uint32Array.of(pattern.seed, words, and, add);
}

/** Word `i` of a hashed memory, as WGSL. */
const wordOf: Record<Element, (rowLength: number) => string> = {
  f32: () => 'bitcast<u32>(f32(hash(i) >> 8u) * 0x1p-23f - 1)',
  f16: () => 'pack2x16float(signed(hash(i)))',
  bf16: () => '(bitcast<u32>(signed(hash(i)).x) >> 16u) | (bitcast<u32>(signed(hash(i)).y) & 0xffff0000u)',
  f8: () => 'eighth(hash(i))',
  i8: () => 'hash(i)',
  i32: () => 'hash(i) >> 1u',
  'rows-int8': (rowLength) => `rowsInt8(i, ${rowWords('rows-int8', rowLength)}u)`,
  'rows-int4': (rowLength) => `rowsInt4(i, ${rowWords('rows-int4', rowLength)}u)`,
};
