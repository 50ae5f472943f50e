import { eventTotals } from '../../operators/event-truncate.ts';
import { flatPass, lanesFor, reduceRuns, type WgslKernel } from './pass.ts';

/** Packed rows to padded ones: zeros behind a sequence, nothing of what is too long. */
export const jaggedToPadded: WgslKernel = (dataType, { batch, padded, dim }) => {
  const { count, stored } = lanesFor(dataType, dim);
  const pieces = dim / count;
  return [
    flatPass(
      'jagged-to-padded',
      [
        { name: 'values', tensor: 0, type: stored },
        { name: 'offsets', tensor: 1, type: 'u32' },
        { name: 'out', tensor: 2, type: stored, written: true },
      ],
      batch * padded * pieces,
      `
  let row = i / ${pieces}u;
  let sequence = row / ${padded}u;
  let token = offsets[sequence] + row % ${padded}u;
  var value = ${stored}();
  if (token < offsets[sequence + 1u]) { value = values[token * ${pieces}u + i % ${pieces}u]; }
  out[i] = value;`,
    ),
  ];
};

const threads = 64;

/**
 * The first events of each sample with their values: a workgroup goes over the samples of one feature, one after the
 * other, since where values lie follows from all lengths before. Values are moved as words.
 */
export const eventTruncate: WgslKernel = (_, shape) => {
  const { batch, kept, features, length } = shape;
  const totals = eventTotals(shape);
  return [
    {
      name: 'event-truncate',
      bindings: [
        { name: 'outer', tensor: 0, type: 'u32' },
        { name: 'inner', tensor: 1, type: 'u32' },
        { name: 'values', tensor: 2, type: 'u32' },
        { name: 'keptOuter', tensor: 3, type: 'u32', written: true },
        { name: 'keptInner', tensor: 4, type: 'u32', written: true },
        { name: 'keptValues', tensor: 5, type: 'u32', written: true },
      ],
      threads,
      groups: features,
      declarations: 'var<workgroup> partial: array<vec2<u32>, THREADS>;',
      code: `
  // Every feature has ${length} values an event on average, of all events and of those that stay.
  var event = group * ${totals.events}u;
  var keptEvent = group * ${totals.kept}u;
  var read = event * ${length}u;
  var written = keptEvent * ${length}u;
  for (var sample = 0u; sample < ${batch}u; sample++) {
    let own = outer[sample];
    let stays = min(own, ${kept}u);
    if (group == 0u && lane == 0u) { keptOuter[sample] = stays; }
    // Values that stay and values that go.
    var sums = vec2<u32>();
    for (var at = lane; at < own; at += THREADS) {
      let count = inner[event + at];
      if (at < stays) {
        keptInner[keptEvent + at] = count;
        sums.x += count;
      } else {
        sums.y += count;
      }
    }
    partial[lane] = sums;
${reduceRuns(threads)}
    let total = partial[0];
    workgroupBarrier();
    for (var at = lane; at < total.x; at += THREADS) { keptValues[written + at] = values[read + at]; }
    event += own;
    keptEvent += stays;
    read += total.x + total.y;
    written += total.x;
  }`,
    },
  ];
};
