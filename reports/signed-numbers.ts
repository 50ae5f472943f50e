import type { Interval } from '../sim/result.ts';
import { percentChange, plusMinus } from './numbers.ts';

/** `+1.23 ±0.04` or `−1.23 ±0.04`; without ± where the value is exact, or has no interval. */
export function signedChange(difference: Interval, scale = 1): string {
  if (difference.mean === 0 && isExact(difference)) return '0';
  const size = plusMinus(withoutSign(difference), scale);
  return `${difference.mean < 0 ? '−' : '+'}${size}`;
}

/** `+12.3 ±0.4`, in percent, for a column whose title has the unit. */
export function signedPercentChange(relative: Interval): string {
  if (relative.mean === 0 && isExact(relative)) return '0';
  return percentChange(withoutBounds(relative));
}

/** `12.3 % ±0.4`: how much a relative difference is, whatever its sign. */
export function percentSize(relative: Interval): string {
  const [size, half] = percentChange(withoutBounds(relative)).slice(1).split(' ');
  return half === undefined ? `${size} %` : `${size} % ${half}`;
}

/** A figure of one side; an exact one stands alone. */
export function plainFigure(value: Interval, scale = 1): string {
  return plusMinus(withoutBounds(value), scale);
}

function withoutSign(difference: Interval): Interval {
  const { mean, high } = difference;
  if (high === undefined || isExact(difference)) return { mean: Math.abs(mean) };
  return { mean: Math.abs(mean), low: Math.abs(mean) - (high - mean), high: Math.abs(mean) + (high - mean) };
}

function withoutBounds(value: Interval): Interval {
  return isExact(value) ? { mean: value.mean } : value;
}

function isExact({ low, high }: Interval): boolean {
  return low !== undefined && low === high;
}
