import { dot, elementOf, remembered, toleranceOf } from './elements.ts';
import type { OperatorSpec } from './operator.ts';

/** Dot products of all pairs among `vectors` vectors: element i(i − 1)/2 + j is x_i · x_j, j < i. */
export const dotInteraction: OperatorSpec = {
  name: 'dot-interaction',
  dataTypes: ['fp32', 'bf16', 'fp16'],
  tensors: (dataType, { batch, vectors, dim }) => {
    const pairs = (vectors * (vectors - 1)) / 2;
    return [
      { name: 'x', role: 'input', element: elementOf(dataType), length: batch * vectors * dim },
      {
        name: 'out',
        role: 'output',
        element: elementOf(dataType),
        length: batch * pairs,
        rowLength: pairs,
      },
    ];
  },
  reference: (_, { vectors, dim }, { values }) => {
    const pairs = (vectors * (vectors - 1)) / 2;
    const vector = remembered((row) => values('x', row * dim, dim));
    return (_tensor, index) => {
      const sample = Math.floor(index / pairs);
      const { i, j } = pairAt(index - sample * pairs);
      return dot(vector(sample * vectors + i), vector(sample * vectors + j));
    };
  },
  tolerance: toleranceOf,
};

/** The pair j < i at place i(i − 1)/2 + j. */
export function pairAt(place: number): { i: number; j: number } {
  let i = Math.floor((1 + Math.sqrt(1 + 8 * place)) / 2);
  // The root of a large number may be off by one in its last place.
  while ((i * (i - 1)) / 2 > place) i--;
  while ((i * (i + 1)) / 2 <= place) i++;
  return { i, j: place - (i * (i - 1)) / 2 };
}

/** ½ Σ over dim of (Σ over vectors of x)² − Σ over vectors of x²; the answer is fp32. */
export const factorisationMachine: OperatorSpec = {
  name: 'factorisation-machine',
  dataTypes: ['fp32', 'bf16', 'fp16'],
  tensors: (dataType, { batch, vectors, dim }) => [
    { name: 'x', role: 'input', element: elementOf(dataType), length: batch * vectors * dim },
    { name: 'out', role: 'output', element: 'f32', length: batch, rowLength: 1, checkedRows: 128 },
  ],
  reference:
    (_, { vectors, dim }, { values }) =>
    (_tensor, index) => {
      const x = values('x', index * vectors * dim, vectors * dim);
      let twice = 0;
      for (let d = 0; d < dim; d++) {
        let sum = 0;
        let squares = 0;
        for (let i = d; i < x.length; i += dim) {
          sum += x[i];
          squares += x[i] * x[i];
        }
        twice += sum * sum - squares;
      }
      return twice / 2;
    },
  tolerance: toleranceOf,
};
