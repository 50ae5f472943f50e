import type { DenseLayer } from '../learner/dense-layer.ts';
import { type FloatArray, type Precision, zeros } from '../learner/float-array.ts';
import type { Learner } from '../learner/learner.ts';
import type { MlpTrainer } from '../learner/mlp-trainer.ts';
import { freshServingModel, type ServingModel } from '../learner/serving-model.ts';
import type { LearnerSpec } from '../learner/spec.ts';

/** One array of a learner, with the name of the part that it belongs to. */
export interface Part {
  part: string;
  values: FloatArray;
}

/**
 * All parameters of a learner in the order in which they travel: embeddings, backbone, serving head, distillation
 * heads, adapter; of each layer the weights (outputs × inputs), then the bias. The arrays are the learner's own.
 */
export function parametersOf(learner: Learner): Part[] {
  const embeddings = { part: 'embeddings', values: learner.model.tables.values };
  return [embeddings, ...densePartsOf(learner, ({ layer }) => [layer.weights, layer.bias])];
}

/** The gradients of the last backward pass, in the order of the parameters. */
export function gradientsOf(learner: Learner): Part[] {
  const { embeddings } = learner.backbone;
  const { dim, values } = embeddings.tables;
  const all = zeros(learner.model.precision, values.length);
  for (let row = 0; row < values.length / dim; row++) all.set(embeddings.gradientOf(row), row * dim);
  const dense = densePartsOf(learner, ({ weightGradients, biasGradients }) => [
    weightGradients,
    biasGradients,
  ]);
  return [{ part: 'embeddings', values: all }, ...dense];
}

type LayerTrainer = MlpTrainer['layers'][number];

function densePartsOf(
  { backbone, servingHead, auxiliary }: Learner,
  arraysOf: (layer: LayerTrainer) => FloatArray[],
): Part[] {
  const heads = (auxiliary?.heads ?? []).map(({ mlp }, at) => [`distillation head ${at}`, mlp] as const);
  const adapter = auxiliary?.adapter ? [['adapter', auxiliary.adapter.mlp] as const] : [];
  return [['backbone', backbone.mlp] as const, ['f_S', servingHead] as const, ...heads, ...adapter].flatMap(
    ([part, { layers }]) => layers.flatMap(arraysOf).map((values) => ({ part, values })),
  );
}

/** Arrays one after the other. */
export function flat(parts: readonly Part[], precision: Precision): FloatArray {
  const all = zeros(
    precision,
    parts.reduce((sum, { values }) => sum + values.length, 0),
  );
  let at = 0;
  for (const { values } of parts) {
    all.set(values, at);
    at += values.length;
  }
  return all;
}

/** The part that serves of parameters as they travel: they begin with it. */
export function servingModelOf(
  { serving, seed }: LearnerSpec,
  precision: Precision,
  parameters: FloatArray,
): ServingModel {
  const model = freshServingModel(serving, precision, seed);
  const arrays = [model.tables.values, ...[...model.backbone, ...model.head].flatMap(arraysOfLayer)];
  let at = 0;
  for (const values of arrays) {
    values.set(parameters.subarray(at, at + values.length));
    at += values.length;
  }
  return model;
}

function arraysOfLayer({ weights, bias }: DenseLayer): FloatArray[] {
  return [weights, bias];
}
