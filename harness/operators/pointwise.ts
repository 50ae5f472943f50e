import { elementOf, toleranceOf } from './elements.ts';
import type { OperatorSpec } from './operator.ts';

/** max(0, x + bias) over [rows, n], as a kernel of its own. */
export const biasActivation: OperatorSpec = {
  name: 'bias-activation',
  dataTypes: ['fp32', 'bf16', 'fp16'],
  tensors: (dataType, { rows, n }) => [
    { name: 'x', role: 'input', element: elementOf(dataType), length: rows * n },
    { name: 'bias', role: 'input', element: elementOf(dataType), length: n },
    { name: 'out', role: 'output', element: elementOf(dataType), length: rows * n, rowLength: n },
  ],
  reference:
    (_, { n }, { value }) =>
    (_tensor, index) =>
      Math.max(0, value('x', index) + value('bias', index % n)),
  tolerance: toleranceOf,
};

/** Product over the first axis of x [inputs, rows, n]. */
export const elementwise: OperatorSpec = {
  name: 'elementwise',
  dataTypes: ['fp32', 'bf16', 'fp16'],
  tensors: (dataType, { rows, n, inputs }) => [
    { name: 'x', role: 'input', element: elementOf(dataType), length: inputs * rows * n },
    { name: 'out', role: 'output', element: elementOf(dataType), length: rows * n, rowLength: n },
  ],
  reference:
    (_, { rows, n, inputs }, { value }) =>
    (_tensor, index) => {
      let product = 1;
      for (let i = 0; i < inputs; i++) product *= value('x', i * rows * n + index);
      return product;
    },
  tolerance: toleranceOf,
};

/** a · sigmoid(a) · b over [rows, n]: what lies between the products of a gated FFN. */
export const swiglu: OperatorSpec = {
  name: 'swiglu',
  dataTypes: ['fp32', 'bf16', 'fp16'],
  tensors: (dataType, { rows, n }) => [
    { name: 'a', role: 'input', element: elementOf(dataType), length: rows * n },
    { name: 'b', role: 'input', element: elementOf(dataType), length: rows * n },
    { name: 'out', role: 'output', element: elementOf(dataType), length: rows * n, rowLength: n },
  ],
  reference:
    (_, __, { value }) =>
    (_tensor, index) => {
      const a = value('a', index);
      return (a / (1 + Math.exp(-a))) * value('b', index);
    },
  tolerance: toleranceOf,
};
