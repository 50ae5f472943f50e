import { InputError } from '../../foundation/problem.ts';
import { elementOf, remembered } from './elements.ts';
import type { OperatorSpec } from './operator.ts';

/** Elements that the reference may sort. */
const work = 2 ** 19;

/**
 * The k largest of each row of x [rows, n], falling, and their columns; of equal ones the one further left comes first. −0
 * and 0 are equal.
 */
export const topK: OperatorSpec = {
  name: 'top-k',
  dataTypes: ['fp32', 'bf16', 'fp16'],
  tensors: (dataType, { rows, n, k }) => {
    if (k > n) throw new InputError(`top-k: k is ${k}, but a row has n = ${n} elements`);
    const element = elementOf(dataType);
    const rowsOut = {
      role: 'output',
      length: rows * k,
      rowLength: k,
      checkedRows: Math.max(2, Math.min(16, Math.floor(work / n))),
    } as const;
    return [
      { name: 'x', role: 'input', element, length: rows * n },
      { name: 'values', element, ...rowsOut },
      { name: 'indices', element: 'i32', ...rowsOut },
    ];
  },
  reference: (_, { n, k }, { values }) => {
    const best = remembered((row) => {
      const x = values('x', row * n, n);
      const least = x.slice().sort()[n - k];
      const order: number[] = [];
      for (let column = 0; column < n; column++) if (x[column] >= least) order.push(column);
      order.sort((a, b) => x[b] - x[a] || a - b);
      return order.slice(0, k).map((column) => ({ column, value: x[column] }));
    });
    return (tensor, index) => {
      const row = Math.floor(index / k);
      const { column, value } = best(row)[index - row * k];
      return tensor === 'indices' ? column : value;
    };
  },
  tolerance: () => 0,
};
