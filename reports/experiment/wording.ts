import { significant } from '../../foundation/units.ts';
import type { ExperimentDifference, ExperimentEstimate } from '../../sim/training/experiment-result.ts';

/** A figure with the bounds of what is unsure of it. */
export interface Bounded {
  mean: number;
  low?: number | undefined;
  high?: number | undefined;
}

/** A difference with the widest of its intervals: it is surely on one side of zero just where this does not hold zero. */
export function widest({ mean, overSeeds, overDays }: ExperimentDifference): Bounded {
  const all = [overSeeds, overDays].filter((one) => one !== undefined);
  if (all.length === 0) return { mean };
  return {
    mean,
    low: Math.min(...all.map(({ low }) => low)),
    high: Math.max(...all.map(({ high }) => high)),
  };
}

/** `+0.75 (+0.60 … +0.90)`: a relative difference in percent, for a column whose title has the unit. */
export function percentPoints(difference: ExperimentDifference): string {
  return percentRange(widest(difference));
}

export function percentRange({ mean, low, high }: Bounded): string {
  if (low === undefined || high === undefined) return signed(100 * mean, 2);
  const decimals = decimalsFor(50 * (high - low));
  return `${signed(100 * mean, decimals)} (${signed(100 * low, decimals)} … ${signed(100 * high, decimals)})`;
}

/** `+0.75 % (+0.60 … +0.90)`, for running text. */
export function percentInText(difference: ExperimentDifference): string {
  const [mean, range] = percentPoints(difference).split(' (');
  return range === undefined ? `${mean} %` : `${mean} % (${range}`;
}

/** Two decimals, of which one says nothing where the half width is ten of the units or more. */
function decimalsFor(half: number): number {
  if (half < 0.01) return 3;
  return half < 10 ? 2 : 1;
}

/** `+0.45`, `−1.88`, `0.00`. */
export function signed(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value).toFixed(decimals);
  if (Number(size) === 0) return size;
  return `${value < 0 ? '−' : '+'}${size}`;
}

/** `0.9422 ±0.0005`; a dash for what is not defined. */
export function estimated({ mean, high }: ExperimentEstimate, decimals = 4): string {
  if (!Number.isFinite(mean)) return '–';
  const value = mean.toFixed(decimals).replace('-', '−');
  if (high === undefined || high === mean) return value;
  const half = high - mean;
  const least = 0.5 * 10 ** -decimals;
  return `${value} ±${half >= least ? half.toFixed(decimals) : significant(half, 1)}`;
}

/** `7 d`, `0.5 d`. */
export function daysInWords(days: number): string {
  return `${Number(days.toPrecision(3))} d`;
}

/** `a, b and c`. */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`;
}

/** `95 %`. */
export function levelInWords(level: number): string {
  return `${Number((100 * level).toPrecision(3))} %`;
}

/** `0.5`, `1`: widths of a teacher over those of size 1. */
export function sizeInWords(size: number): string {
  return String(Number(size.toPrecision(3)));
}
