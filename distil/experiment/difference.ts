import { RandomStream } from '../../foundation/random.ts';
import { interval } from '../../sim/statistics/interval.ts';
import type { ExperimentDifference, ExperimentEstimate, Side } from '../../sim/training/experiment-result.ts';
import { normalizedEntropy, type PredictionSums } from '../../sim/training/quality/normalized-entropy.ts';
import { type DaySums, sumOfDays } from '../metrics/day-sums.ts';

/** A figure of one or more students or teachers, from their sums over the same examples. */
export type Statistic = (...sums: PredictionSums[]) => number;

/** How sure differences are told to be. */
export interface Judging {
  fromDay: number;
  days: number;
  level: number;
  bootstrap: { resamples: number; blockDays: number };
}

/** Relative reduction of NE: above zero, the first is better than the second. */
export const gain: Statistic = (arm, base) => 1 - normalizedEntropy(arm) / normalizedEntropy(base);

/** |ln calibration| of the first less that of the second: above zero, the first is calibrated worse. */
export const calibrationHarm: Statistic = (arm, base) => offCalibration(arm) - offCalibration(base);

function offCalibration({ predicted, positives }: PredictionSums): number {
  return Math.abs(Math.log(predicted / positives));
}

/** Paired differences over seeds and over days; all are judged by the same resampled days. */
export class Differences {
  private readonly judging: Judging;
  /** How often each day that counts comes up in each resample. */
  private readonly resamples: Uint16Array[];

  constructor(judging: Judging) {
    this.judging = judging;
    this.resamples = resampledDays(judging);
  }

  /**
   * @param parts of each student or teacher that the statistic is of: its sums by day for each seed
   */
  of(statistic: Statistic, ...parts: (readonly DaySums[])[]): ExperimentDifference {
    const { fromDay, days } = this.judging;
    const perSeed = parts[0].map((_, seed) =>
      statistic(...parts.map((ofSeeds) => sumOfDays(ofSeeds[seed], fromDay, days))),
    );
    return withSide({
      ...this.overSeeds(perSeed),
      ...this.overDays(statistic, parts.map(meanOverSeeds)),
    });
  }

  /** Of a figure that is no sum over days, such as AUC: seeds alone say how sure it is. */
  ofValues(values: readonly number[], bases: readonly number[]): ExperimentDifference {
    return withSide(this.overSeeds(values.map((value, seed) => value - bases[seed])));
  }

  /** Whether both are of all the examples that count: logs from elsewhere may lack some. */
  areOfSameExamples(one: readonly DaySums[], other: readonly DaySums[]): boolean {
    const { fromDay, days } = this.judging;
    const countOf = (sums: DaySums) => sumOfDays(sums, fromDay, days).count;
    return one.every((sums, seed) => countOf(sums) === countOf(other[seed]));
  }

  estimate(values: readonly number[]): ExperimentEstimate {
    return interval(values, this.judging.level);
  }

  private overSeeds(perSeed: number[]): Omit<ExperimentDifference, 'side'> {
    const { mean, low, high } = interval(perSeed, this.judging.level);
    return { mean, perSeed, ...(low !== undefined && high !== undefined && { overSeeds: { low, high } }) };
  }

  /** Percentiles of the statistic over resamples of the days. */
  private overDays(statistic: Statistic, parts: readonly DaySums[]): Pick<ExperimentDifference, 'overDays'> {
    const { fromDay, level } = this.judging;
    const values = Float64Array.from(this.resamples, (times) =>
      valueOr(() => statistic(...parts.map((sums) => weightedSum(sums, fromDay, times)))),
    ).filter((value) => !Number.isNaN(value));
    // Resamples of a few days may lack a kind of label, and have no NE; where many do, nothing is said by days.
    if (values.length < 0.95 * this.resamples.length) return {};
    values.sort();
    const at = (share: number) => values[Math.round(share * (values.length - 1))];
    return { overDays: { low: at((1 - level) / 2), high: at((1 + level) / 2) } };
  }
}

/** Side of zero on which every interval lies; open without an interval over seeds. */
function withSide(difference: Omit<ExperimentDifference, 'side'>): ExperimentDifference {
  const { overSeeds, overDays } = difference;
  const bounds = overDays ? [overSeeds, overDays] : [overSeeds];
  const isAbove = bounds.every((each) => each !== undefined && each.low > 0);
  const isBelow = bounds.every((each) => each !== undefined && each.high < 0);
  const side: Side = isAbove ? 'above' : isBelow ? 'below' : 'open';
  return { ...difference, side };
}

/**
 * Days of a block as they are drawn. Two blocks at least, without which every resample would be the days as they are.
 */
export function blockDaysOf({ fromDay, days, bootstrap }: Omit<Judging, 'level'>): number {
  return Math.max(1, Math.min(bootstrap.blockDays, Math.floor((days - fromDay) / 2)));
}

/**
 * Circular blocks of days (Politis and Romano 1992): weather and holidays last longer than a day, so days are no
 * independent draws.
 */
function resampledDays(judging: Judging): Uint16Array[] {
  const { fromDay, days, bootstrap } = judging;
  const count = days - fromDay;
  const block = blockDaysOf(judging);
  const random = new RandomStream(1, 0xb00);
  return Array.from({ length: bootstrap.resamples }, () => {
    const times = new Uint16Array(count);
    for (let drawn = 0; drawn < count; drawn += block) {
      const start = random.below(count);
      for (let i = 0; i < Math.min(block, count - drawn); i++) times[(start + i) % count]++;
    }
    return times;
  });
}

function weightedSum(sums: DaySums, fromDay: number, times: Uint16Array): PredictionSums {
  const total = { count: 0, positives: 0, predicted: 0, logLoss: 0 };
  for (let i = 0; i < times.length; i++) {
    const day = fromDay + i;
    total.count += times[i] * sums.count[day];
    total.positives += times[i] * sums.positives[day];
    total.predicted += times[i] * sums.predicted[day];
    total.logLoss += times[i] * sums.logLoss[day];
  }
  return total;
}

function meanOverSeeds(ofSeeds: readonly DaySums[]): DaySums {
  const mean = (column: keyof DaySums) =>
    ofSeeds[0][column].map(
      (_, day) => ofSeeds.reduce((sum, each) => sum + each[column][day], 0) / ofSeeds.length,
    );
  return {
    count: mean('count'),
    positives: mean('positives'),
    predicted: mean('predicted'),
    logLoss: mean('logLoss'),
  };
}

/** NaN where a statistic is not defined. */
function valueOr(value: () => number): number {
  try {
    return value();
  } catch (error) {
    if (error instanceof RangeError) return Number.NaN;
    throw error;
  }
}
