/**
 * Area under the ROC curve, exactly: the share of pairs of a positive and a negative in which the positive is scored
 * higher, ties counting half (Mann–Whitney). NaN without a positive or without a negative.
 * @param labels 0 or 1; anything else is passed over
 * @param scores any increasing function of the probability
 */
export function areaUnderCurve(labels: ArrayLike<number>, scores: ArrayLike<number>): number {
  const positives = scoresOf(labels, scores, 1);
  const negatives = scoresOf(labels, scores, 0);
  let below = 0;
  let upTo = 0;
  // Counted in halves, which stay whole numbers: exact up to 2⁵³.
  let halves = 0;
  for (const score of positives) {
    while (below < negatives.length && negatives[below] < score) below++;
    upTo = Math.max(upTo, below);
    while (upTo < negatives.length && negatives[upTo] === score) upTo++;
    halves += below + upTo;
  }
  return halves / (2 * positives.length * negatives.length);
}

/** Scores of the examples with a label, ascending. */
function scoresOf(labels: ArrayLike<number>, scores: ArrayLike<number>, label: number): Float64Array {
  let count = 0;
  for (let i = 0; i < labels.length; i++) if (labels[i] === label) count++;
  const chosen = new Float64Array(count);
  for (let i = 0, next = 0; i < labels.length; i++) if (labels[i] === label) chosen[next++] = scores[i];
  return chosen.sort();
}
