/** Sums over labelled predictions, from which normalized entropy and calibration follow. */
export class PredictionQuality {
  examples = 0;
  positives = 0;
  /** Σ −(y·log p + (1 − y)·log(1 − p)), in nats. */
  logLossSum = 0;
  predictedSum = 0;

  /**
   * Adds a prediction that was made before its label was seen.
   * @param label 0 or 1; anything else is no label, and is passed over
   * @param probability in (0, 1); at 0 or 1 a wrong prediction costs infinitely much, as it should
   */
  add(label: number, probability: number): void {
    if (label !== 0 && label !== 1) return;
    this.examples++;
    this.positives += label;
    this.predictedSum += probability;
    this.logLossSum -= label === 1 ? Math.log(probability) : Math.log1p(-probability);
  }

  /** Adds the sums of other examples. */
  merge({ examples, positives, logLossSum, predictedSum }: PredictionQuality): void {
    this.examples += examples;
    this.positives += positives;
    this.logLossSum += logLossSum;
    this.predictedSum += predictedSum;
  }

  /** Mean loss in nats an example. */
  get logLoss(): number {
    return this.logLossSum / this.examples;
  }

  /**
   * Normalized entropy (He et al. 2014): the loss relative to that of predicting the base rate of these very
   * examples. Lower is better, 1 is worth nothing; NaN where all labels are alike.
   */
  get normalizedEntropy(): number {
    return this.logLoss / entropyOf(this.positives / this.examples);
  }

  /** Relative information gain, 1 − NE. */
  get relativeInformationGain(): number {
    return 1 - this.normalizedEntropy;
  }

  /** Σp / Σy: above 1, more is predicted than happens. */
  get calibration(): number {
    return this.predictedSum / this.positives;
  }
}

/** Entropy of a coin in nats; NaN where its outcome is certain, for nothing can be compared with that. */
export function entropyOf(rate: number): number {
  return -(rate * Math.log(rate) + (1 - rate) * Math.log1p(-rate));
}

/** Quality of predictions in columns. */
export function qualityOf(labels: ArrayLike<number>, probabilities: ArrayLike<number>): PredictionQuality {
  const quality = new PredictionQuality();
  for (let i = 0; i < labels.length; i++) quality.add(labels[i], probabilities[i]);
  return quality;
}
