import type { WgslKernel } from './pass.ts';

const threads = 64;

/**
 * The k largest of each row: a workgroup to a row looks k times for what comes next after the last one found, by value
 * and then from left to right.
 */
export const topK: WgslKernel = (dataType, { rows, n, k }) => {
  const type = dataType === 'fp16' ? 'f16' : 'f32';
  return [
    {
      name: 'top-k',
      bindings: [
        { name: 'x', tensor: 0, type },
        { name: 'values', tensor: 1, type, written: true },
        { name: 'indices', tensor: 2, type: 'u32', written: true },
      ],
      threads,
      groups: rows,
      declarations: `
const NONE = 0xffffffffu;
struct Found { value: f32, column: u32 }
var<workgroup> found: array<Found, THREADS>;
fn comesBefore(a: Found, b: Found) -> bool {
  if (a.column == NONE || b.column == NONE) { return b.column == NONE; }
  return a.value > b.value || (a.value == b.value && a.column < b.column);
}`,
      code: `
  var last = Found(0, NONE);
  for (var place = 0u; place < ${k}u; place++) {
    var best = Found(0, NONE);
    for (var column = lane; column < ${n}u; column += THREADS) {
      let here = Found(f32(x[group * ${n}u + column]), column);
      if ((place == 0u || comesBefore(last, here)) && comesBefore(here, best)) { best = here; }
    }
    found[lane] = best;
    workgroupBarrier();
    for (var step = ${threads / 2}u; step > 0u; step /= 2u) {
      if (lane < step && comesBefore(found[lane + step], found[lane])) { found[lane] = found[lane + step]; }
      workgroupBarrier();
    }
    last = found[0];
    workgroupBarrier();
    if (lane == 0u) {
      values[group * ${k}u + place] = ${type}(last.value);
      indices[group * ${k}u + place] = last.column;
    }
  }`,
    },
  ];
};
