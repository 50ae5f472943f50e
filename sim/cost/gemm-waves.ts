import type { Rates } from '../../hardware-profiles/measurements.ts';

/** D[m, n] = A[m, k] · W[n, k]ᵀ. */
export interface GemmShape {
  m: number;
  n: number;
  k: number;
}

/** Tiles of D that matrix kernels compute at once, the usual ones of libraries. */
const tiles: readonly (readonly [m: number, n: number])[] = [
  [256, 128],
  [128, 256],
  [128, 128],
  [128, 64],
  [64, 128],
  [64, 64],
  [64, 32],
  [32, 64],
  [16, 64],
  [64, 16],
];

/** Parts that the sum over k may be split into when there are fewer tiles than multiprocessors. */
const splits: readonly number[] = [1, 2, 4, 8, 16];

/** Terms of a tile's sum that are loaded together. */
const slab = 64;

/**
 * Seconds of a GEMM's arithmetic by the best of the usual tilings: its tiles are dealt to the multiprocessors in
 * whole waves, and a tile takes as long as its arithmetic, its loads or its chain of slabs, whichever is longest.
 * @param units multiprocessors
 * @param rates of the whole device; `rereadBytesPerS` is that of loads from the shared cache, `stepS` the latency of
 *   one term of the sum
 */
export function waveSeconds(
  { m, n, k }: GemmShape,
  elementBytes: number,
  units: number,
  { flopPerS, rereadBytesPerS, stepS }: Rates,
): number {
  const flopS = units / flopPerS;
  const loadS = (units * elementBytes) / rereadBytesPerS;
  const partialS = 8 / rereadBytesPerS;
  let best = Number.POSITIVE_INFINITY;
  for (const [tileM, tileN] of tiles) {
    const count = Math.ceil(m / tileM) * Math.ceil(n / tileN);
    const termS = Math.max(2 * tileM * tileN * flopS, (tileM + tileN) * loadS, stepS);
    for (const split of splits) {
      const terms = Math.ceil(k / split / slab) * slab;
      if (split > 1 && terms * (split - 1) >= k) break;
      const waves = Math.ceil((count * split) / units);
      const reduceS = split > 1 ? split * m * n * partialS : 0;
      const seconds = waves * terms * termS + reduceS;
      if (seconds < best) best = seconds;
      if (count * split >= units) break;
    }
  }
  return best;
}
