import { flatPass, type WgslKernel } from './pass.ts';

/** 1 + the place of each value in a rising table, 0 where it is not there. */
export const mapId: WgslKernel = (dataType, { values, ids }) => {
  const type = dataType === 'fp32' ? 'f32' : 'i32';
  return [
    flatPass(
      'map-id',
      [
        { name: 'values', tensor: 0, type },
        { name: 'table', tensor: 1, type },
        { name: 'out', tensor: 2, type: 'i32', written: true },
      ],
      values,
      `
  let value = values[i];
  var low = 0u;
  var high = ${ids}u;
  while (low < high) {
    let middle = (low + high) / 2u;
    if (table[middle] < value) { low = middle + 1u; } else { high = middle; }
  }
  let at = min(low, ${ids - 1}u);
  out[i] = select(0, i32(at) + 1, table[at] == value);`,
    ),
  ];
};

/** The first bucket of a feature, and borders up to x. */
export const mergeBucketised: WgslKernel = (_, { batch, features, borders }) => [
  flatPass(
    'merge-bucketised',
    [
      { name: 'x', tensor: 0, type: 'f32' },
      { name: 'borders', tensor: 1, type: 'f32' },
      { name: 'firstBuckets', tensor: 2, type: 'i32' },
      { name: 'out', tensor: 3, type: 'i32', written: true },
    ],
    features * batch,
    `
  let feature = i / ${batch}u;
  let value = x[i];
  var bucket = firstBuckets[feature];
  for (var k = 0u; k < ${borders}u; k++) { bucket += select(0, 1, borders[feature * ${borders}u + k] <= value); }
  out[i] = bucket;`,
  ),
];
