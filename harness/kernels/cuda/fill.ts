import { type Pattern, rowWords } from '../../patterns.ts';
import { type GpuKernel, i32, i64 } from './gpu-kernel.ts';

const elementNumber = {
  f32: 0,
  f16: 1,
  bf16: 2,
  i8: 3,
  'rows-int8': 4,
  'rows-int4': 5,
  i32: 6,
  f8: 7,
} as const;

/** Takes one memory of `words` 32-bit words that starts at a multiple of 16 bytes, and fills it with a pattern. */
export function fillKernel(pattern: Pattern, words: number): GpuKernel {
  const isHashed = pattern.kind === 'hashed';
  const isRowWise = isHashed && (pattern.element === 'rows-int8' || pattern.element === 'rows-int4');
  const poison = 8;
  const change = isHashed ? pattern.change : undefined;
  return {
    source: 'fill.cu',
    entry: 'fill',
    defines: { WARP: 32, POISON: poison, ELEMENT: isHashed ? elementNumber[pattern.element] : poison },
    // Enough for any device to be busy; the rest by strides.
    grid: [Math.max(1, Math.min(Math.ceil(words / 1024), 8192)), 1, 1],
    block: [256, 1, 1],
    sharedBytes: 0,
    scalars: [
      i64(words),
      i32((isHashed ? pattern.seed : pattern.word) | 0),
      i32(isRowWise ? rowWords(pattern.element as 'rows-int8' | 'rows-int4', pattern.rowLength) : 1),
      i32((change?.and ?? ~0) | 0),
      i32((change?.add ?? 0) | 0),
    ],
  };
}
