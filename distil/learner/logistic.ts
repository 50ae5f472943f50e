/** Probability of a logit. */
export function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/** Logits beyond this are those of a probability that float32 would round to 0 or 1. */
const maxLogit = 16;

/** Log-odds of a probability, within ±16 so that a logged 0 or 1 stays finite. */
export function logit(probability: number): number {
  const odds = Math.log(probability) - Math.log1p(-probability);
  return Math.min(maxLogit, Math.max(-maxLogit, odds));
}

/**
 * Binary cross-entropy in nats of a logit against a target probability, −h of Eq. 1:
 * log(1 + e^ŷ) − y·ŷ, without overflow on either side. Its derivative by the logit is σ(ŷ) − y.
 */
export function crossEntropy(logit: number, target: number): number {
  return Math.max(logit, 0) - logit * target + Math.log1p(Math.exp(-Math.abs(logit)));
}

/** Label scaling: min(1, α·y_F). That it is clipped at 1 is one re-implementer's reading. */
export function scaledLabel(probability: number, scale: number): number {
  return Math.min(1, scale * probability);
}
