import type { RandomStream } from '../../foundation/random.ts';
import { type FloatArray, type Precision, zeros } from './float-array.ts';

/** A fully connected layer: y = W·x + b, then the positive part if it is rectified. Plain data. */
export interface DenseLayer {
  inputs: number;
  outputs: number;
  rectified: boolean;
  /** `outputs` rows of `inputs`. */
  weights: FloatArray;
  bias: FloatArray;
}

/**
 * Layers from `inputs` through the hidden widths, rectified, and to one linear output if `logit` says so. Weights
 * are normal with variance 2/inputs (He et al. 2015), 1/inputs in front of the logit; biases start at 0.
 */
export function denseLayers(
  inputs: number,
  hidden: readonly number[],
  logit: boolean,
  precision: Precision,
  random: RandomStream,
): DenseLayer[] {
  const widths = [inputs, ...hidden, ...(logit ? [1] : [])];
  return widths.slice(1).map((outputs, at) => {
    const rectified = at < hidden.length;
    const deviation = Math.sqrt((rectified ? 2 : 1) / widths[at]);
    const weights = zeros(precision, outputs * widths[at]).map(() => deviation * random.normal());
    return { inputs: widths[at], outputs, rectified, weights, bias: zeros(precision, outputs) };
  });
}

/**
 * Applies a layer to `count` examples. The sum of each output runs over the inputs in order, whatever the batch:
 * an example's result does not depend on its neighbours.
 * @param x count × inputs
 * @param y count × outputs, written
 */
export function denseForward(layer: DenseLayer, x: FloatArray, count: number, y: FloatArray): void {
  const { inputs, outputs, rectified, weights, bias } = layer;
  for (let example = 0; example < count; example++) {
    const xAt = example * inputs;
    const yAt = example * outputs;
    let o = 0;
    for (; o + 3 < outputs; o += 4) {
      const w0 = o * inputs;
      const w1 = w0 + inputs;
      const w2 = w1 + inputs;
      const w3 = w2 + inputs;
      let s0 = bias[o];
      let s1 = bias[o + 1];
      let s2 = bias[o + 2];
      let s3 = bias[o + 3];
      for (let i = 0; i < inputs; i++) {
        const value = x[xAt + i];
        s0 += value * weights[w0 + i];
        s1 += value * weights[w1 + i];
        s2 += value * weights[w2 + i];
        s3 += value * weights[w3 + i];
      }
      y[yAt + o] = s0;
      y[yAt + o + 1] = s1;
      y[yAt + o + 2] = s2;
      y[yAt + o + 3] = s3;
    }
    for (; o < outputs; o++) {
      let s = bias[o];
      for (let i = 0; i < inputs; i++) s += x[xAt + i] * weights[o * inputs + i];
      y[yAt + o] = s;
    }
  }
  if (!rectified) return;
  for (let i = 0; i < count * outputs; i++) if (y[i] < 0) y[i] = 0;
}
