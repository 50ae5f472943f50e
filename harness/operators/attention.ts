import type { RandomStream } from '../../foundation/random.ts';
import type { MeasuredDataType, Shape } from '../../hardware-profiles/operators-measured.ts';
import { dot, elementOf, remembered, toleranceOf } from './elements.ts';
import type { Inputs, OperatorSpec } from './operator.ts';

/** Products that the reference may spend. */
const work = 2 ** 21;

/** softmax(q kᵀ / √dim) v without a mask; q, k, v and out are [batch, heads, length, dim]. */
export const attention: OperatorSpec = {
  name: 'attention',
  dataTypes: ['fp32', 'bf16', 'fp16'],
  tensors: (dataType, shape) => {
    const tensor = { element: elementOf(dataType), length: elementsOf(shape) };
    return [
      { name: 'q', role: 'input', ...tensor },
      { name: 'k', role: 'input', ...tensor },
      { name: 'v', role: 'input', ...tensor },
      { name: 'out', role: 'output', ...tensor, rowLength: shape.dim, checkedRows: checkedRows(shape) },
    ];
  },
  reference: (_, { length, dim }, inputs) => {
    const answer = remembered((row) => {
      const first = Math.floor(row / length) * length;
      return attend(inputs, dim, row, { first, step: 1, count: length });
    });
    return (_tensor, index) => answer(Math.floor(index / dim))[index % dim];
  },
  tolerance,
};

/** The same over packed sequences: q, k, v and out are [tokens, heads, dim], offsets [batch + 1] say where each starts. */
export const attentionJagged: OperatorSpec = {
  name: 'attention-jagged',
  dataTypes: ['fp32', 'bf16', 'fp16'],
  tensors: (dataType, shape) => {
    const tensor = { element: elementOf(dataType), length: elementsOf(shape) };
    return [
      { name: 'q', role: 'input', ...tensor },
      { name: 'k', role: 'input', ...tensor },
      { name: 'v', role: 'input', ...tensor },
      {
        name: 'offsets',
        role: 'input',
        element: 'i32',
        length: shape.batch + 1,
        make: (random) => jaggedOffsets(random, shape.batch, shape.length),
        edges: () => unevenOffsets(shape.batch, shape.length),
      },
      { name: 'out', role: 'output', ...tensor, rowLength: shape.dim, checkedRows: checkedRows(shape) },
    ];
  },
  reference: (_, { heads, dim }, inputs) => {
    const offsets = inputs.integers('offsets');
    const answer = remembered((row) => {
      const token = Math.floor(row / heads);
      const start = offsets.findLastIndex((offset) => offset <= token);
      return attend(inputs, dim, row, {
        first: offsets[start] * heads + (row - token * heads),
        step: heads,
        count: offsets[start + 1] - offsets[start],
      });
    });
    return (_tensor, index) => answer(Math.floor(index / dim))[index % dim];
  },
  tolerance,
};

/**
 * Where sequences of 1 … 2·length − 1 tokens start, and where the last ends. Lengths come in pairs (l, 2·length − l),
 * shuffled, so that they always add up to batch × length; an odd last one has the mean.
 */
export function jaggedOffsets(random: RandomStream, batch: number, length: number): Int32Array {
  const lengths = new Int32Array(batch).fill(length);
  for (let i = 0; i + 1 < batch; i += 2) {
    lengths[i] = 1 + random.below(2 * length - 1);
    lengths[i + 1] = 2 * length - lengths[i];
  }
  for (let i = batch - 1; i > 0; i--) {
    const other = random.below(i + 1);
    [lengths[i], lengths[other]] = [lengths[other], lengths[i]];
  }
  return offsetsOf(lengths);
}

/** The same of the shortest and the longest sequences in turn. */
export function unevenOffsets(batch: number, length: number): Int32Array {
  const lengths = Int32Array.from({ length: batch }, (_, i) => (i % 2 === 0 ? 1 : 2 * length - 1));
  if (batch % 2 === 1) lengths[batch - 1] = length;
  return offsetsOf(lengths);
}

function offsetsOf(lengths: Int32Array): Int32Array {
  const offsets = new Int32Array(lengths.length + 1);
  for (let i = 0; i < lengths.length; i++) offsets[i + 1] = offsets[i] + lengths[i];
  return offsets;
}

/** One row of the answer: `query` looks at `count` rows from `first` in steps. */
function attend(
  { values }: Inputs,
  dim: number,
  query: number,
  { first, step, count }: { first: number; step: number; count: number },
): Float64Array {
  const q = values('q', query * dim, dim);
  const rows = Array.from({ length: count }, (_, i) => (first + i * step) * dim);
  const scores = rows.map((start) => dot(q, values('k', start, dim)) / Math.sqrt(dim));
  const highest = scores.reduce((most, score) => Math.max(most, score), -Infinity);
  const weights = scores.map((score) => Math.exp(score - highest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const answer = new Float64Array(dim);
  rows.forEach((start, i) => {
    const v = values('v', start, dim);
    for (let d = 0; d < dim; d++) answer[d] += (weights[i] / total) * v[d];
  });
  return answer;
}

function elementsOf({ batch, heads, length, dim }: Shape): number {
  return batch * heads * length * dim;
}

function checkedRows({ length, dim }: Shape): number {
  return Math.max(2, Math.min(16, Math.floor(work / (2 * length * dim))));
}

/** Weights are rounded too before they meet v. */
function tolerance(dataType: MeasuredDataType): number {
  return 2 * toleranceOf(dataType);
}
