import type { IdColumn } from './embedding-tables.ts';
import { EmbeddingTrainer } from './embedding-trainer.ts';
import type { FloatArray } from './float-array.ts';
import { MlpTrainer } from './mlp-trainer.ts';
import type { ServingModel } from './serving-model.ts';

/** Trains φ: embeddings and the hidden layers on them. */
export class BackboneTrainer {
  readonly embeddings: EmbeddingTrainer;
  readonly mlp: MlpTrainer;

  constructor({ tables, backbone, precision }: ServingModel, batch: number) {
    this.embeddings = new EmbeddingTrainer(tables, batch, precision);
    this.mlp = new MlpTrainer(backbone, batch, precision);
  }

  /** φ(x) of the examples [start, start + count): count × width of the last hidden layer. */
  forward(ids: readonly IdColumn[], start: number, count: number): FloatArray {
    return this.mlp.forward(this.embeddings.forward(ids, start, count), count);
  }

  /** @param slopes derivative of the batch's loss by φ(x); overwritten */
  backward(slopes: FloatArray, count: number): void {
    this.mlp.backward(slopes, count);
    this.embeddings.backward(this.mlp.inputGradients, count);
  }

  update(rate: number): void {
    this.mlp.update(rate);
    this.embeddings.update(rate);
  }
}
