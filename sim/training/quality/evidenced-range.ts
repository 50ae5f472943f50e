import type { Evidenced } from '../../../foundation/evidence.ts';

/**
 * A constant that is not known well: its value, and the range in which it may plausibly lie. The value is the
 * median: it is as likely to be above as below.
 */
export interface EvidencedRange extends Evidenced {
  low: number;
  high: number;
}

/**
 * The value at a probability: linear from `low` to the value, and from there to `high`.
 * @param probability in [0, 1]: 0 is `low`, 0.5 the value, 1 `high`
 */
export function rangeQuantile({ value, low, high }: EvidencedRange, probability: number): number {
  return probability < 0.5
    ? low + (value - low) * 2 * probability
    : value + (high - value) * (2 * probability - 1);
}
