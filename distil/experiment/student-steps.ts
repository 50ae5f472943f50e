import type { PassStep } from '../learner/train-by-steps.ts';

/**
 * How a student is streamed once. Each example is predicted at its impression, by the student of that moment, and
 * trained on with others of its batch when the last of their labels is known: a prediction rests on no label from
 * after its impression. All are predicted once, in the order of impressions.
 * @param impressionS of the examples that are served, ascending
 * @param knownS when each label is known, ascending: the examples that are learned from are in this order
 */
export function studentSteps(batch: number, impressionS: Float64Array, knownS: Float64Array): PassStep[] {
  const steps: PassStep[] = [];
  let predicted = 0;
  const predictUpTo = (to: number) => {
    if (to > predicted) steps.push({ does: 'predict', from: predicted, to });
    predicted = to;
  };
  for (let from = 0; from < knownS.length; from += batch) {
    const to = Math.min(knownS.length, from + batch);
    let due = predicted;
    while (due < impressionS.length && impressionS[due] <= knownS[to - 1]) due++;
    predictUpTo(due);
    steps.push({ does: 'train', from, to });
  }
  predictUpTo(impressionS.length);
  return steps;
}
