import * as assert from 'uvu/assert';
import type { Examples } from '../../../distil/learner/examples.ts';
import type { AdapterSpec, Distillation, LearnerSpec } from '../../../distil/learner/spec.ts';
import { RandomStream } from '../../../foundation/random.ts';

export type Auxiliary = Extract<Distillation, { kind: 'auxiliary-heads' }>;

export const adapter: AdapterSpec = { input: 'logit', hidden: [5], residual: false, learningRate: 0.05 };

/** Auxiliary heads with everything on: w, α and β all differ from 1. */
export const everything: Auxiliary = {
  kind: 'auxiliary-heads',
  heads: 1,
  weight: 1.7,
  labelScale: 2.5,
  gradientScale: 3,
  headHidden: [],
  adapter,
};

/** A small learner of three fields; widths that four does not divide reach every loop's remainder. */
export function specOf(distillation: Distillation, changes: Partial<LearnerSpec> = {}): LearnerSpec {
  return {
    serving: { tableRows: [7, 5, 3], embeddingDim: 3, hidden: [10, 6], headHidden: [] },
    distillation,
    batch: 16,
    learningRate: 0.05,
    backboneRateScale: 1,
    seed: 11,
    ...changes,
  };
}

/** Examples whose label depends on the first two fields; the teacher knows it, with noise, for all but some. */
export function examplesOf(
  count: number,
  seed = 1,
  missingShare = 0.25,
): Examples & { teacher: Float64Array } {
  const random = new RandomStream(seed);
  const ids = [7, 50, 3].map((values) => new Int32Array(count).map(() => random.below(values)));
  const rate = (i: number) => 1 / (1 + Math.exp(1.5 - 0.4 * ids[0][i] + 0.02 * ids[1][i]));
  return {
    ids,
    labels: new Uint8Array(count).map((_, i) => (random.uniform() < rate(i) ? 1 : 0)),
    teacher: new Float64Array(count).map((_, i) =>
      random.uniform() < missingShare ? Number.NaN : Math.min(1, rate(i) * (0.5 + random.uniform())),
    ),
  };
}

/** The same examples with other labels of the teacher. */
export function taught(examples: Examples, teacher: (i: number) => number): Examples {
  return { ...examples, teacher: new Float64Array(examples.labels.length).map((_, i) => teacher(i)) };
}

export function near(actual: number, expected: number, tolerance: number, what = ''): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what} ${actual}, expected ${expected}`);
}
