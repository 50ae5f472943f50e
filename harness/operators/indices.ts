import type { RandomStream } from '../../foundation/random.ts';

/**
 * Row ids by a Zipf law of any exponent ≥ 0 (0: uniform) over `rows`. Popular ids are scattered over the table by
 * a bijection, as hashing does: rank r is row r × step mod rows. Exact up to 10⁸ rows.
 */
export function zipfIndices(random: RandomStream, count: number, rows: number, skew: number): Int32Array {
  const indices = new Int32Array(count);
  const step = scatterStep(rows);
  for (let i = 0; i < count; i++) {
    const rank = skew > 0 ? zipfRank(random, rows, skew) : Math.floor(random.uniform() * rows);
    indices[i] = (rank * step) % rows;
  }
  return indices;
}

/** A rank from 0, by inversion of the continuous bounded Pareto law with rejection (Hörmann and Derflinger 1996). */
function zipfRank(random: RandomStream, rows: number, s: number): number {
  // Integral of x^-s and its inverse, on [½, rows + ½].
  const h = (x: number) => (s === 1 ? Math.log(x) : (x ** (1 - s) - 1) / (1 - s));
  const inverse = (y: number) => (s === 1 ? Math.exp(y) : (1 + y * (1 - s)) ** (1 / (1 - s)));
  const low = h(1.5) - 1;
  const high = h(rows + 0.5);
  for (;;) {
    const u = high + random.uniform() * (low - high);
    const x = inverse(u);
    const k = Math.min(rows, Math.max(1, Math.floor(x + 0.5)));
    if (u >= h(k + 0.5) - k ** -s) return k - 1;
  }
}

/** A multiplier near the golden section of `rows` that has no factor in common with it. */
function scatterStep(rows: number): number {
  if (rows < 3) return 1;
  for (let step = Math.floor(rows * 0.6180339887) | 1; ; step += 2) {
    if (gcd(step, rows) === 1) return step;
  }
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
