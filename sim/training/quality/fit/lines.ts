/** Straight lines of one slope. */
export interface Lines {
  slope: number;
  intercepts: number[];
  /** Sum of squared residuals. */
  squares: number;
  /** Standard deviation around the lines by the degrees of freedom that are left; NaN with none. */
  misfit: number;
}

/**
 * Straight lines of one slope and an intercept each, by least squares.
 * @param columns values at `xs`, one line each; a column with NaN is left out, and its intercept is NaN
 * @param slopeOfOne where the xs do not differ, or nothing is left
 */
export function commonLine(
  xs: readonly number[],
  columns: readonly (readonly number[])[],
  slopeOfOne = Number.NaN,
): Lines {
  const whole = columns.filter((column) => !column.some(Number.isNaN));
  const meanX = mean(xs);
  const over = (of: (x: number, y: number) => number) =>
    whole.reduce((sum, ys) => {
      const meanY = mean(ys);
      return sum + xs.reduce((part, x, at) => part + of(x - meanX, ys[at] - meanY), 0);
    }, 0);
  const spread = over((x) => x * x);
  const slope = spread > 0 ? over((x, y) => x * y) / spread : slopeOfOne;
  const degrees = whole.length * (xs.length - 1) - 1;
  const squares = over((x, y) => (y - slope * x) ** 2);
  return {
    slope,
    intercepts: columns.map((ys) => mean(ys) - slope * meanX),
    squares,
    misfit: degrees > 0 ? Math.sqrt(squares / degrees) : Number.NaN,
  };
}

/** The slope of one line by least squares; NaN where there is none. */
export function slopeOf(xs: readonly number[], ys: readonly number[]): number {
  return commonLine(xs, [ys]).slope;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
