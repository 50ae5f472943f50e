import { dot, elementOf, remembered, toleranceOf } from './elements.ts';
import type { OperatorSpec } from './operator.ts';

/** Products that the reference may spend on the rows of the answer. */
const work = 2 ** 22;

/**
 * Wukong's optimised factorisation machine: out [batch, vectors, rank] = X·(XᵀY) for x [batch, vectors, dim] and y [batch,
 * vectors, rank]. As (XXᵀ)·Y it is the same and often cheaper: which comes first is up to the kernel.
 */
export const optimisedFm: OperatorSpec = {
  name: 'optimised-fm',
  dataTypes: ['fp32', 'tf32', 'bf16', 'fp16'],
  tensors: (dataType, { batch, vectors, dim, rank }) => {
    const element = elementOf(dataType);
    return [
      { name: 'x', role: 'input', element, length: batch * vectors * dim },
      { name: 'y', role: 'input', element, length: batch * vectors * rank },
      {
        name: 'out',
        role: 'output',
        element,
        length: batch * vectors * rank,
        rowLength: rank,
        checkedRows: Math.max(2, Math.min(16, Math.floor(work / (vectors * dim)))),
      },
    ];
  },
  reference: (_, { vectors, dim, rank }, { value, values }) => {
    /** Dot products of one vector with all of its sample. */
    const products = remembered((row) => {
      const own = values('x', row * dim, dim);
      const first = Math.floor(row / vectors) * vectors;
      return Float64Array.from({ length: vectors }, (_, i) => dot(own, values('x', (first + i) * dim, dim)));
    });
    return (_tensor, index) => {
      const row = Math.floor(index / rank);
      const column = index - row * rank;
      const first = Math.floor(row / vectors) * vectors;
      return products(row).reduce(
        (sum, product, i) => sum + product * value('y', (first + i) * rank + column),
        0,
      );
    };
  },
  // Two products, one after the other.
  tolerance: (dataType) => 2 * toleranceOf(dataType),
};
