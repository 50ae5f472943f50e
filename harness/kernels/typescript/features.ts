import type { TypescriptKernel } from './kernel.ts';

export const bucketise: TypescriptKernel = ([values, boundaries, out], shape) => {
  for (let i = 0; i < shape.values; i++) {
    const value = values[i];
    let low = 0;
    let high = shape.boundaries;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (value >= boundaries[middle]) low = middle + 1;
      else high = middle;
    }
    out[i] = low;
  }
};

export const hash: TypescriptKernel = ([ids, out], { values, rows }) => {
  for (let i = 0; i < values; i++) {
    let h = ids[i];
    h ^= h >>> 16;
    h = Math.imul(h, 0x85ebca6b);
    h ^= h >>> 13;
    h = Math.imul(h, 0xc2b2ae35);
    h ^= h >>> 16;
    out[i] = (h >>> 0) % rows;
  }
};
