import { grouped } from '../foundation/counted.ts';
import { significant } from '../foundation/units.ts';
import type { Interval } from '../sim/result.ts';

/** One time unit for a whole column, chosen by its median: one saturated arm must not round the others to 0. */
export function timeUnit(timesS: readonly number[]): { name: string; perS: number } {
  const positive = timesS.filter((timeS) => timeS > 0).sort((a, b) => a - b);
  const typicalS = positive[Math.floor((positive.length - 1) / 2)] ?? 0;
  if (typicalS < 1e-3) return { name: 'µs', perS: 1e6 };
  return typicalS < 2 ? { name: 'ms', perS: 1e3 } : { name: 's', perS: 1 };
}

/** `12.3 ±0.4`, the mean to the precision that its interval deserves. */
export function plusMinus({ mean, high }: Interval, scale = 1): string {
  const value = mean * scale;
  if (high === undefined) return significant(value);
  const half = (high - mean) * scale;
  const decimals = decimalsFor(half, value);
  return `${value.toFixed(decimals)} ±${half.toFixed(decimals)}`;
}

/** `+12.3 % ±0.4`: a relative difference in percent, for running text. */
export function signedPercent(difference: Interval): string {
  const [size, half] = percentParts(difference);
  return half === undefined ? `${size} %` : `${size} % ±${half}`;
}

/** `+12.3 ±0.4`: the same for a column whose title has the unit. */
export function percentChange(difference: Interval): string {
  const [size, half] = percentParts(difference);
  return half === undefined ? size : `${size} ±${half}`;
}

function percentParts({ mean, high }: Interval): [size: string, half?: string] {
  const value = mean * 100;
  const half = high === undefined ? undefined : (high - mean) * 100;
  const decimals = half === undefined ? 1 : Math.min(decimalsFor(half, value), 2);
  const size = `${value >= 0 ? '+' : '−'}${Math.abs(value).toFixed(decimals)}`;
  return half === undefined ? [size] : [size, half.toFixed(decimals)];
}

/** Decimals that show two digits of the half width, but at most four significant digits of the value. */
function decimalsFor(half: number, value: number): number {
  const digitsOf = (x: number) => (x === 0 ? 0 : Math.floor(Math.log10(Math.abs(x))));
  const forHalf = half > 0 ? 1 - digitsOf(half) : 3;
  const forValue = 3 - digitsOf(value);
  return Math.max(0, Math.min(forHalf, forValue, 6));
}

/** `20 000`, `62.5`: a rate with four digits at least, none of them an empty decimal. */
export function plainRate(ratePerS: number): string {
  return ratePerS >= 1e4 ? grouped(ratePerS) : `${Number(significant(ratePerS, 4))}`;
}

/** `67 200`: money in whole USD, digits in groups of three. */
export function wholeUsd(usd: number): string {
  return grouped(usd);
}

/** `0.486`, `12 776`: money for a million requests, which are dear where there are few. */
export function usdPerMillion(usd: number): string {
  return usd >= 1e4 ? grouped(usd) : significant(usd);
}
