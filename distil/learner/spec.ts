import { InputError, type Problem } from '../../foundation/problem.ts';

/** The part of a model that serves: φ (embeddings and hidden layers) and the serving head f_S. */
export interface ServingSpec {
  /** Rows of each field's embedding table. */
  tableRows: readonly number[];
  embeddingDim: number;
  /** Widths of the backbone's hidden layers; at least one. */
  hidden: readonly number[];
  /** Widths of hidden layers inside the head; none for a linear head. */
  headHidden: readonly number[];
}

/** Student Adapter: an MLP of the teacher's prediction alone, with an optimiser of its own (Eq. 6). */
export interface AdapterSpec {
  /** What the MLP reads: y_F or its log-odds. */
  input: 'probability' | 'logit';
  /** Widths of its hidden layers; none makes it affine. */
  hidden: readonly number[];
  /** Adds the teacher's log-odds to the output, so that the adapter starts as the identity; a model choice. */
  residual: boolean;
  learningRate: number;
}

/** How the teacher's logged probability y_F enters training. */
export type Distillation =
  | { kind: 'none' }
  /** Plain KD, Eq. 2: BCE(ŷ_S, y) + w·BCE(ŷ_S, y_F). */
  | { kind: 'one-head'; weight: number }
  /** Auxiliary heads, Eq. 3 to 5, and with an adapter a further one, Eq. 7. */
  | {
      kind: 'auxiliary-heads';
      /** Heads f_D on y_F, each with loss w·L_d: 1, or 2 as a control of the doubled weight. */
      heads: number;
      /** w: scales L_d, for the head and the backbone alike. */
      weight: number;
      /** α of label scaling, at least 1. */
      labelScale: number;
      /** β of gradient scaling: what distillation heads send to the backbone, not their own gradient. */
      gradientScale: number;
      /** Widths of hidden layers inside each distillation head. */
      headHidden: readonly number[];
      adapter?: AdapterSpec;
    };

/** All that a learner is made from. Plain data: it travels to workers and into results. */
export interface LearnerSpec {
  serving: ServingSpec;
  distillation: Distillation;
  /** Examples a step: all of them are predicted before any of them is trained on. */
  batch: number;
  /** η of Adagrad. */
  learningRate: number;
  /** The backbone learns at this multiple of the rate: 1, or more as a control of gradient scaling. */
  backboneRateScale: number;
  /** Names the initial parameters; φ and f_S start alike whatever the distillation. */
  seed: number;
}

/** @throws InputError listing every value that a learner cannot be made from */
export function checkSpec(spec: LearnerSpec): void {
  const problems: Problem[] = [];
  const expect = (holds: boolean, path: string, message: string) => {
    if (!holds) problems.push({ path, message });
  };
  const counts = (values: readonly number[], path: string) => {
    for (const [at, value] of values.entries())
      expect(isCount(value), `${path}[${at}]`, `expected a whole number above 0, not ${value}`);
  };
  const positive = (value: number, path: string) =>
    expect(value > 0 && Number.isFinite(value), path, `expected a number above 0, not ${value}`);
  const atLeast = (least: number, value: number, path: string) =>
    expect(value >= least && Number.isFinite(value), path, `expected ${least} or more, not ${value}`);

  const { tableRows, embeddingDim, hidden, headHidden } = spec.serving;
  expect(tableRows.length > 0, 'serving.tableRows', 'expected a field at least');
  expect(hidden.length > 0, 'serving.hidden', 'expected a hidden layer at least');
  counts(tableRows, 'serving.tableRows');
  counts(hidden, 'serving.hidden');
  counts(headHidden, 'serving.headHidden');
  expect(
    isCount(embeddingDim),
    'serving.embeddingDim',
    `expected a whole number above 0, not ${embeddingDim}`,
  );
  expect(isCount(spec.batch), 'batch', `expected a whole number above 0, not ${spec.batch}`);
  positive(spec.learningRate, 'learningRate');
  positive(spec.backboneRateScale, 'backboneRateScale');

  const { distillation } = spec;
  if (distillation.kind !== 'none') atLeast(0, distillation.weight, 'distillation.weight');
  if (distillation.kind === 'auxiliary-heads') {
    const { heads, labelScale, gradientScale, adapter } = distillation;
    expect(isCount(heads), 'distillation.heads', `expected a whole number above 0, not ${heads}`);
    atLeast(1, labelScale, 'distillation.labelScale');
    atLeast(0, gradientScale, 'distillation.gradientScale');
    counts(distillation.headHidden, 'distillation.headHidden');
    if (adapter) {
      counts(adapter.hidden, 'distillation.adapter.hidden');
      positive(adapter.learningRate, 'distillation.adapter.learningRate');
    }
  }
  if (problems.length > 0) throw new InputError(problems);
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value > 0;
}
