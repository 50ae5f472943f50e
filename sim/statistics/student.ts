/**
 * Quantile of the standard normal distribution: Acklam's rational approximation, relative error below 1.2e-9.
 * @param p in (0, 1)
 */
export function normalQuantile(p: number): number {
  const a = [
    -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716,
    2.506628277459239,
  ];
  const b = [
    -54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1,
  ];
  const c = [
    -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ];
  const d = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1];
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    return polynomial(c, q) / polynomial(d, q);
  }
  if (p > 1 - 0.02425) return -normalQuantile(1 - p);
  const q = p - 0.5;
  return (polynomial(a, q * q) * q) / polynomial(b, q * q);
}

function polynomial(coefficients: number[], x: number): number {
  return coefficients.reduce((value, coefficient) => value * x + coefficient, 0);
}

/**
 * Quantile of Student's t with `degrees` degrees of freedom, by bisection on its distribution function
 * (finite sums for whole degrees, Abramowitz and Stegun 26.7.3-4).
 * @param p in (0.5, 1)
 */
export function studentQuantile(p: number, degrees: number): number {
  let low = 0;
  let high = 10;
  while (studentCdf(high, degrees) < p) high *= 2;
  for (let step = 0; step < 100 && high - low > 1e-12 * high; step++) {
    const middle = (low + high) / 2;
    if (studentCdf(middle, degrees) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Distribution function of Student's t for whole degrees of freedom and t ≥ 0. */
export function studentCdf(t: number, degrees: number): number {
  const theta = Math.atan2(t, Math.sqrt(degrees));
  const cosine2 = Math.cos(theta) ** 2;
  const isOdd = degrees % 2 === 1;
  let term = 1;
  let sum = degrees === 1 ? 0 : 1;
  for (let k = isOdd ? 3 : 2; k < degrees; k += 2) {
    term *= ((k - 1) / k) * cosine2;
    sum += term;
  }
  const between = isOdd
    ? (2 / Math.PI) * (theta + (degrees > 1 ? Math.sin(theta) * Math.cos(theta) * sum : 0))
    : Math.sin(theta) * sum;
  return 0.5 + between / 2;
}
