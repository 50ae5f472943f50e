import { adagrad } from './adagrad.ts';
import { type DenseLayer, denseForward } from './dense-layer.ts';
import { type FloatArray, type Precision, zeros } from './float-array.ts';
import { RowWeights, weightedRows } from './weighted-rows.ts';

/** What training adds to a layer: activations, gradients and the state of the optimiser. */
export class DenseTrainer {
  readonly layer: DenseLayer;
  /** Gradients of the last backward pass. */
  readonly weightGradients: FloatArray;
  readonly biasGradients: FloatArray;
  /** batch × outputs of the last forward pass. */
  readonly output: FloatArray;
  /** batch × inputs: derivative by the input, of the last backward pass. */
  readonly inputGradients: FloatArray;
  private readonly weightSquares: FloatArray;
  private readonly biasSquares: FloatArray;
  private readonly terms: RowWeights;
  private input: FloatArray;

  constructor(layer: DenseLayer, batch: number, precision: Precision) {
    this.layer = layer;
    this.weightGradients = zeros(precision, layer.weights.length);
    this.biasGradients = zeros(precision, layer.outputs);
    this.output = zeros(precision, batch * layer.outputs);
    this.inputGradients = zeros(precision, batch * layer.inputs);
    this.weightSquares = zeros(precision, layer.weights.length);
    this.biasSquares = zeros(precision, layer.outputs);
    this.terms = new RowWeights(Math.max(batch, layer.outputs));
    this.input = this.inputGradients;
  }

  /** @param x count × inputs; kept by reference for the backward pass */
  forward(x: FloatArray, count: number): FloatArray {
    this.input = x;
    denseForward(this.layer, x, count, this.output);
    return this.output;
  }

  /**
   * Derivatives of the batch's loss by weights, bias and, unless `byInput` is false, input.
   * @param slopes count × outputs: derivative by the output; set to 0 where the layer cut the output off
   */
  backward(slopes: FloatArray, count: number, byInput = true): void {
    if (this.layer.rectified) {
      for (let i = 0; i < count * this.layer.outputs; i++) if (this.output[i] <= 0) slopes[i] = 0;
    }
    this.differentiateByParameters(slopes, count);
    if (byInput) this.differentiateByInput(slopes, count);
  }

  update(rate: number): void {
    const { weights, bias } = this.layer;
    adagrad(weights, this.weightSquares, 0, this.weightGradients, 0, weights.length, rate);
    adagrad(bias, this.biasSquares, 0, this.biasGradients, 0, bias.length, rate);
  }

  private differentiateByParameters(slopes: FloatArray, count: number): void {
    const { inputs, outputs } = this.layer;
    for (let o = 0; o < outputs; o++) {
      this.terms.clear();
      let sum = 0;
      for (let example = 0; example < count; example++) {
        const slope = slopes[example * outputs + o];
        this.terms.add(example * inputs, slope);
        sum += slope;
      }
      this.biasGradients[o] = sum;
      weightedRows(this.terms, this.input, inputs, this.weightGradients, o * inputs);
    }
  }

  private differentiateByInput(slopes: FloatArray, count: number): void {
    const { inputs, outputs, weights } = this.layer;
    for (let example = 0; example < count; example++) {
      this.terms.clear();
      for (let o = 0; o < outputs; o++) this.terms.add(o * inputs, slopes[example * outputs + o]);
      weightedRows(this.terms, weights, inputs, this.inputGradients, example * inputs);
    }
  }
}
