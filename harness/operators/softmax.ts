import type { RandomStream } from '../../foundation/random.ts';
import { elementOf, remembered, toleranceOf } from './elements.ts';
import { edgeOf } from './indices.ts';
import type { Inputs, OperatorSpec } from './operator.ts';

/** e^x over its sum, for each row of x [rows, n]. */
export const softmax: OperatorSpec = {
  name: 'softmax',
  dataTypes: ['fp32', 'bf16', 'fp16'],
  tensors: (dataType, { rows, n }) => {
    const element = elementOf(dataType);
    return [
      { name: 'x', role: 'input', element, length: rows * n },
      { name: 'out', role: 'output', element, length: rows * n, rowLength: n },
    ];
  },
  reference: (_, { n }, inputs) => {
    const logSum = logSums(inputs, 'x', n);
    return (_tensor, index) => Math.exp(inputs.value('x', index) - logSum(Math.floor(index / n)));
  },
  tolerance: toleranceOf,
};

/** −log softmax(logits)[target] of each row, in fp32 whatever the logits are; no mean is taken. Targets are 0 … classes − 1. */
export const crossEntropy: OperatorSpec = {
  name: 'cross-entropy',
  dataTypes: ['fp32', 'bf16', 'fp16'],
  tensors: (dataType, { rows, classes }) => [
    { name: 'logits', role: 'input', element: elementOf(dataType), length: rows * classes },
    {
      name: 'targets',
      role: 'input',
      element: 'i32',
      length: rows,
      make: (random) => targets(random, rows, classes),
      edges: (random) => Int32Array.from({ length: rows }, () => edgeOf(random, classes)),
    },
    { name: 'loss', role: 'output', element: 'f32', length: rows, rowLength: 1, checkedRows: 32 },
  ],
  reference: (_, { classes }, inputs) => {
    const logSum = logSums(inputs, 'logits', classes);
    const wanted = inputs.integers('targets');
    return (_tensor, row) => logSum(row) - inputs.value('logits', row * classes + wanted[row]);
  },
  // Logits are exact and the answer is fp32: what is computed in less would show.
  tolerance: () => toleranceOf('fp32'),
};

function targets(random: RandomStream, rows: number, classes: number): Int32Array {
  return Int32Array.from({ length: rows }, () => random.below(classes));
}

/** log Σ e^x of each row. */
function logSums({ values }: Inputs, tensor: string, n: number): (row: number) => number {
  return remembered((row) => {
    const x = values(tensor, row * n, n);
    let most = Number.NEGATIVE_INFINITY;
    for (const each of x) if (each > most) most = each;
    let sum = 0;
    for (const each of x) sum += Math.exp(each - most);
    return most + Math.log(sum);
  });
}
