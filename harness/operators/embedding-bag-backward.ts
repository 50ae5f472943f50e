import type { RandomStream } from '../../foundation/random.ts';
import type { Shape } from '../../hardware-profiles/operators-measured.ts';
import { elementOf, remembered, toleranceOf } from './elements.ts';
import { zipfIndices } from './indices.ts';
import type { OperatorSpec } from './operator.ts';

export const adagrad = { learningRate: 0.01, epsilon: 1e-8, momentumWord: 0x3e800000 };

/** The most lookups of one row that the reference adds up again. */
const mostLookups = 1024;

/**
 * Gradient of a pooled lookup with row-wise Adagrad applied to the rows. Lookups come sorted by row: unique row u (they
 * rise) has the lookups rowStarts[u] … rowStarts[u + 1] − 1, of bags bagOf[…]; rowIds that are not used hold −1, rowStarts L.
 * g = Σ grad[bagOf]; momentum += mean(g²); row −= 0.01 · g / (√momentum + 1e-8). Sorting is not part of it.
 */
export const embeddingBagBackward: OperatorSpec = {
  name: 'embedding-bag-backward',
  dataTypes: ['fp32', 'fp16'],
  tensors: (dataType, shape) => {
    const { rows, dim, pooling, bags } = shape;
    const lookups = bags * pooling;
    const sorted = onceForEachStream((random) => sortedLookups(random, shape));
    return [
      {
        name: 'table',
        role: 'state',
        element: elementOf(dataType),
        length: rows * dim,
        rowLength: dim,
        touchedRows: lookups,
      },
      {
        name: 'momentum',
        role: 'state',
        element: 'f32',
        length: rows,
        rowLength: 1,
        checkedRows: 32,
        touchedRows: lookups,
        word: adagrad.momentumWord,
      },
      {
        name: 'rowIds',
        role: 'input',
        element: 'i32',
        length: lookups,
        make: (random) => sorted(random).rowIds,
      },
      {
        name: 'rowStarts',
        role: 'input',
        element: 'i32',
        length: lookups + 1,
        make: (random) => sorted(random).rowStarts,
      },
      {
        name: 'bagOf',
        role: 'input',
        element: 'i32',
        length: lookups,
        make: (random) => sorted(random).bagOf,
      },
      { name: 'grad', role: 'input', element: 'f32', length: bags * dim },
    ];
  },
  reference: (_, { dim }, { value, values, integers }) => {
    const rowIds = integers('rowIds');
    const rowStarts = integers('rowStarts');
    const bagOf = integers('bagOf');
    const firstUnused = rowIds.indexOf(-1);
    const used = firstUnused < 0 ? rowIds : rowIds.subarray(0, firstUnused);
    const gradient = remembered((u) => {
      const sum = new Float64Array(dim);
      for (let i = rowStarts[u]; i < rowStarts[u + 1]; i++) {
        const grad = values('grad', bagOf[i] * dim, dim);
        for (let d = 0; d < dim; d++) sum[d] += grad[d];
      }
      let squares = 0;
      for (const g of sum) squares += g * g;
      return { sum, momentum: value('momentum', rowIds[u]) + squares / dim };
    });
    return (tensor, index) => {
      const row = tensor === 'momentum' ? index : Math.floor(index / dim);
      const u = placeOf(used, row);
      if (used[u] !== row) return value(tensor, index);
      const { sum, momentum } = gradient(u);
      if (tensor === 'momentum') return momentum;
      const step = adagrad.learningRate / (Math.sqrt(momentum) + adagrad.epsilon);
      return value('table', index) - step * sum[index - row * dim];
    };
  },
  tolerance: (dataType) => (dataType === 'fp32' ? 2e-5 : toleranceOf(dataType)),
  changedRows: (_, { integers }) => {
    const rowStarts = integers('rowStarts');
    return integers('rowIds').filter((id, u) => id >= 0 && rowStarts[u + 1] - rowStarts[u] <= mostLookups);
  },
};

/** Place of the first id that is no less than `id` among rising ids. */
function placeOf(ids: Int32Array, id: number): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ids[middle] < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface SortedLookups {
  rowIds: Int32Array;
  rowStarts: Int32Array;
  bagOf: Int32Array;
}

/** Draws lookups and sorts them by row; lookups of one row stay in the order of their bags. */
function sortedLookups(random: RandomStream, { rows, pooling, bags, skew }: Shape): SortedLookups {
  const lookups = bags * pooling;
  const indices = zipfIndices(random, lookups, rows, skew);
  // Row and position in one number, exact below 2⁵³: sorting numbers is far quicker than sorting by a function.
  const keys = Float64Array.from(indices, (row, position) => row * lookups + position).sort();
  const rowIds = new Int32Array(lookups).fill(-1);
  const rowStarts = new Int32Array(lookups + 1).fill(lookups);
  const bagOf = new Int32Array(lookups);
  let unique = 0;
  for (let i = 0; i < lookups; i++) {
    const row = Math.floor(keys[i] / lookups);
    bagOf[i] = Math.floor((keys[i] - row * lookups) / pooling);
    if (unique === 0 || rowIds[unique - 1] !== row) {
      rowIds[unique] = row;
      rowStarts[unique++] = i;
    }
  }
  return { rowIds, rowStarts, bagOf };
}

/** Keeps what was made last, for the other tensors of the same set: their streams start alike. */
function onceForEachStream<Made>(make: (random: RandomStream) => Made): (random: RandomStream) => Made {
  let last: { start: number; made: Made } | undefined;
  return (random) => {
    const start = random.uint32();
    if (last?.start !== start) last = { start, made: make(random) };
    return last.made;
  };
}
