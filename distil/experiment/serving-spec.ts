import type { ExperimentModel } from '../../sim/training/experiment-result.ts';
import { flopsPerExample, freshServingModel, parameterCount } from '../learner/serving-model.ts';
import type { ServingSpec } from '../learner/spec.ts';
import { type ExampleStream, type Field, fieldNamed } from '../streams/stream.ts';
import type { ShapeSpec } from './spec.ts';

/** Fields that a model reads: those it names, or all. @throws InputError for one that the stream has not */
export function fieldsOf(stream: ExampleStream, { fields }: ShapeSpec): Field[] {
  return fields ? fields.map((name) => fieldNamed(stream, name)) : stream.fields;
}

/**
 * What of a model serves.
 * @param size multiple of the widths of embeddings and hidden layers, each at least 1
 * @param maxTableRows beyond which the ids of a field are hashed
 */
export function servingSpecOf(
  stream: ExampleStream,
  shape: ShapeSpec,
  size: number,
  maxTableRows: number,
): ServingSpec {
  const scaled = (width: number) => Math.max(1, Math.round(size * width));
  return {
    tableRows: fieldsOf(stream, shape).map(({ cardinality }) => Math.min(cardinality, maxTableRows)),
    embeddingDim: scaled(shape.embeddingDim),
    hidden: shape.hidden.map(scaled),
    headHidden: shape.headHidden.map(scaled),
  };
}

/** A model in figures. */
export function describeModel(
  stream: ExampleStream,
  shape: ShapeSpec,
  serving: ServingSpec,
): ExperimentModel {
  const model = freshServingModel(serving, 'float32', 0);
  return {
    fields: fieldsOf(stream, shape).map(({ name }) => name),
    tableRows: [...serving.tableRows],
    embeddingDim: serving.embeddingDim,
    hidden: [...serving.hidden],
    parameters: parameterCount(model),
    flopsPerExample: flopsPerExample(model),
  };
}
