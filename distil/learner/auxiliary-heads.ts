import { RandomStream } from '../../foundation/random.ts';
import { denseLayers } from './dense-layer.ts';
import type { Tally } from './examples.ts';
import { type FloatArray, type Precision, zeros } from './float-array.ts';
import type { LoadedBatch } from './loaded-batch.ts';
import { crossEntropy, scaledLabel, sigmoid } from './logistic.ts';
import { MlpTrainer } from './mlp-trainer.ts';
import { parameterStreams } from './serving-model.ts';
import type { Distillation, LearnerSpec } from './spec.ts';
import { StudentAdapter } from './student-adapter.ts';

type AuxiliarySpec = Extract<Distillation, { kind: 'auxiliary-heads' }>;

/** A distillation head with its weight in the loss and this batch's targets, one for each label the teacher gave. */
interface Head {
  mlp: MlpTrainer;
  weight: number;
  targets: FloatArray;
}

/**
 * The heads that only training has: f_D on min(1, α·y_F) with weight w (Eq. 4 and 5), and with an adapter f_D2 on
 * σ(ŷ_SA) with weight 1 (Eq. 7). Examples without a teacher's label add nothing to any of their losses.
 */
export class AuxiliaryHeads {
  /** The f_D first, then f_D2. */
  readonly heads: readonly Head[];
  readonly adapter: StudentAdapter | undefined;
  private readonly spec: AuxiliarySpec;
  private readonly slopes: FloatArray;

  constructor(spec: AuxiliarySpec, width: number, { batch, seed }: LearnerSpec, precision: Precision) {
    const head = (weight: number, at: number): Head => {
      const random = new RandomStream(seed, parameterStreams.distillationHead, at);
      const layers = denseLayers(width, spec.headHidden, true, precision, random);
      return { mlp: new MlpTrainer(layers, batch, precision), weight, targets: zeros(precision, batch) };
    };
    const onTeacher = Array.from({ length: spec.heads }, (_, at) => head(spec.weight, at));
    this.spec = spec;
    this.adapter = spec.adapter && new StudentAdapter(spec.adapter, batch, precision, seed);
    this.heads = this.adapter ? [...onTeacher, head(1, spec.heads)] : onTeacher;
    this.slopes = zeros(precision, batch);
  }

  /** Step 1 of Algorithm 1: the adapter learns from this batch's labels, before its targets are taken. */
  trainAdapter({ teacher, knownLabels, knownCount }: LoadedBatch): void {
    if (knownCount > 0) this.adapter?.train(teacher, knownLabels, knownCount);
  }

  /** Counts the labels that scaling would have put above 1. */
  countClipped({ teacher, knownCount }: LoadedBatch, tally: Tally): void {
    for (let k = 0; k < knownCount; k++) if (teacher[k] * this.spec.labelScale > 1) tally.clippedLabels++;
  }

  /** @param hidden φ(x), count × width */
  forward(hidden: FloatArray, batch: LoadedBatch): void {
    for (const { mlp } of this.heads) mlp.forward(hidden, batch.count);
    this.takeTargets(batch);
  }

  /**
   * Derivatives of w·L_d and L_sa by the heads' parameters; those by φ(x), times β, are added to `hiddenSlopes`.
   * @param hiddenSlopes count × width
   */
  backward(batch: LoadedBatch, hiddenSlopes: FloatArray): void {
    const { gradientScale } = this.spec;
    const { count, known, knownCount } = batch;
    for (const { mlp, weight, targets } of this.heads) {
      this.slopes.fill(0, 0, count);
      for (let k = 0; k < knownCount; k++)
        this.slopes[known[k]] = (weight * (sigmoid(mlp.output[known[k]]) - targets[k])) / count;
      mlp.backward(this.slopes, count);
      const { inputGradients } = mlp;
      const length = count * mlp.layers[0].layer.inputs;
      for (let i = 0; i < length; i++) hiddenSlopes[i] += gradientScale * inputGradients[i];
    }
  }

  update(rate: number): void {
    for (const { mlp } of this.heads) mlp.update(rate);
  }

  /** w·L_d of each f_D, then L_sa: means over the batch, in nats, of the last forward pass. */
  losses({ count, known, knownCount }: LoadedBatch): number[] {
    return this.heads.map(({ mlp, weight, targets }) => {
      let sum = 0;
      for (let k = 0; k < knownCount; k++) sum += crossEntropy(mlp.output[known[k]], targets[k]);
      return (weight * sum) / count;
    });
  }

  private takeTargets({ teacher, knownCount }: LoadedBatch): void {
    const { heads, labelScale } = this.spec;
    for (const { targets } of this.heads.slice(0, heads))
      for (let k = 0; k < knownCount; k++) targets[k] = scaledLabel(teacher[k], labelScale);
    if (this.adapter && knownCount > 0) this.adapter.targets(teacher, knownCount, this.heads[heads].targets);
  }
}
