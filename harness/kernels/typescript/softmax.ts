import { elementOf } from '../../operators/elements.ts';
import type { TypescriptKernel } from './kernel.ts';
import { store, toFloats } from './views.ts';

export const softmax: TypescriptKernel = ([x, out], { rows, n }, dataType) => {
  const element = elementOf(dataType);
  const answer = new Float32Array(n);
  for (let row = 0; row < rows; row++) {
    const values = toFloats(x, element, row * n, n);
    const { most, sum } = exponentials(values);
    for (let i = 0; i < n; i++) answer[i] = Math.exp(values[i] - most) / sum;
    store(out, element, answer, row * n);
  }
};

export const crossEntropy: TypescriptKernel = ([logits, targets, loss], { rows, classes }, dataType) => {
  for (let row = 0; row < rows; row++) {
    const values = toFloats(logits, elementOf(dataType), row * classes, classes);
    const { most, sum } = exponentials(values);
    loss[row] = Math.log(sum) + most - values[targets[row]];
  }
};

/** The largest value, and the sum of e^(value − largest). */
function exponentials(values: Float32Array): { most: number; sum: number } {
  let most = Number.NEGATIVE_INFINITY;
  for (const value of values) if (value > most) most = value;
  let sum = 0;
  for (const value of values) sum += Math.exp(value - most);
  return { most, sum };
}
