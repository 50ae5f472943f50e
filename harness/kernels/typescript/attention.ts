import { elementOf } from '../../operators/elements.ts';
import type { TypescriptKernel } from './kernel.ts';
import { store, toFloats } from './views.ts';

export const attention: TypescriptKernel = ([q, k, v, out], { batch, heads, length, dim }, dataType) => {
  const element = elementOf(dataType);
  const [queries, keys, values] = [q, k, v].map((each) => toFloats(each, element));
  const answer = new Float32Array(queries.length);
  for (let sequence = 0; sequence < batch * heads; sequence++) {
    attend(queries, keys, values, answer, { first: sequence * length * dim, stride: dim, length, dim });
  }
  store(out, element, answer);
};

export const attentionJagged: TypescriptKernel = (
  [q, k, v, offsets, out],
  { batch, heads, dim },
  dataType,
) => {
  const element = elementOf(dataType);
  const [queries, keys, values] = [q, k, v].map((each) => toFloats(each, element));
  const answer = new Float32Array(queries.length);
  for (let b = 0; b < batch; b++) {
    for (let head = 0; head < heads; head++) {
      const first = (offsets[b] * heads + head) * dim;
      const length = offsets[b + 1] - offsets[b];
      attend(queries, keys, values, answer, { first, stride: heads * dim, length, dim });
    }
  }
  store(out, element, answer);
};

interface Sequence {
  /** Place of the first token's row, and from one row to the next. */
  first: number;
  stride: number;
  length: number;
  dim: number;
}

function attend(
  q: Float32Array,
  k: Float32Array,
  v: Float32Array,
  out: Float32Array,
  { first, stride, length, dim }: Sequence,
): void {
  const weights = new Float32Array(length);
  const sum = new Float32Array(dim);
  const scale = 1 / Math.sqrt(dim);
  for (let token = 0; token < length; token++) {
    const query = first + token * stride;
    let highest = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < length; j++) {
      const key = first + j * stride;
      let score = 0;
      for (let d = 0; d < dim; d++) score += q[query + d] * k[key + d];
      weights[j] = score * scale;
      if (weights[j] > highest) highest = weights[j];
    }
    let total = 0;
    sum.fill(0);
    for (let j = 0; j < length; j++) {
      const weight = Math.exp(weights[j] - highest);
      total += weight;
      const value = first + j * stride;
      for (let d = 0; d < dim; d++) sum[d] += weight * v[value + d];
    }
    for (let d = 0; d < dim; d++) out[query + d] = sum[d] / total;
  }
}
