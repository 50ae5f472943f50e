import type { MeasuredDataType, Shape } from '../../../hardware-profiles/operators-measured.ts';
import { type Binding, lanesFor, type Pass, unrolled, type WgslKernel } from './pass.ts';

/** Queries and keys that a workgroup has at a time, and columns of them in workgroup memory. */
const tile = 32;
/** Threads stand 8 × 8 over a tile, each on 4 × 4 of it. */
const threads = 64;

/** softmax(q kᵀ / √dim) v over [batch, heads, length, dim]. */
export const attention: WgslKernel = (dataType, shape) => [
  attentionPass('attention', dataType, shape, {
    tensors: ['q', 'k', 'v', 'out'],
    longest: shape.length,
    sequence: `
  let length = ${shape.length}u;
  let base = sequence * ${shape.length * shape.dim}u;
  let stride = ${shape.dim}u;`,
  }),
];

/** The same over [tokens, heads, dim], sequences one behind the other. */
export const attentionJagged: WgslKernel = (dataType, shape) => [
  attentionPass('attention-jagged', dataType, shape, {
    tensors: ['q', 'k', 'v', 'offsets', 'out'],
    longest: 2 * shape.length - 1,
    sequence: `
  let before = offsets[sequence / ${shape.heads}u];
  let length = offsets[sequence / ${shape.heads}u + 1u] - before;
  let base = (before * ${shape.heads}u + sequence % ${shape.heads}u) * ${shape.dim}u;
  let stride = ${shape.heads * shape.dim}u;
  if (part * ${tile}u >= length) { return; }`,
  }),
];

interface Layout {
  tensors: string[];
  /** Most tokens of a sequence. */
  longest: number;
  /** WGSL that finds `length`, `base` and `stride` (elements) of head and sequence number `sequence`. */
  sequence: string;
}

/**
 * A workgroup computes a tile of queries of one head: it goes over the keys tile by tile and keeps the largest score,
 * the sum of weights and the weighted values of each query, rescaled whenever a larger score turns up.
 */
function attentionPass(
  name: string,
  dataType: MeasuredDataType,
  { batch, heads, dim }: Shape,
  { tensors, longest, sequence }: Layout,
): Pass {
  const { count, stored } = lanesFor(dataType, dim);
  const parts = Math.ceil(longest / tile);
  const chunks = Math.ceil(dim / tile);
  const bindings: Binding[] = tensors.map((tensor, index) => ({
    name: tensor,
    tensor: index,
    type: tensor === 'offsets' ? 'u32' : stored,
    written: tensor === 'out',
  }));
  const loader = (tensor: string) =>
    count === 4
      ? `fn ${tensor}At(at: u32, column: u32) -> vec4<f32> {
  if (column >= ${dim}u) { return vec4<f32>(); }
  return vec4<f32>(${tensor}[(at + column) / 4u]);
}`
      : `fn ${tensor}At(at: u32, column: u32) -> vec4<f32> {
  var loaded = vec4<f32>();
  for (var c = 0u; c < 4u; c++) { if (column + c < ${dim}u) { loaded[c] = f32(${tensor}[at + column + c]); } }
  return loaded;
}`;
  const sums = (line: (chunk: number, row: number) => string) =>
    unrolled(chunks * 4, (index) => line(Math.floor(index / 4), index % 4));
  const store =
    count === 4
      ? `if (column < ${dim}u) { out[(at + column) / 4u] = ${stored}(answer); }`
      : `for (var c = 0u; c < 4u; c++) { if (column + c < ${dim}u) { out[at + column + c] = ${stored}(answer[c]); } }`;
  return {
    name,
    bindings,
    threads,
    groups: batch * heads * parts,
    declarations: `
${['q', 'k', 'v'].map(loader).join('\n')}
// Columns outermost; a vector more than needed in each, against bank conflicts.
var<workgroup> left: array<array<vec4<f32>, ${tile / 4 + 1}>, ${tile}>;
var<workgroup> right: array<array<vec4<f32>, ${tile / 4 + 1}>, ${tile}>;
var<workgroup> most: array<f32, ${tile}>;
var<workgroup> weight: array<f32, ${tile}>;
var<workgroup> rescale: array<f32, ${tile}>;`,
    code: `
  let part = group % ${parts}u;
  let sequence = group / ${parts}u;
${sequence}
  let firstQuery = part * ${tile}u;
  let down = lane / 8u;
  let across = lane % 8u;
  if (lane < ${tile}u) {
    most[lane] = -1e30;
    weight[lane] = 0;
  }
${sums((chunk, row) => `  var sum${chunk}${row} = vec4<f32>();`)}
  for (var firstKey = 0u; firstKey < length; firstKey += ${tile}u) {
    // Dawn 0.6 does not zero a variable of a loop's body again, although WGSL says so: zero by name.
    var scores = array<vec4<f32>, 4>();
    for (var chunk = 0u; chunk < ${chunks * tile}u; chunk += ${tile}u) {
      workgroupBarrier();
      for (var at = lane; at < ${(tile * tile) / 4}u; at += THREADS) {
        let token = at / 8u;
        let inner = (at % 8u) * 4u;
        var query = vec4<f32>();
        var key = vec4<f32>();
        if (firstQuery + token < length) { query = qAt(base + (firstQuery + token) * stride, chunk + inner); }
        if (firstKey + token < length) { key = kAt(base + (firstKey + token) * stride, chunk + inner); }
        for (var c = 0u; c < 4u; c++) {
          left[inner + c][token / 4u][token % 4u] = query[c];
          right[inner + c][token / 4u][token % 4u] = key[c];
        }
      }
      workgroupBarrier();
      for (var column = 0u; column < ${tile}u; column++) {
        let queries = left[column][down];
        let keys = right[column][across];
${unrolled(4, (row) => `        scores[${row}] += queries[${row}] * keys;`)}
      }
    }
    workgroupBarrier();
    for (var c = 0u; c < 4u; c++) {
      let column = vec4<f32>(scores[0][c], scores[1][c], scores[2][c], scores[3][c]) * ${1 / Math.sqrt(dim)};
      let isThere = firstKey + across * 4u + c < length;
      left[across * 4u + c][down] = select(vec4<f32>(-3e38), column, isThere);
    }
    workgroupBarrier();
    if (lane < ${tile}u) {
      var largest = most[lane];
      for (var key = 0u; key < ${tile}u; key++) { largest = max(largest, left[key][lane / 4u][lane % 4u]); }
      let factor = exp(most[lane] - largest);
      var total = 0f;
      for (var key = 0u; key < ${tile}u; key++) {
        let share = exp(left[key][lane / 4u][lane % 4u] - largest);
        left[key][lane / 4u][lane % 4u] = share;
        total += share;
      }
      most[lane] = largest;
      weight[lane] = weight[lane] * factor + total;
      rescale[lane] = factor;
    }
    workgroupBarrier();
${unrolled(4, (row) => `    let factor${row} = rescale[down * 4u + ${row}u];`)}
${sums((chunk, row) => `    sum${chunk}${row} *= factor${row};`)}
${unrolled(
  chunks,
  (chunk) => `    for (var at = lane; at < ${(tile * tile) / 4}u; at += THREADS) {
      let token = firstKey + at / 8u;
      var value = vec4<f32>();
      if (token < length) { value = vAt(base + token * stride, ${chunk * tile}u + (at % 8u) * 4u); }
      right[at / 8u][at % 8u] = value;
    }
    workgroupBarrier();
    for (var key = 0u; key < ${tile}u; key++) {
      let shares = left[key][down];
      let values = right[key][across];
${unrolled(4, (row) => `      sum${chunk}${row} += shares[${row}] * values;`)}
    }
    workgroupBarrier();`,
)}
  }
${sums(
  (chunk, row) => `  {
    let query = firstQuery + down * 4u + ${row}u;
    let column = ${chunk * tile}u + across * 4u;
    let answer = sum${chunk}${row} / weight[down * 4u + ${row}u];
    let at = base + query * stride;
    if (query < length) { ${store} }
  }`,
)}`,
  };
}
