import type { Examples } from './examples.ts';
import type { FloatArray } from './float-array.ts';
import type { Learner } from './learner.ts';

/**
 * Streams the examples [start, end) through a learner once, in order, `batch` at a time: each is predicted before
 * it, or anything later, is trained on (progressive validation).
 * @param predictions written from `start` to `end`; as long as the examples
 */
export function trainInOnePass(
  learner: Learner,
  examples: Examples,
  batch: number,
  predictions: FloatArray,
  start = 0,
  end = examples.labels.length,
): void {
  for (let from = start; from < end; from += batch)
    learner.train(examples, from, Math.min(end, from + batch), predictions);
}
