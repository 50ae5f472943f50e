/** Errors of predicted times, as shares of the measured ones. */
export interface ErrorStatistics {
  points: number;
  /** Median, mean and 90th percentile of the absolute error. */
  median: number;
  mean: number;
  p90: number;
  /** Mean signed error: above 0 is predicted too slow. */
  bias: number;
}

/** @param predictions log of predicted over measured time of each point, at least one */
export function errorStatistics(predictions: readonly { error: number }[]): ErrorStatistics {
  const signed = predictions.map(({ error }) => Math.expm1(error));
  const absolute = signed.map(Math.abs).sort((a, b) => a - b);
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  return {
    points: absolute.length,
    median: quantile(absolute, 0.5),
    mean: mean(absolute),
    p90: quantile(absolute, 0.9),
    bias: mean(signed),
  };
}

/** Quantile of sorted values with linear interpolation; 0 of none. */
export function quantile(sorted: readonly number[], p: number): number {
  if (sorted.length === 0) return 0;
  const position = p * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
}
