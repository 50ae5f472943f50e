import type { IdColumn } from '../learner/embedding-tables.ts';
import type { Learner } from '../learner/learner.ts';
import { Predictor } from '../learner/serving-model.ts';

/** What a student predicts, in the order of impressions, and learns from, in the order in which labels are known. */
export interface StudentExamples {
  impressionS: Float64Array;
  /** In the order of impressions. */
  ids: readonly IdColumn[];
  /** From here on in the order in which labels are known: one for each label. */
  knownS: Float64Array;
  knownIds: readonly IdColumn[];
  knownLabels: Uint8Array;
}

/**
 * Streams a student once. Each example is predicted at its impression, by the student of that moment, and trained on
 * with others of its batch when the last of their labels is known: a prediction rests on no label from after its
 * impression.
 * @param teacher y_F in the order of `knownLabels`, NaN for none
 * @returns predictions in the order of impressions
 */
export function studentPass(
  learner: Learner,
  batch: number,
  { impressionS, ids, knownS, knownIds, knownLabels }: StudentExamples,
  teacher?: Float32Array,
): Float32Array {
  const predictor = new Predictor(learner.model);
  const examples = { ids: knownIds, labels: knownLabels, ...(teacher && { teacher }) };
  const predictions = new Float32Array(impressionS.length);
  const unused = new Float32Array(knownLabels.length);
  let predicted = 0;
  for (let from = 0; from < knownLabels.length; from += batch) {
    const to = Math.min(knownLabels.length, from + batch);
    let due = predicted;
    while (due < impressionS.length && impressionS[due] <= knownS[to - 1]) due++;
    predictor.predict(ids, predicted, due, predictions);
    predicted = due;
    learner.train(examples, from, to, unused);
  }
  predictor.predict(ids, predicted, impressionS.length, predictions);
  return predictions;
}
