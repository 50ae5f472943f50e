import type { RandomStream } from '../../foundation/random.ts';

/**
 * Row ids by a Zipf law of any exponent ≥ 0 (0: uniform) over `rows`. Popular ids are scattered over the table by
 * a bijection, as hashing does: rank r from 0 is row (r + 1) × step mod rows. Exact up to 10⁸ rows.
 */
export function zipfIndices(random: RandomStream, count: number, rows: number, skew: number): Int32Array {
  const indices = new Int32Array(count);
  const step = scatterStep(rows);
  const rank = skew > 0 ? zipfRanks(random, rows, skew) : () => random.below(rows);
  for (let i = 0; i < count; i++) indices[i] = ((rank() + 1) * step) % rows;
  return indices;
}

/** The first or the last of `count` things. */
export function edgeOf(random: RandomStream, count: number): number {
  return random.below(2) * (count - 1);
}

/** Draws ranks from 0, by inversion of the continuous law with rejection (Hörmann and Derflinger 1996). */
function zipfRanks(random: RandomStream, rows: number, s: number): () => number {
  // Integral of x^-s from 1 and its inverse; expm1 and log1p keep their digits where s is near 1.
  const power = 1 - s;
  const integral = (x: number) => (power === 0 ? Math.log(x) : Math.expm1(power * Math.log(x)) / power);
  const inverse = (y: number) => Math.exp(power === 0 ? y : Math.log1p(y * power) / power);
  const low = integral(1.5) - 1;
  const high = integral(rows + 0.5);
  // Left of an integer by no more than this, x is accepted whatever the integer.
  const sure = 2 - inverse(integral(2.5) - 2 ** -s);
  return () => {
    for (;;) {
      const u = high + random.uniform() * (low - high);
      const x = inverse(u);
      const k = Math.min(rows, Math.max(1, Math.floor(x + 0.5)));
      if (k - x <= sure || u >= integral(k + 0.5) - k ** -s) return k - 1;
    }
  };
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
