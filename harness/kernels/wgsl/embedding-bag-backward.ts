import { Unsupported } from '../../device.ts';
import { lanesFor, powerOfTwo, reduceRuns, sumOf, type WgslKernel } from './pass.ts';

const learningRate = 0.01;
const epsilon = 1e-8;

/**
 * Gradient of pooled sums with row-wise Adagrad: a workgroup to each row that was looked up. Its threads stand side by
 * side over the row's columns, and several such runs share the row's lookups where columns are few.
 */
export const embeddingBagBackward: WgslKernel = (dataType, { dim, pooling, bags }) => {
  const lanes = lanesFor(dataType, dim);
  const gradient = lanes.count === 4 ? 'vec4<f32>' : 'f32';
  const { stored, wide } = lanes;
  const pieces = dim / lanes.count;
  const threads = powerOfTwo(pieces, 64, 256);
  if (pieces > threads) throw new Unsupported(`rows of ${dim} columns are too long for one workgroup`);
  const runs = Math.floor(threads / pieces);
  const lookups = bags * pooling;
  return [
    {
      name: 'embedding-bag-backward',
      bindings: [
        { name: 'table', tensor: 0, type: stored, written: true },
        { name: 'momentum', tensor: 1, type: 'f32', written: true },
        { name: 'rowIds', tensor: 2, type: 'i32' },
        { name: 'rowStarts', tensor: 3, type: 'u32' },
        { name: 'bagOf', tensor: 4, type: 'u32' },
        { name: 'gradients', tensor: 5, type: gradient },
      ],
      threads,
      groups: lookups,
      declarations: `
var<workgroup> sums: array<${wide}, THREADS>;
var<workgroup> partial: array<f32, THREADS>;`,
      code: `
  let id = rowIds[group];
  if (id < 0) { return; }
  let row = u32(id);
  let end = rowStarts[group + 1u];
  let piece = lane % ${pieces}u;
  let run = lane / ${pieces}u;
  var sum = ${wide}();
  if (run < ${runs}u) {
    for (var at = rowStarts[group] + run; at < end; at += ${runs}u) { sum += gradients[bagOf[at] * ${pieces}u + piece]; }
  }
  sums[lane] = sum;
  workgroupBarrier();
  if (run == 0u) {
    for (var other = 1u; other < ${runs}u; other++) { sum += sums[other * ${pieces}u + piece]; }
    partial[lane] = ${sumOf(lanes, 'sum * sum')};
  } else {
    partial[lane] = 0;
  }
${reduceRuns(threads)}
  if (run == 0u) {
    let moment = momentum[row] + partial[0] / ${dim};
    let rate = ${learningRate} / (sqrt(moment) + ${epsilon});
    let at = row * ${pieces}u + piece;
    table[at] = ${stored}(${wide}(table[at]) - rate * sum);
  }
  workgroupBarrier();
  if (lane == 0u) { momentum[row] += partial[0] / ${dim}; }`,
    },
  ];
};
