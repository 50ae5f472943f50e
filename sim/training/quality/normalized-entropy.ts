/** Sums over a stream of predictions and binary labels, from which NE and calibration follow. */
export interface PredictionSums {
  count: number;
  positives: number;
  /** Σp. */
  predicted: number;
  /** −Σ(y·ln p + (1−y)·ln(1−p)), in nats. */
  logLoss: number;
}

/** Probabilities are kept this far from 0 and 1, so that one sure mistake does not make a loss infinite. */
const edge = 1e-7;

/** −(y·ln p + (1−y)·ln(1−p)) of one prediction, in nats. @param label 0 or 1 */
export function logLossOf(probability: number, label: number): number {
  const kept = Math.min(1 - edge, Math.max(edge, probability));
  return label === 1 ? -Math.log(kept) : -Math.log1p(-kept);
}

/**
 * Sums of predictions against their labels.
 * @param predictions probabilities, one for each label
 * @param labels 0 or 1
 * @throws RangeError where the lengths differ or a value is out of range
 */
export function predictionSums(predictions: ArrayLike<number>, labels: ArrayLike<number>): PredictionSums {
  const count = labels.length;
  if (predictions.length !== count)
    throw new RangeError(`${predictions.length} predictions for ${count} labels`);
  let positives = 0;
  let predicted = 0;
  let logLoss = 0;
  for (let i = 0; i < count; i++) {
    const [p, y] = [predictions[i], labels[i]];
    if (!(p >= 0 && p <= 1)) throw new RangeError(`prediction ${i} is ${p}, not a probability`);
    if (y !== 0 && y !== 1) throw new RangeError(`label ${i} is ${y}, neither 0 nor 1`);
    positives += y;
    predicted += p;
    logLoss += logLossOf(p, y);
  }
  return { count, positives, predicted, logLoss };
}

/** Entropy of a binary variable, in nats; 0 where it is sure. */
export function binaryEntropy(probability: number): number {
  if (!(probability >= 0 && probability <= 1)) throw new RangeError(`${probability} is not a probability`);
  if (probability === 0 || probability === 1) return 0;
  return -(probability * Math.log(probability) + (1 - probability) * Math.log1p(-probability));
}

/** Kullback–Leibler divergence of Bernoulli(`truth`) from Bernoulli(`believed`), in nats. */
export function binaryDivergence(truth: number, believed: number): number {
  const term = (p: number, q: number) => (p === 0 ? 0 : p * Math.log(p / q));
  return Math.max(0, term(truth, believed) + term(1 - truth, 1 - believed));
}

/**
 * NE: mean LogLoss over the entropy of the base rate; lower is better, 1 is a model that predicts the base rate.
 * Source: He et al. 2014. On a fixed set relative ΔNE is relative ΔLogLoss.
 * @throws RangeError without both labels, where it is not defined
 */
export function normalizedEntropy({ count, positives, logLoss }: PredictionSums): number {
  if (!(positives > 0 && positives < count))
    throw new RangeError('normalized entropy needs examples of both labels');
  return logLoss / count / binaryEntropy(positives / count);
}

/** RIG: relative information gain, 1 − NE. */
export function relativeInformationGain(sums: PredictionSums): number {
  return 1 - normalizedEntropy(sums);
}

/**
 * Predicted over observed positives; 1 is calibrated, above it the model promises too much.
 * @throws RangeError without positives
 */
export function calibration({ positives, predicted }: PredictionSums): number {
  if (positives === 0) throw new RangeError('calibration needs at least one positive label');
  return predicted / positives;
}
