import type { Distribution } from './pipeline-result.ts';

/** Values ranked once, whose distribution is then asked for under different weights. */
export class Ranked {
  private readonly values: readonly number[];
  private readonly order: Uint32Array;

  constructor(values: readonly number[]) {
    this.values = values;
    this.order = Uint32Array.from(values.keys()).sort((a, b) => values[a] - values[b]);
  }

  /**
   * Exact weighted quantiles (the least value up to which the weights sum to p of all) and the mean.
   * @param weights of each value, at least 0
   * @param shift added to every value
   * @returns undefined when nothing has weight
   */
  distribution(weights: Float64Array, shift = 0): Distribution | undefined {
    const { order, values } = this;
    let total = 0;
    let sum = 0;
    for (let index = 0; index < values.length; index++) {
      total += weights[index];
      sum += weights[index] * values[index];
    }
    if (!(total > 0)) return undefined;
    let rank = 0;
    let reached = 0;
    const quantile = (p: number): number => {
      // The last bit of slack is for weights whose sum depends on their order.
      while (rank < order.length && reached < p * total * (1 - 1e-12)) reached += weights[order[rank++]];
      return values[order[Math.max(rank - 1, 0)]] + shift;
    };
    const [p05, p50, p90, p99] = [0.05, 0.5, 0.9, 0.99].map(quantile);
    return { mean: sum / total + shift, p05, p50, p90, p99 };
  }
}
