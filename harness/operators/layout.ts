import type { MeasuredDataType } from '../../hardware-profiles/operators-measured.ts';
import { elementOf } from './elements.ts';
import type { OperatorSpec } from './operator.ts';

const dataTypes: MeasuredDataType[] = ['fp32', 'bf16', 'fp16', 'int8'];

/** x [inputs, rows, width] to out [rows, inputs, width]. */
export const concat: OperatorSpec = {
  name: 'concat',
  dataTypes,
  tensors: (dataType, { rows, inputs, width }) => [
    { name: 'x', role: 'input', element: elementOf(dataType), length: inputs * rows * width },
    {
      name: 'out',
      role: 'output',
      element: elementOf(dataType),
      length: inputs * rows * width,
      rowLength: inputs * width,
    },
  ],
  reference:
    (_, { rows, inputs, width }, { value }) =>
    (_tensor, index) =>
      value('x', swapped(index, inputs, rows, width)),
  tolerance: () => 0,
};

/** x [rows, inputs, width] to out [inputs, rows, width]. */
export const split: OperatorSpec = {
  name: 'split',
  dataTypes,
  tensors: (dataType, { rows, inputs, width }) => [
    { name: 'x', role: 'input', element: elementOf(dataType), length: rows * inputs * width },
    {
      name: 'out',
      role: 'output',
      element: elementOf(dataType),
      length: rows * inputs * width,
      rowLength: width,
    },
  ],
  reference:
    (_, { rows, inputs, width }, { value }) =>
    (_tensor, index) =>
      value('x', swapped(index, rows, inputs, width)),
  tolerance: () => 0,
};

/** Where element `index` of [second, first, width] lies in [first, second, width]. */
function swapped(index: number, first: number, second: number, width: number): number {
  const block = Math.floor(index / width);
  const outer = Math.floor(block / first);
  const inner = block - outer * first;
  return (inner * second + outer) * width + (index - block * width);
}
