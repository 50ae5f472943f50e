import { studentQuantile } from './student.ts';

/** An estimate with its confidence interval; no interval from a single observation. */
export interface Interval {
  mean: number;
  low?: number | undefined;
  high?: number | undefined;
  /** Half-width that is owed to the cost model's own error, which the interval holds beside that of sampling. */
  cost?: number | undefined;
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

/**
 * An interval that also holds the cost model's own error. Each replication was simulated twice from the same random
 * numbers, with the nominal cost model and with one that is off as far as it may be; the root mean square of the log
 * ratios (of the differences, where values are not all positive), times Student's t, is the half-width owed to it.
 * Both half-widths are independent and add in quadrature.
 * @param values of the nominal replications, whose interval this is
 * @param perturbed the same replications with the other cost model; none leaves the interval as it is
 */
export function withCostError(
  sampled: Interval,
  values: readonly number[],
  perturbed: readonly number[],
  level: number,
): Interval {
  const { mean, low, high } = sampled;
  if (perturbed.length === 0 || low === undefined || high === undefined) return sampled;
  const cost = studentQuantile(0.5 + level / 2, values.length) * costDeviation(values, perturbed);
  if (cost === 0) return sampled;
  const half = Math.hypot((high - low) / 2, cost);
  return { mean, low: mean - half, high: mean + half, cost };
}

function costDeviation(values: readonly number[], perturbed: readonly number[]): number {
  const arePositive = values.every((value, index) => value > 0 && perturbed[index] > 0);
  const distance = (value: number, other: number) => (arePositive ? Math.log(other / value) : other - value);
  const squares = values.reduce((sum, value, index) => sum + distance(value, perturbed[index]) ** 2, 0);
  const deviation = Math.sqrt(squares / values.length);
  if (!arePositive) return deviation;
  return (deviation * values.reduce((sum, value) => sum + value, 0)) / values.length;
}

/** The half-width that sampling adds: more replications narrow it, not the cost model's part. 0 without an interval. */
export function samplingHalf({ mean, high = mean, cost = 0 }: Interval): number {
  return Math.sqrt(Math.max(0, (high - mean) ** 2 - cost ** 2));
}
