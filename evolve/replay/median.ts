import { medianOfSorted } from '../../foundation/median.ts';

/** A median with its interval; `Infinity` stands for what never happened. */
export interface MedianInterval {
  median: number;
  /** None where there are too few values for the level. */
  low?: number;
  high?: number;
}

/**
 * Median with a distribution-free interval from order statistics: its ends are the k-th lowest and k-th highest value,
 * where a Binomial(n, ½) falls below k with a chance of at most (1 − level) / 2.
 */
export function medianInterval(values: readonly number[], level: number): MedianInterval {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  const median = medianOfSorted(sorted);
  let chance = 2 ** -n;
  let below = chance;
  let rank = 0;
  while (below <= (1 - level) / 2) {
    rank++;
    chance *= (n - rank + 1) / rank;
    below += chance;
  }
  return rank === 0 ? { median } : { median, low: sorted[rank - 1], high: sorted[n - rank] };
}
