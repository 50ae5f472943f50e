import type { IdColumn } from './embedding-tables.ts';
import type { Examples, Tally } from './examples.ts';
import type { Precision } from './float-array.ts';
import { Learner } from './learner.ts';
import { Predictor, type ServingModel } from './serving-model.ts';
import type { LearnerSpec } from './spec.ts';
import { trainInOnePass } from './train-in-one-pass.ts';

/** One step of a pass: trains on the examples [from, to), or predicts as many of those that are served. */
export interface PassStep {
  does: 'train' | 'predict';
  from: number;
  to: number;
}

/**
 * A learner's pass over a stream: what it learns from in the order in which labels are known, what it serves in the
 * order of impressions, and how the two take turns. Plain data.
 */
export interface Pass {
  spec: LearnerSpec;
  learned: Examples;
  /** Columns of ids of the examples that are predicted. */
  served: readonly IdColumn[];
  steps: readonly PassStep[];
}

/** What came of a pass. */
export interface Trained {
  /** Of the steps that predict, one after the other: what was said of each example by the model of that moment. */
  predictions: Float32Array;
  tally: Tally;
  /** φ and f_S at the end of the pass. */
  model: ServingModel;
}

/** Trains a learner of our own. @throws InputError for a specification or examples that it cannot be trained on */
export function trainBySteps(
  { spec, learned, served, steps }: Pass,
  precision: Precision = 'float32',
): Trained & { learner: Learner } {
  const learner = new Learner(spec, precision);
  const predictor = new Predictor(learner.model);
  const predictions = new Float32Array(predictedBy(steps));
  const before = new Float32Array(learned.labels.length);
  let at = 0;
  for (const { does, from, to } of steps) {
    if (does === 'train') {
      trainInOnePass(learner, learned, spec.batch, before, from, to);
      continue;
    }
    const columns = served.map((column) => column.subarray(from, to));
    predictor.predict(columns, 0, to - from, predictions.subarray(at, at + to - from));
    at += to - from;
  }
  return { predictions, tally: learner.tally, model: learner.exportServing(), learner };
}

/** Number of predictions that some steps make. */
export function predictedBy(steps: readonly PassStep[]): number {
  return steps.reduce((sum, { does, from, to }) => sum + (does === 'predict' ? to - from : 0), 0);
}
