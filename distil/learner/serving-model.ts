import { InputError } from '../../foundation/problem.ts';
import { RandomStream } from '../../foundation/random.ts';
import { type DenseLayer, denseForward, denseLayers } from './dense-layer.ts';
import {
  checkColumns,
  type EmbeddingTables,
  embeddingTables,
  findRows,
  gather,
  type IdColumn,
} from './embedding-tables.ts';
import { type FloatArray, type Precision, zeros } from './float-array.ts';
import { sigmoid } from './logistic.ts';
import type { ServingSpec } from './spec.ts';

/** What serves: φ and f_S, without anything that only training needs. Plain data. */
export interface ServingModel {
  precision: Precision;
  tables: EmbeddingTables;
  backbone: DenseLayer[];
  head: DenseLayer[];
}

/** Parts of a learner that draw their own initial parameters, so that leaving one out changes no other. */
export const parameterStreams = { tables: 0, backbone: 1, servingHead: 2, adapter: 3, distillationHead: 4 };

export function freshServingModel(spec: ServingSpec, precision: Precision, seed: number): ServingModel {
  const { tableRows, embeddingDim, hidden, headHidden } = spec;
  const random = (part: number) => new RandomStream(seed, part);
  const inputs = tableRows.length * embeddingDim;
  const width = hidden[hidden.length - 1];
  return {
    precision,
    tables: embeddingTables(tableRows, embeddingDim, precision, random(parameterStreams.tables)),
    backbone: denseLayers(inputs, hidden, false, precision, random(parameterStreams.backbone)),
    head: denseLayers(width, headHidden, true, precision, random(parameterStreams.servingHead)),
  };
}

/** Number of weights, biases and embedding values. */
export function parameterCount({ tables, backbone, head }: ServingModel): number {
  const dense = [...backbone, ...head].reduce((sum, layer) => sum + layer.weights.length + layer.outputs, 0);
  return tables.values.length + dense;
}

/** Floating-point operations of the layers to serve one example: 2 a weight. */
export function flopsPerExample({ backbone, head }: ServingModel): number {
  return 2 * [...backbone, ...head].reduce((sum, { weights }) => sum + weights.length, 0);
}

/** Serves a model. Predictions depend on neither the batch nor the neighbours, to the last bit. */
export class Predictor {
  private readonly model: ServingModel;
  private readonly batch: number;
  private readonly found: Int32Array;
  private readonly input: FloatArray;
  private readonly outputs: FloatArray[];

  /** @param batch examples that go through the layers at once */
  constructor(model: ServingModel, batch = 64) {
    const { tables, backbone, head, precision } = model;
    this.model = model;
    this.batch = batch;
    this.found = new Int32Array(batch * tables.rows.length);
    this.input = zeros(precision, this.found.length * tables.dim);
    this.outputs = [...backbone, ...head].map((layer) => zeros(precision, batch * layer.outputs));
  }

  /**
   * Probabilities of the examples [start, end).
   * @param into as long as the examples; written from `start` to `end`
   * @throws InputError for columns, or room for predictions, that do not reach to `end`
   */
  predict(ids: readonly IdColumn[], start: number, end: number, into: FloatArray): void {
    checkColumns(this.model.tables, ids, end);
    if (into.length < end) throw new InputError(`expected room for ${end} predictions, not ${into.length}`);
    for (let from = start; from < end; from += this.batch) {
      const count = Math.min(this.batch, end - from);
      const logits = this.logits(ids, from, count);
      for (let example = 0; example < count; example++) into[from + example] = sigmoid(logits[example]);
    }
  }

  private logits(ids: readonly IdColumn[], start: number, count: number): FloatArray {
    const { tables, backbone, head } = this.model;
    findRows(tables, ids, start, count, this.found);
    gather(tables, this.found, count * tables.rows.length, this.input);
    return [...backbone, ...head].reduce((x, layer, at) => {
      denseForward(layer, x, count, this.outputs[at]);
      return this.outputs[at];
    }, this.input);
  }
}
