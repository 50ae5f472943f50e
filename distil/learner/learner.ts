import { InputError } from '../../foundation/problem.ts';
import { AuxiliaryHeads } from './auxiliary-heads.ts';
import { BackboneTrainer } from './backbone-trainer.ts';
import { checkColumns } from './embedding-tables.ts';
import { type Examples, emptyTally, type Tally } from './examples.ts';
import { type FloatArray, type Precision, zeros } from './float-array.ts';
import { LoadedBatch } from './loaded-batch.ts';
import { crossEntropy, sigmoid } from './logistic.ts';
import { MlpTrainer } from './mlp-trainer.ts';
import { freshServingModel, type ServingModel } from './serving-model.ts';
import { checkSpec, type LearnerSpec } from './spec.ts';

/** Mean losses of a batch in nats, before it is trained on. */
export interface BatchLosses {
  /** L_s; with one-head distillation L_s + w·BCE(ŷ_S, y_F). */
  serving: number;
  /** w·L_d of each distillation head on y_F, then L_sa if there is an adapter. */
  distillation: number[];
}

/**
 * A recommender in training: backbone φ and serving head f_S, with the distillation of Eq. 2 to 7 around them.
 * Derivatives are by hand; losses are means over the batch, optimisers are Adagrad.
 *
 * A step predicts its batch first, then follows Algorithm 1: the adapter takes a step on y, its new outputs become
 * targets, and the student takes a step on the sum of its losses.
 */
export class Learner {
  /** Trained in place; `exportServing` copies it. */
  readonly model: ServingModel;
  readonly backbone: BackboneTrainer;
  readonly servingHead: MlpTrainer;
  readonly auxiliary: AuxiliaryHeads | undefined;
  readonly tally: Tally = emptyTally();
  private readonly spec: LearnerSpec;
  private readonly batch: LoadedBatch;
  private readonly slopes: FloatArray;
  private readonly hiddenSlopes: FloatArray;

  /** @throws InputError for a specification that makes no learner */
  constructor(spec: LearnerSpec, precision: Precision = 'float32') {
    checkSpec(spec);
    const { batch, distillation, seed, serving } = spec;
    const width = serving.hidden[serving.hidden.length - 1];
    this.spec = spec;
    this.model = freshServingModel(serving, precision, seed);
    this.backbone = new BackboneTrainer(this.model, batch);
    this.servingHead = new MlpTrainer(this.model.head, batch, precision);
    if (distillation.kind === 'auxiliary-heads')
      this.auxiliary = new AuxiliaryHeads(distillation, width, spec, precision);
    this.batch = new LoadedBatch(batch, precision);
    this.slopes = zeros(precision, batch);
    this.hiddenSlopes = zeros(precision, batch * width);
  }

  /**
   * Predicts the examples [start, end), at most a batch of them, then trains on them.
   * @param predictions written from `start` to `end`: what the serving head said before it saw the labels
   * @throws InputError for examples that cannot be trained on; then nothing has changed
   */
  train(examples: Examples, start: number, end: number, predictions: FloatArray): void {
    if (predictions.length < end)
      throw new InputError(`expected room for ${end} predictions, not ${predictions.length}`);
    this.load(examples, start, end);
    this.auxiliary?.trainAdapter(this.batch);
    this.forward(examples, start);
    for (let i = 0; i < this.batch.count; i++) predictions[start + i] = sigmoid(this.servingHead.output[i]);
    this.backward();
    this.update();
    this.count();
  }

  /** Gradients of the student's losses on the examples [start, end), left in its parts; no parameter changes. */
  differentiate(examples: Examples, start: number, end: number): void {
    this.load(examples, start, end);
    this.forward(examples, start);
    this.backward();
  }

  /** The student's losses on the examples [start, end); no parameter changes. */
  losses(examples: Examples, start: number, end: number): BatchLosses {
    this.load(examples, start, end);
    this.forward(examples, start);
    const { count, labels, known, knownCount, teacher } = this.batch;
    const { output } = this.servingHead;
    let sum = 0;
    for (let i = 0; i < count; i++) sum += crossEntropy(output[i], labels[i]);
    const weight = this.oneHeadWeight();
    if (weight > 0)
      for (let k = 0; k < knownCount; k++) sum += weight * crossEntropy(output[known[k]], teacher[k]);
    return { serving: sum / count, distillation: this.auxiliary?.losses(this.batch) ?? [] };
  }

  /** A copy of φ and f_S as they are now: as large, as costly and, to the last bit, as right as without teacher. */
  exportServing(): ServingModel {
    return structuredClone(this.model);
  }

  private load(examples: Examples, start: number, end: number): void {
    checkColumns(this.model.tables, examples.ids, end);
    this.batch.load(examples, start, end, this.spec.distillation.kind !== 'none');
  }

  private forward({ ids }: Examples, start: number): void {
    const hidden = this.backbone.forward(ids, start, this.batch.count);
    this.servingHead.forward(hidden, this.batch.count);
    this.auxiliary?.forward(hidden, this.batch);
  }

  private backward(): void {
    const { count, labels, known, knownCount, teacher } = this.batch;
    const { output } = this.servingHead;
    for (let i = 0; i < count; i++) this.slopes[i] = (sigmoid(output[i]) - labels[i]) / count;
    const weight = this.oneHeadWeight();
    if (weight > 0) {
      for (let k = 0; k < knownCount; k++)
        this.slopes[known[k]] += (weight * (sigmoid(output[known[k]]) - teacher[k])) / count;
    }
    this.servingHead.backward(this.slopes, count);
    const { inputGradients } = this.servingHead;
    const length = count * this.servingHead.layers[0].layer.inputs;
    for (let i = 0; i < length; i++) this.hiddenSlopes[i] = inputGradients[i];
    this.auxiliary?.backward(this.batch, this.hiddenSlopes);
    this.backbone.backward(this.hiddenSlopes, count);
  }

  private update(): void {
    const { backboneRateScale, learningRate } = this.spec;
    this.servingHead.update(learningRate);
    this.auxiliary?.update(learningRate);
    this.backbone.update(learningRate * backboneRateScale);
  }

  private count(): void {
    const { count, knownCount } = this.batch;
    this.tally.examples += count;
    if (this.spec.distillation.kind !== 'none') this.tally.withoutTeacher += count - knownCount;
    this.auxiliary?.countClipped(this.batch, this.tally);
  }

  private oneHeadWeight(): number {
    const { distillation } = this.spec;
    return distillation.kind === 'one-head' ? distillation.weight : 0;
  }
}
