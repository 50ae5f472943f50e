import { elementOf } from '../../operators/elements.ts';
import type { TypescriptKernel } from './kernel.ts';
import { toFloats } from './views.ts';

export const topK: TypescriptKernel = ([x, values, indices], { rows, n, k }, dataType) => {
  for (let row = 0; row < rows; row++) {
    const own = toFloats(x, elementOf(dataType), row * n, n);
    const order = Uint32Array.from(own.keys()).sort((a, b) => own[b] - own[a] || a - b);
    for (let i = 0; i < k; i++) {
      indices[row * k + i] = order[i];
      values[row * k + i] = x[row * n + order[i]];
    }
  }
};
