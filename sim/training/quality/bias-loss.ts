import type { QualityValues } from './constants.ts';
import { binaryDivergence, binaryEntropy } from './normalized-entropy.ts';
import type { DistillationHead } from './transfer-ratio.ts';

/** A biased teacher of one vertical, and how much its label weighs. */
export interface TeacherBias {
  /** Positive rate of the vertical's labels, in (0, 1). */
  baseRate: number;
  /** The teacher's mean prediction on the vertical's examples, over their positive rate; 1 is unbiased. */
  teacherCalibration: number;
  /** w: weight of the distillation loss beside that of the label. */
  lossWeight: number;
  /** Share of examples with a teacher's label. */
  labelledShare: number;
}

/**
 * Probability that the serving head is off by. With one head the minimiser of BCE(p, y) + w·BCE(p, y_F) is
 * (E[y] + w·E[y_F]) / (1 + w), so it is w·b / (1 + w) for a teacher off by b; w counts on labelled examples only.
 * A separate head lets only a share of that leak through the backbone.
 */
export function servedBias(values: QualityValues, head: DistillationHead, bias: TeacherBias): number {
  checkBias(bias);
  const { baseRate, teacherCalibration, lossWeight, labelledShare } = bias;
  const weight = lossWeight * labelledShare;
  const ofTeacher = baseRate * (teacherCalibration - 1);
  return (leakOf(values, head) * (weight * ofTeacher)) / (1 + weight);
}

/**
 * Relative to the entropy of the base rate, what the bias costs: KL(p ‖ p + shift) / H(p), exact for a model that
 * predicts the base rate, and the order of it for one that tells examples apart.
 */
export function biasLoss(values: QualityValues, head: DistillationHead, bias: TeacherBias): number {
  const { baseRate } = bias;
  return binaryDivergence(baseRate, baseRate + servedBias(values, head, bias)) / binaryEntropy(baseRate);
}

function leakOf({ auxiliaryHeadLeak, studentAdapterLeak }: QualityValues, head: DistillationHead): number {
  if (head === 'one-head') return 1;
  return head === 'auxiliary-head' ? auxiliaryHeadLeak : studentAdapterLeak;
}

function checkBias({ baseRate, teacherCalibration, lossWeight, labelledShare }: TeacherBias): void {
  if (!(baseRate > 0 && baseRate < 1)) throw new RangeError(`base rate ${baseRate} is not between 0 and 1`);
  if (!(teacherCalibration > 0 && baseRate * teacherCalibration < 1))
    throw new RangeError(`a teacher's calibration of ${teacherCalibration} leaves no probability`);
  if (!(lossWeight >= 0)) throw new RangeError(`loss weight ${lossWeight} is negative`);
  if (!(labelledShare >= 0 && labelledShare <= 1))
    throw new RangeError(`labelled share ${labelledShare} is not between 0 and 1`);
}
