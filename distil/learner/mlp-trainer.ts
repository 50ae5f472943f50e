import type { DenseLayer } from './dense-layer.ts';
import { DenseTrainer } from './dense-trainer.ts';
import type { FloatArray, Precision } from './float-array.ts';

/** Trains a chain of one or more layers. */
export class MlpTrainer {
  readonly layers: readonly DenseTrainer[];

  constructor(layers: readonly DenseLayer[], batch: number, precision: Precision) {
    this.layers = layers.map((layer) => new DenseTrainer(layer, batch, precision));
  }

  /** batch × outputs of the last layer. */
  get output(): FloatArray {
    return this.layers[this.layers.length - 1].output;
  }

  /** batch × inputs of the first layer: derivative by the input, of the last backward pass. */
  get inputGradients(): FloatArray {
    return this.layers[0].inputGradients;
  }

  forward(x: FloatArray, count: number): FloatArray {
    return this.layers.reduce((input, layer) => layer.forward(input, count), x);
  }

  /** @param slopes count × outputs: derivative of the batch's loss by the output; overwritten */
  backward(slopes: FloatArray, count: number, byInput = true): void {
    for (let at = this.layers.length - 1; at >= 0; at--) {
      this.layers[at].backward(slopes, count, byInput || at > 0);
      slopes = this.layers[at].inputGradients;
    }
  }

  update(rate: number): void {
    for (const layer of this.layers) layer.update(rate);
  }
}
