import type { LoadSpec } from '../../../scenarios/load-schema.ts';
import type { DaySpec } from '../../../scenarios/plan-day-schema.ts';

/** Requests per second over a day that repeats; its highest is the target. Surges come on top. */
export interface DayLoad {
  periodS: number;
  /** Highest and mean of a day without surge. */
  peakPerS: number;
  meanPerS: number;
  /** Rate at a time of the day (s). */
  ordinaryAt(timeS: number): number;
  /** The same on a day with the surge, if there is one. */
  surgingAt(timeS: number): number;
  /** Highest rate of a day with the surge. */
  surgePeakPerS: number;
}

/** Peak over mean of a day whose load says nothing of it (assumed). */
export const defaultPeakToMean = 1.8;

/** Part of the day at which a sine is lowest: four in the morning (assumed). */
const lowest = 4 / 24;

/** Points of a day at which its mean and peak are taken. */
const samples = 1440;

/** @param targetPerS requests per second at the day's peak */
export function dayLoad(spec: DaySpec, load: LoadSpec, targetPerS: number): DayLoad {
  const { period, surge } = spec;
  const ordinaryAt = spec.shape
    ? polygon(spec.shape, period, targetPerS)
    : sine(peakToMeanOf(spec, load), period, targetPerS);
  const surgingAt = (timeS: number) => ordinaryAt(timeS) * (surge ? surgeFactor(surge, timeS) : 1);
  const times = Array.from({ length: samples }, (_, index) => ((index + 0.5) / samples) * period);
  const meanPerS = times.reduce((sum, timeS) => sum + ordinaryAt(timeS), 0) / samples;
  const surgePeakPerS = times.reduce((most, timeS) => Math.max(most, surgingAt(timeS)), targetPerS);
  return { periodS: period, peakPerS: targetPerS, meanPerS, ordinaryAt, surgingAt, surgePeakPerS };
}

export function peakToMeanOf({ peak_to_mean }: DaySpec, { arrivals }: LoadSpec): number {
  return peak_to_mean ?? (arrivals.kind === 'diurnal' ? arrivals.peak_to_mean : defaultPeakToMean);
}

function sine(peakToMean: number, period: number, peak: number): (timeS: number) => number {
  const mean = peak / peakToMean;
  const swing = peak - mean;
  return (timeS) => mean - swing * Math.cos(2 * Math.PI * (timeS / period - lowest));
}

/** Straight lines between values at equal steps, the last one joined to the first. */
function polygon(shape: readonly number[], period: number, peak: number): (timeS: number) => number {
  const scale = peak / Math.max(...shape);
  return (timeS) => {
    const place = ((((timeS / period) % 1) + 1) % 1) * shape.length;
    const index = Math.min(shape.length - 1, Math.floor(place));
    const share = place - index;
    return scale * ((1 - share) * shape[index] + share * shape[(index + 1) % shape.length]);
  };
}

/** 1 outside of the surge, its factor inside, straight lines where it builds up and fades. */
function surgeFactor(
  { start, duration, factor, ramp }: NonNullable<DaySpec['surge']>,
  timeS: number,
): number {
  const since = timeS - start;
  const left = start + duration + ramp - timeS;
  if (since < 0 || left <= 0) return 1;
  const share = ramp === 0 ? 1 : Math.min(1, since / ramp, left / ramp);
  return 1 + (factor - 1) * share;
}
