const mantissaBits = 11;
const lowestExponent = -34;
const highestExponent = 40;
const offset = (1023 + lowestExponent) << mantissaBits;
const bins = (highestExponent - lowestExponent) << mantissaBits;

const bits = new DataView(new ArrayBuffer(8));

/** Upper 32 bits of a float64: sign, exponent and the first 20 bits of the mantissa. */
export function upperBits(value: number): number {
  bits.setFloat64(0, value);
  return bits.getUint32(0);
}

/**
 * Streaming quantiles in flat memory: a log-linear histogram over the leading bits of the float itself (no
 * logarithm per value). Values from 2⁻³⁴ to 2⁴⁰ land in bins at most 2⁻¹¹ = 0.05 % wide; quantiles are
 * interpolated between the smallest and the largest value of their bin, so a constant is exact. Smaller values (and zero) count in the first bin, larger ones in the last.
 */
export class QuantileSketch {
  count = 0;
  sum = 0;
  max = 0;
  private readonly counts = new Uint32Array(bins);
  /** Smallest and largest value seen in each bin. */
  private readonly lowest = new Float64Array(bins);
  private readonly highest = new Float64Array(bins);

  add(value: number): void {
    const index = (upperBits(value) >>> (20 - mantissaBits)) - offset;
    const bin = index < 0 ? 0 : index >= bins ? bins - 1 : index;
    if (this.counts[bin]++ === 0) {
      this.lowest[bin] = value;
      this.highest[bin] = value;
    } else if (value < this.lowest[bin]) this.lowest[bin] = value;
    else if (value > this.highest[bin]) this.highest[bin] = value;
    this.count++;
    this.sum += value;
    if (value > this.max) this.max = value;
  }

  mean(): number {
    return this.sum / this.count;
  }

  /** The p-quantiles, for ascending p in [0, 1]; NaN when nothing was added. */
  quantiles(probabilities: readonly number[]): number[] {
    const found: number[] = [];
    let bin = -1;
    let before = 0;
    let inBin = 0;
    for (const p of probabilities) {
      const rank = p * this.count;
      while (bin + 1 < bins && (bin < 0 || before + inBin < rank || inBin === 0)) {
        before += inBin;
        inBin = this.counts[++bin];
      }
      const position = inBin === 0 ? 0 : (rank - before) / inBin;
      const low = this.lowest[bin];
      const value = low + Math.min(Math.max(position, 0), 1) * (this.highest[bin] - low);
      found.push(this.count === 0 ? Number.NaN : value);
    }
    return found;
  }
}
