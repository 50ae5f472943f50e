import type { Estimate } from './estimate.ts';

/** Relative NE improvement from which on one counts: 0.02 % (the rule reported of ExFM and of Wukong). */
export const significantGain = 0.0002;

/** Step in which gains are priced: 0.01 % of NE. */
export const gainStep = 0.0001;

export type Significance = 'significant' | 'uncertain' | 'insignificant';

/** Where the range of a gain lies against the line: at or above it, across it, or below. */
export function significanceOf({ low, high }: Estimate): Significance {
  if (low >= significantGain) return 'significant';
  return high >= significantGain ? 'uncertain' : 'insignificant';
}
