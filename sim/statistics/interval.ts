import { studentQuantile } from './student.ts';

/** An estimate with its confidence interval; no interval from a single observation. */
export interface Interval {
  mean: number;
  low?: number | undefined;
  high?: number | undefined;
}

/**
 * Mean of independent replications with Student's t interval.
 * @param level confidence, such as 0.95
 */
export function interval(values: readonly number[], level: number): Interval {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n < 2) return { mean };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const half = studentQuantile(0.5 + level / 2, n - 1) * Math.sqrt(variance / n);
  return { mean, low: mean - half, high: mean + half };
}

/**
 * Relative difference of paired replications, value / base − 1. With common random numbers the pairs move
 * together, so this interval is much narrower than the two it is made from.
 */
export function relativeDifference(
  values: readonly number[],
  bases: readonly number[],
  level: number,
): Interval {
  return interval(
    values.map((value, index) => value / bases[index] - 1),
    level,
  );
}
