import type { QualityValues } from './constants.ts';
import type { DistillationHead } from './transfer-ratio.ts';

const dayS = 86_400;

/** A part of the labels, by how old the teacher's knowledge was when a vertical model learnt from it. */
export interface GapShare {
  gapS: number;
  /** Weight; the shares of a distribution need not sum to 1. */
  share: number;
}

/**
 * Relative NE that a teacher loses at a gap: A·ln(1 + g/τ), with A such that a week over a day costs what He et al.
 * 2014 saw. The form is a model choice; below a day the same law is extrapolated.
 */
export function teacherStaleness(values: QualityValues, gapS: number): number {
  if (!(gapS >= 0)) throw new RangeError(`a freshness gap of ${gapS} s is negative`);
  const { lossOfWeekOverDay, freshnessScaleS } = values;
  const grown = (seconds: number) => Math.log1p(seconds / freshnessScaleS);
  return (lossOfWeekOverDay * grown(gapS)) / (grown(7 * dayS) - grown(dayS));
}

/** Relative NE that a student loses by a teacher that is stale: its share of the teacher's mean loss over the gaps. */
export function freshnessLoss(
  values: QualityValues,
  head: DistillationHead,
  gaps: readonly GapShare[],
): number {
  const weight = gaps.reduce((sum, { share }) => sum + share, 0);
  if (!(weight > 0)) throw new RangeError('freshness gaps need a share above 0');
  const ofTeacher = gaps.reduce((sum, { gapS, share }) => sum + share * teacherStaleness(values, gapS), 0);
  const recovered = head === 'auxiliary-head-and-adapter' ? values.adapterRecovery : 0;
  return (values.stalenessPassThrough * (1 - recovered) * ofTeacher) / weight;
}
