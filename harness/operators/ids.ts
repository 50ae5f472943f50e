import type { RandomStream } from '../../foundation/random.ts';
import type { MeasuredDataType } from '../../hardware-profiles/operators-measured.ts';
import type { OperatorSpec } from './operator.ts';
import { countUpTo } from './search.ts';

/**
 * Dense ids: with i = clamp(number of table entries below the value, 0, ids − 1), out is i + 1 if table[i] is the value, else
 * 0. The table rises; half of the values are in it.
 */
export const mapId: OperatorSpec = {
  name: 'map-id',
  dataTypes: ['int32', 'fp32'],
  tensors: (dataType, { values, ids }) => {
    const element = dataType === 'fp32' ? 'f32' : 'i32';
    const words = (numbers: Float64Array) => asWords(dataType, numbers);
    return [
      {
        name: 'values',
        role: 'input',
        element,
        length: values,
        make: (random) => words(sometimesKnown(random, values, risingIds(random, ids, dataType), dataType)),
        edges: (random) => words(atTheEnds(random, values, risingIds(random, ids, dataType), dataType)),
      },
      {
        name: 'table',
        role: 'input',
        element,
        length: ids,
        make: (random) => words(risingIds(random, ids, dataType)),
      },
      { name: 'out', role: 'output', element: 'i32', length: values },
    ];
  },
  reference: (_, { ids }, { value }) => {
    return (_tensor, index) => {
      const wanted = value('values', index);
      const below = countUpTo(ids, (at) => value('table', at) < wanted);
      const at = Math.min(below, ids - 1);
      return value('table', at) === wanted ? at + 1 : 0;
    };
  },
  tolerance: () => 0,
};

/** Numbers below it are exact in the type. */
function limitOf(dataType: MeasuredDataType): number {
  return dataType === 'fp32' ? 2 ** 24 : 2 ** 31 - 1;
}

/** Rising ids, spread over all numbers of the type. */
function risingIds(random: RandomStream, count: number, dataType: MeasuredDataType): Float64Array {
  const step = Math.max(1, Math.floor(limitOf(dataType) / count));
  const ids = new Float64Array(count);
  for (let i = 0; i < count; i++) ids[i] = i * step + random.below(step);
  return ids;
}

function sometimesKnown(
  random: RandomStream,
  count: number,
  table: Float64Array,
  dataType: MeasuredDataType,
): Float64Array {
  const limit = limitOf(dataType);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const isKnown = random.below(2) === 1;
    values[i] = isKnown ? table[random.below(table.length)] : random.below(limit);
  }
  return values;
}

/** The ends of the table and their neighbours, and the least and the greatest number. */
function atTheEnds(
  random: RandomStream,
  count: number,
  table: Float64Array,
  dataType: MeasuredDataType,
): Float64Array {
  const greatest = limitOf(dataType) - 1;
  const last = table[table.length - 1];
  const awkward = [0, greatest, ...[table[0], last].flatMap((id) => [id - 1, id, id + 1])].map((id) =>
    Math.max(0, Math.min(greatest, id)),
  );
  return new Float64Array(count).map(() => awkward[random.below(awkward.length)]);
}

function asWords(dataType: MeasuredDataType, numbers: Float64Array): Int32Array {
  return dataType === 'fp32' ? new Int32Array(Float32Array.from(numbers).buffer) : Int32Array.from(numbers);
}

/**
 * Merge Bucketized Dense Transform: x [features, batch] to buckets by borders [features, borders] that rise, +∞ behind
 * a feature's last. A bucket is closed on its left: out = firstBuckets[feature] + number of borders ≤ x, which is the least
 * k with x < borders[k]. Feature by feature, buckets are numbered on: one with c borders has c + 1 of them. Every eighth x
 * is a border itself.
 */
export const mergeBucketised: OperatorSpec = {
  name: 'merge-bucketised',
  dataTypes: ['fp32'],
  tensors: (_, { batch, features, borders }) => [
    {
      name: 'x',
      role: 'input',
      element: 'f32',
      length: features * batch,
      make: (random) => valuesToBucket(random, batch, makeBorders(random, features, borders)),
      edges: (random) => valuesAtBorders(random, batch, makeBorders(random, features, borders)),
    },
    {
      name: 'borders',
      role: 'input',
      element: 'f32',
      length: features * borders,
      make: (random) => paddedBorders(makeBorders(random, features, borders), borders),
    },
    {
      name: 'firstBuckets',
      role: 'input',
      element: 'i32',
      length: features,
      make: (random) => firstBuckets(makeBorders(random, features, borders)),
    },
    { name: 'out', role: 'output', element: 'i32', length: features * batch },
  ],
  reference: (_, { batch, borders }, { value, integers }) => {
    const first = integers('firstBuckets');
    return (_tensor, index) => {
      const feature = Math.floor(index / batch);
      const x = value('x', index);
      return first[feature] + countUpTo(borders, (at) => value('borders', feature * borders + at) <= x);
    };
  },
  tolerance: () => 0,
};

/** Borders of each feature: between half of `most` and all of it. */
function makeBorders(random: RandomStream, features: number, most: number): number[][] {
  const least = Math.ceil(most / 2);
  return Array.from({ length: features }, () => {
    const count = least + random.below(most - least + 1);
    const borders = Array.from({ length: count }, () => Math.fround(2 * random.uniform() - 1));
    return borders.sort((a, b) => a - b);
  });
}

function paddedBorders(borders: readonly number[][], most: number): Int32Array {
  const padded = new Float32Array(borders.length * most).fill(Number.POSITIVE_INFINITY);
  borders.forEach((own, feature) => {
    padded.set(own, feature * most);
  });
  return new Int32Array(padded.buffer);
}

function firstBuckets(borders: readonly number[][]): Int32Array {
  let next = 0;
  return Int32Array.from(borders, ({ length }) => {
    const first = next;
    next += length + 1;
    return first;
  });
}

/** Borders, and what is smaller or larger than any number. */
function valuesAtBorders(
  random: RandomStream,
  batch: number,
  borders: readonly (readonly number[])[],
): Int32Array {
  const values = new Float32Array(borders.length * batch);
  let at = 0;
  for (const own of borders) {
    const awkward = [Number.NEGATIVE_INFINITY, -3e38, own[0], own[own.length - 1], 3e38];
    for (let i = 0; i < batch; i++) values[at++] = awkward[random.below(awkward.length)];
  }
  return new Int32Array(values.buffer);
}

function valuesToBucket(random: RandomStream, batch: number, borders: readonly number[][]): Int32Array {
  const values = new Float32Array(borders.length * batch);
  let at = 0;
  for (const own of borders) {
    for (let i = 0; i < batch; i++) {
      values[at++] = random.below(8) === 0 ? own[random.below(own.length)] : 2 * random.uniform() - 1;
    }
  }
  return new Int32Array(values.buffer);
}
