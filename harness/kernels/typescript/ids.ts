import type { TypescriptKernel } from './kernel.ts';

export const mapId: TypescriptKernel = ([values, table, out], shape) => {
  for (let i = 0; i < shape.values; i++) {
    const value = values[i];
    let low = 0;
    let high = shape.ids;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (table[middle] < value) low = middle + 1;
      else high = middle;
    }
    const at = Math.min(low, shape.ids - 1);
    out[i] = table[at] === value ? at + 1 : 0;
  }
};

export const mergeBucketised: TypescriptKernel = (
  [x, borders, firstBuckets, out],
  { batch, features, borders: most },
) => {
  for (let feature = 0; feature < features; feature++) {
    const own = borders.subarray(feature * most, (feature + 1) * most);
    for (let i = feature * batch; i < (feature + 1) * batch; i++) {
      let bucket = firstBuckets[feature];
      for (const border of own) if (border <= x[i]) bucket++;
      out[i] = bucket;
    }
  }
};
