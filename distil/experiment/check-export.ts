import type { IdColumn } from '../learner/embedding-tables.ts';
import type { Learner } from '../learner/learner.ts';
import { sigmoid } from '../learner/logistic.ts';
import { flopsPerExample, Predictor, parameterCount } from '../learner/serving-model.ts';

/** What an exported model was found to be. */
export interface ExportCheck {
  parameters: number;
  flopsPerExample: number;
  /** Predictions compared with those of the learner's serving head, all equal to the last bit. */
  compared: number;
}

/** Examples at the end of a stream on which an exported model is compared. */
const most = 1024;

/**
 * Exports a learner's model and compares, on the last examples, what it predicts with what the serving head says
 * in training.
 * @param batch that the learner was made for
 * @throws Error where a single bit differs: it would serve what nobody measured
 */
export function checkExport(
  learner: Learner,
  batch: number,
  ids: readonly IdColumn[],
  length: number,
): ExportCheck {
  const model = learner.exportServing();
  const start = Math.max(0, length - most);
  const served = new Float32Array(length);
  new Predictor(model).predict(ids, start, length, served);
  const said = new Float32Array(length);
  for (let from = start; from < length; from += batch) {
    const count = Math.min(batch, length - from);
    learner.servingHead.forward(learner.backbone.forward(ids, from, count), count);
    for (let i = 0; i < count; i++) said[from + i] = sigmoid(learner.servingHead.output[i]);
  }
  checkSameBits(said, served, 'an exported model does not serve what its serving head says');
  return {
    parameters: parameterCount(model),
    flopsPerExample: flopsPerExample(model),
    compared: length - start,
  };
}

/** @throws Error with the first example on which two columns of predictions differ in a bit */
export function checkSameBits(expected: Float32Array, actual: Float32Array, otherwise: string): void {
  const at = expected.findIndex((value, i) => !Object.is(value, actual[i]));
  if (at >= 0 || expected.length !== actual.length)
    throw new Error(`${otherwise}: example ${at} has ${actual[at]}, not ${expected[at]}`);
}
