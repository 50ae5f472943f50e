import type { AccessSkew } from './model.ts';

/**
 * Share of a table's lookups that read its most popular rows: `hottest / rows` where all are alike, else
 * H(hottest) / H(rows) with H(n) = Σ r^−exponent over the ranks 1 … n (derived).
 */
export function hottestShare(skew: AccessSkew, rows: number, hottest: number): number {
  if (hottest >= rows) return 1;
  if (skew.kind === 'uniform') return hottest / rows;
  return harmonic(hottest, skew.exponent) / harmonic(rows, skew.exponent);
}

/** Ranks that are summed one by one; the others by the Euler–Maclaurin formula, which is exact to eight digits there. */
const summed = 64;

/** Σ r^−s over r = 1 … n. */
function harmonic(n: number, s: number): number {
  let sum = 0;
  for (let rank = 1; rank <= Math.min(n, summed); rank++) sum += rank ** -s;
  return n <= summed ? sum : sum + tail(summed, n, s);
}

/** Σ r^−s over r = first + 1 … last. */
function tail(first: number, last: number, s: number): number {
  const value = (x: number) => x ** -s;
  const slope = (x: number) => -s * x ** (-s - 1);
  return integral(first, last, s) + (value(last) - value(first)) / 2 + (slope(last) - slope(first)) / 12;
}

/** ∫ x^−s from a to b, also where s is next to 1. */
function integral(a: number, b: number, s: number): number {
  const logRatio = Math.log(b / a);
  const power = 1 - s;
  return a ** power * (Math.abs(power * logRatio) < 1e-12 ? logRatio : Math.expm1(power * logRatio) / power);
}
