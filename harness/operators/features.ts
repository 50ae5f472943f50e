import type { OperatorSpec } from './operator.ts';
import { countUpTo } from './search.ts';

/** Number of boundaries ≤ value; boundaries rise evenly within ± 1. */
export const bucketise: OperatorSpec = {
  name: 'bucketise',
  dataTypes: ['fp32'],
  tensors: (_, { values, boundaries }) => [
    { name: 'values', role: 'input', element: 'f32', length: values },
    {
      name: 'boundaries',
      role: 'input',
      element: 'f32',
      length: boundaries,
      make: () => new Int32Array(evenBoundaries(boundaries).buffer),
    },
    { name: 'out', role: 'output', element: 'i32', length: values },
  ],
  reference: (_, __, { value, integers }) => {
    const words = integers('boundaries');
    const boundaries = new Float32Array(words.buffer, words.byteOffset, words.length);
    return (_tensor, index) => {
      const x = value('values', index);
      return countUpTo(boundaries.length, (at) => boundaries[at] <= x);
    };
  },
  tolerance: () => 0,
};

function evenBoundaries(count: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: count }, (_, i) => -1 + (2 * (i + 1)) / (count + 1));
}

/** Ids to rows of a table: murmur3's finaliser, modulo the rows. */
export const hash: OperatorSpec = {
  name: 'hash',
  dataTypes: ['int32'],
  tensors: (_, { values }) => [
    { name: 'ids', role: 'input', element: 'i32', length: values },
    { name: 'out', role: 'output', element: 'i32', length: values },
  ],
  reference:
    (_, { rows }, { value }) =>
    (_tensor, index) => {
      let h = value('ids', index) | 0;
      h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
      h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
      return ((h ^ (h >>> 16)) >>> 0) % rows;
    },
  tolerance: () => 0,
};
