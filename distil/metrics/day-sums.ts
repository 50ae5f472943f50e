import { logLossOf, type PredictionSums } from '../../sim/training/quality/normalized-entropy.ts';

/** Sums of predictions and labels of each day, from which the quality of any days follows. Plain data. */
export interface DaySums {
  count: Float64Array;
  positives: Float64Array;
  /** Σp. */
  predicted: Float64Array;
  /** Nats. */
  logLoss: Float64Array;
}

export function emptyDaySums(days: number): DaySums {
  const zeros = () => new Float64Array(days);
  return { count: zeros(), positives: zeros(), predicted: zeros(), logLoss: zeros() };
}

/** Adds a prediction. @param label 0 or 1; anything else is no label, and is passed over */
export function addToDay(sums: DaySums, day: number, probability: number, label: number): void {
  if (label !== 0 && label !== 1) return;
  sums.count[day]++;
  sums.positives[day] += label;
  sums.predicted[day] += probability;
  sums.logLoss[day] += logLossOf(probability, label);
}

/** Sums over the days [from, to). */
export function sumOfDays(
  { count, positives, predicted, logLoss }: DaySums,
  from = 0,
  to = count.length,
): PredictionSums {
  const total = { count: 0, positives: 0, predicted: 0, logLoss: 0 };
  for (let day = from; day < to; day++) {
    total.count += count[day];
    total.positives += positives[day];
    total.predicted += predicted[day];
    total.logLoss += logLoss[day];
  }
  return total;
}
