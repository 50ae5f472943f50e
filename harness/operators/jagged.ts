import { jaggedOffsets, unevenOffsets } from './attention.ts';
import { elementOf } from './elements.ts';
import type { OperatorSpec } from './operator.ts';

/**
 * Packed sequences (values [tokens, dim], offsets [batch + 1] say where each starts) to out [batch, padded, dim]. Rows that
 * a sequence lacks are 0, rows beyond `padded` are dropped.
 */
export const jaggedToPadded: OperatorSpec = {
  name: 'jagged-to-padded',
  dataTypes: ['fp32', 'bf16', 'fp16'],
  tensors: (dataType, { batch, length, padded, dim }) => [
    { name: 'values', role: 'input', element: elementOf(dataType), length: batch * length * dim },
    {
      name: 'offsets',
      role: 'input',
      element: 'i32',
      length: batch + 1,
      make: (random) => jaggedOffsets(random, batch, length),
      edges: () => unevenOffsets(batch, length),
    },
    {
      name: 'out',
      role: 'output',
      element: elementOf(dataType),
      length: batch * padded * dim,
      rowLength: dim,
    },
  ],
  reference: (_, { padded, dim }, { value, integers }) => {
    const offsets = integers('offsets');
    return (_tensor, index) => {
      const row = Math.floor(index / dim);
      const sequence = Math.floor(row / padded);
      const token = offsets[sequence] + (row - sequence * padded);
      return token < offsets[sequence + 1] ? value('values', token * dim + (index - row * dim)) : 0;
    };
  },
  tolerance: () => 0,
};
