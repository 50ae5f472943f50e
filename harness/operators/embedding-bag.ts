import type { RandomStream } from '../../foundation/random.ts';
import type { MeasuredDataType, Shape } from '../../hardware-profiles/operators-measured.ts';
import type { Element } from '../patterns.ts';
import { edgeOf, zipfIndices } from './indices.ts';
import type { OperatorSpec } from './operator.ts';

const tableElement: Partial<Record<MeasuredDataType, Element>> = {
  fp32: 'f32',
  fp16: 'f16',
  int8: 'rows-int8',
  int4: 'rows-int4',
};

/** Sums of rows: fp32 tables answer in fp32, all smaller ones in fp16. Sums are formed in fp32. */
export const embeddingBag: OperatorSpec = {
  name: 'embedding-bag',
  dataTypes: ['fp32', 'fp16', 'int8', 'int4'],
  tensors: (dataType, { rows, dim, pooling, bags, skew }: Shape) => [
    {
      name: 'table',
      role: 'input',
      element: tableElement[dataType]!,
      length: rows * dim,
      rowLength: dim,
      touchedRows: bags * pooling,
    },
    {
      name: 'indices',
      role: 'input',
      element: 'i32',
      length: bags * pooling,
      make: (random: RandomStream) => zipfIndices(random, bags * pooling, rows, skew),
      edges: (random: RandomStream) =>
        Int32Array.from({ length: bags * pooling }, () => edgeOf(random, rows)),
    },
    {
      name: 'out',
      role: 'output',
      element: dataType === 'fp32' ? 'f32' : 'f16',
      length: bags * dim,
      rowLength: dim,
    },
  ],
  reference: (_, { dim, pooling }, { value, integers }) => {
    const indices = integers('indices');
    return (_tensor, index) => {
      const bag = Math.floor(index / dim);
      const column = index - bag * dim;
      let sum = 0;
      for (let i = 0; i < pooling; i++) {
        sum += value('table', indices[bag * pooling + i] * dim + column);
      }
      return sum;
    };
  },
  tolerance: (dataType) => (dataType === 'fp32' ? 1e-5 : 2e-3),
};
