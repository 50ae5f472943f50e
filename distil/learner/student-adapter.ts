import { RandomStream } from '../../foundation/random.ts';
import { denseLayers } from './dense-layer.ts';
import { type FloatArray, type Precision, zeros } from './float-array.ts';
import { crossEntropy, logit, sigmoid } from './logistic.ts';
import { MlpTrainer } from './mlp-trainer.ts';
import { parameterStreams } from './serving-model.ts';
import type { AdapterSpec } from './spec.ts';

/**
 * Student Adapter: ŷ_SA = MLP(y_F), trained on L_sta = BCE(ŷ_SA, y) alone (Eq. 6). It sees nothing of the student,
 * and hands on probabilities, not gradients: both stop-gradients of Eq. 7 hold by construction.
 */
export class StudentAdapter {
  readonly mlp: MlpTrainer;
  private readonly spec: AdapterSpec;
  private readonly input: FloatArray;
  private readonly slopes: FloatArray;

  constructor(spec: AdapterSpec, batch: number, precision: Precision, seed: number) {
    const random = new RandomStream(seed, parameterStreams.adapter);
    const layers = denseLayers(1, spec.hidden, true, precision, random);
    if (spec.residual) layers[layers.length - 1].weights.fill(0);
    this.spec = spec;
    this.mlp = new MlpTrainer(layers, batch, precision);
    this.input = zeros(precision, batch);
    this.slopes = zeros(precision, batch);
  }

  /** One step of the adapter's optimiser on the mean L_sta of these examples. */
  train(teacher: FloatArray, labels: FloatArray, count: number): void {
    this.differentiate(teacher, labels, count);
    this.mlp.update(this.spec.learningRate);
  }

  /** Gradients of the mean L_sta by the adapter's parameters. */
  differentiate(teacher: FloatArray, labels: FloatArray, count: number): void {
    this.mlp.forward(this.inputOf(teacher, count), count);
    for (let i = 0; i < count; i++)
      this.slopes[i] = (sigmoid(this.logitOf(teacher[i], i)) - labels[i]) / count;
    this.mlp.backward(this.slopes, count, false);
  }

  /** Mean L_sta in nats. */
  loss(teacher: FloatArray, labels: FloatArray, count: number): number {
    this.mlp.forward(this.inputOf(teacher, count), count);
    let sum = 0;
    for (let i = 0; i < count; i++) sum += crossEntropy(this.logitOf(teacher[i], i), labels[i]);
    return sum / count;
  }

  /** Writes σ(ŷ_SA), the targets of the second distillation head. */
  targets(teacher: FloatArray, count: number, into: FloatArray): void {
    this.mlp.forward(this.inputOf(teacher, count), count);
    for (let i = 0; i < count; i++) into[i] = sigmoid(this.logitOf(teacher[i], i));
  }

  private inputOf(teacher: FloatArray, count: number): FloatArray {
    const { input } = this.spec;
    for (let i = 0; i < count; i++) this.input[i] = input === 'logit' ? logit(teacher[i]) : teacher[i];
    return this.input;
  }

  private logitOf(probability: number, at: number): number {
    return this.mlp.output[at] + (this.spec.residual ? logit(probability) : 0);
  }
}
