import { upperBits } from './quantile-sketch.ts';

const mantissaBits = 6;
const lowestExponent = -34;
const bins = (40 - lowestExponent) << mantissaBits;
const offset = (1023 + lowestExponent) << mantissaBits;

/**
 * Where time goes at a chosen part of a latency distribution, in flat memory: sums of the parts of each
 * observation, by bins of its total 1.6 % wide.
 */
export class BreakdownSketch {
  private readonly parts: number;
  private readonly counts = new Float64Array(bins);
  private readonly sums: Float64Array;

  constructor(parts: number) {
    this.parts = parts;
    this.sums = new Float64Array(bins * parts);
  }

  add(total: number, values: Float64Array): void {
    const index = (upperBits(total) >>> (20 - mantissaBits)) - offset;
    const bin = index < 0 ? 0 : index >= bins ? bins - 1 : index;
    this.counts[bin]++;
    const base = bin * this.parts;
    for (let part = 0; part < this.parts; part++) this.sums[base + part] += values[part];
  }

  /** Mean of each part over the observations between two quantiles of the total (bins are taken in proportion). */
  meanBetween(low: number, high: number): number[] {
    const count = this.counts.reduce((sum, inBin) => sum + inBin, 0);
    const means = new Array<number>(this.parts).fill(0);
    let before = 0;
    let weight = 0;
    for (let bin = 0; bin < bins; bin++) {
      const inBin = this.counts[bin];
      if (inBin === 0) continue;
      const overlap = Math.min(before + inBin, high * count) - Math.max(before, low * count);
      before += inBin;
      if (overlap <= 0) continue;
      weight += overlap;
      for (let part = 0; part < this.parts; part++) {
        means[part] += (this.sums[bin * this.parts + part] / inBin) * overlap;
      }
    }
    return means.map((sum) => (weight > 0 ? sum / weight : 0));
  }
}
