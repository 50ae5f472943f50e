import { elementOf } from '../../operators/elements.ts';
import type { TypescriptKernel } from './kernel.ts';
import { store, toFloats } from './views.ts';

export const dotInteraction: TypescriptKernel = ([x, out], { batch, vectors, dim }, dataType) => {
  const element = elementOf(dataType);
  const answer = new Float32Array((vectors * (vectors - 1)) / 2);
  for (let sample = 0; sample < batch; sample++) {
    const values = toFloats(x, element, sample * vectors * dim, vectors * dim);
    let place = 0;
    for (let i = 0; i < vectors; i++) {
      for (let j = 0; j < i; j++) {
        let sum = 0;
        for (let d = 0; d < dim; d++) sum += values[i * dim + d] * values[j * dim + d];
        answer[place++] = sum;
      }
    }
    store(out, element, answer, sample * answer.length);
  }
};

export const factorisationMachine: TypescriptKernel = ([x, out], { batch, vectors, dim }, dataType) => {
  const sums = new Float32Array(dim);
  for (let sample = 0; sample < batch; sample++) {
    const values = toFloats(x, elementOf(dataType), sample * vectors * dim, vectors * dim);
    sums.fill(0);
    let squares = 0;
    for (let v = 0; v < vectors; v++) {
      for (let d = 0; d < dim; d++) {
        const value = values[v * dim + d];
        sums[d] += value;
        squares += value * value;
      }
    }
    let squaredSums = 0;
    for (let d = 0; d < dim; d++) squaredSums += sums[d] * sums[d];
    out[sample] = (squaredSums - squares) / 2;
  }
};
