/**
 * How long after its impression a positive label arrives: Weibull, whose shape below 1 gives the long tail of
 * conversions and 1 the exponential law, or always after the same time.
 */
export type DelayLaw =
  | { kind: 'weibull'; medianS: number; shape: number }
  | { kind: 'constant'; delayS: number };

/** Share of the positive labels that has arrived by `timeS` after the impression. */
export function arrivedBy(law: DelayLaw, timeS: number): number {
  if (law.kind === 'constant') return timeS >= law.delayS ? 1 : 0;
  if (timeS <= 0) return 0;
  return -Math.expm1(-Math.LN2 * (timeS / law.medianS) ** law.shape);
}

/** Time after the impression by which a share in [0, 1) of the positive labels has arrived (s). */
export function delayQuantile(law: DelayLaw, share: number): number {
  if (law.kind === 'constant') return law.delayS;
  return law.medianS * (-Math.log1p(-share) / Math.LN2) ** (1 / law.shape);
}

/** Share of the positives that a window turns into negatives, since their label comes after it. */
export function lateLabelShare(law: DelayLaw, windowS: number): number {
  return 1 - arrivedBy(law, windowS);
}
