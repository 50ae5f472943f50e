import type { TypescriptKernel } from './kernel.ts';

export const jaggedToPadded: TypescriptKernel = ([values, offsets, out], { batch, padded, dim }) => {
  out.fill(0);
  for (let sequence = 0; sequence < batch; sequence++) {
    const first = offsets[sequence];
    const tokens = Math.min(padded, offsets[sequence + 1] - first);
    out.set(values.subarray(first * dim, (first + tokens) * dim), sequence * padded * dim);
  }
};

export const eventTruncate: TypescriptKernel = (
  [outer, inner, values, keptOuter, keptInner, keptValues],
  { batch, kept, features },
) => {
  let event = 0;
  let read = 0;
  let keptEvent = 0;
  let written = 0;
  for (let sample = 0; sample < batch; sample++) keptOuter[sample] = Math.min(outer[sample], kept);
  for (let feature = 0; feature < features; feature++) {
    for (let sample = 0; sample < batch; sample++) {
      for (let i = 0; i < outer[sample]; i++) {
        const count = inner[event++];
        if (i < kept) {
          keptInner[keptEvent++] = count;
          keptValues.set(values.subarray(read, read + count), written);
          written += count;
        }
        read += count;
      }
    }
  }
};
