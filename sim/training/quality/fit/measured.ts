import { normalQuantile } from '../../../statistics/student.ts';
import type { ExperimentDifference } from '../../experiment-result.ts';

/** A figure of an experiment with its standard deviation. */
export interface Measured {
  mean: number;
  sd: number;
}

/**
 * A paired difference as a normal variate. Its intervals over seeds and over days tell of two causes, so their
 * half-widths add in quadrature; Student's t in the former makes up for few seeds.
 * @param level confidence of the intervals
 */
export function measuredOf({ mean, overSeeds, overDays }: ExperimentDifference, level: number): Measured {
  const half = (bounds: { low: number; high: number } | undefined) =>
    bounds ? (bounds.high - bounds.low) / 2 : 0;
  return { mean, sd: Math.hypot(half(overSeeds), half(overDays)) / normalQuantile(0.5 + level / 2) };
}

/** The mean of figures that err together, since they share seeds and days: it is as unsure as they are on average. */
export function meanOf(figures: readonly Measured[]): Measured {
  const mean = (of: (figure: Measured) => number) =>
    figures.reduce((sum, figure) => sum + of(figure), 0) / figures.length;
  return { mean: mean((figure) => figure.mean), sd: mean((figure) => figure.sd) };
}
