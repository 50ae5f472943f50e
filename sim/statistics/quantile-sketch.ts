const mantissaBits = 11;
const lowestExponent = -34;
const highestExponent = 24;
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
 * logarithm per value). Values from 2⁻³⁴ to 2²⁴ land in bins at most 2⁻¹¹ = 0.05 % wide; quantiles are
 * interpolated inside their bin. Smaller values (and zero) count in the first bin, larger ones in the last.
 */
export class QuantileSketch {
  count = 0;
  sum = 0;
  max = 0;
  private readonly counts = new Uint32Array(bins);

  add(value: number): void {
    const index = (upperBits(value) >>> (20 - mantissaBits)) - offset;
    this.counts[index < 0 ? 0 : index >= bins ? bins - 1 : index]++;
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
      const low = lowerEdge(bin);
      const value = low + Math.min(Math.max(position, 0), 1) * (lowerEdge(bin + 1) - low);
      found.push(this.count === 0 ? Number.NaN : Math.min(value, this.max));
    }
    return found;
  }
}

function lowerEdge(bin: number): number {
  const index = bin + offset;
  const exponent = (index >> mantissaBits) - 1023;
  const mantissa = 1 + (index & ((1 << mantissaBits) - 1)) / (1 << mantissaBits);
  return mantissa * 2 ** exponent;
}
