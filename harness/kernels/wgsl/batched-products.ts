import type { MeasuredDataType } from '../../../hardware-profiles/operators-measured.ts';
import { paddingBefore } from '../../operators/conv1d.ts';
import { type Binding, type Pass, powerOfTwo, reduceRuns, type WgslKernel } from './pass.ts';

const epsilon = 1e-5;

/** Rows and columns of a tile: 16 × 16 threads have 2 × 2 of it each. */
const tile = 32;
const depth = 16;

interface BatchedProduct {
  name: string;
  bindings: Binding[];
  batch: number;
  m: number;
  n: number;
  k: number;
  /** Expressions for one element inside of each factor: `row` and `at` of the left one, `at` and `column` of the right. */
  left: string;
  right: string;
  /** Functions that they call. */
  functions?: string;
  /** Statement that stores `value` of `row` and `column`. Everywhere `batch` is known. */
  store: string;
}

/** out [m, n] = left [m, k] · right [k, n] for each of a batch, through tiles in workgroup memory. */
function batchedPass({
  name,
  bindings,
  batch,
  m,
  n,
  k,
  left,
  right,
  functions = '',
  store,
}: BatchedProduct): Pass {
  const across = Math.ceil(n / tile);
  const down = Math.ceil(m / tile);
  return {
    name,
    bindings,
    threads: 256,
    groups: batch * across * down,
    declarations: `
${functions}
fn leftAt(batch: u32, row: u32, at: u32) -> f32 {
  if (row >= ${m}u || at >= ${k}u) { return 0; }
  return ${left};
}
fn rightAt(batch: u32, at: u32, column: u32) -> f32 {
  if (at >= ${k}u || column >= ${n}u) { return 0; }
  return ${right};
}
fn put(batch: u32, row: u32, column: u32, value: f32) {
  if (row < ${m}u && column < ${n}u) { ${store} }
}
var<workgroup> tileLeft: array<array<f32, ${tile + 1}>, ${depth}>;
var<workgroup> tileRight: array<array<f32, ${tile + 1}>, ${depth}>;`,
    code: `
  let batch = group / ${across * down}u;
  let firstRow = group / ${across}u % ${down}u * ${tile}u;
  let firstColumn = group % ${across}u * ${tile}u;
  let x = lane % 16u;
  let y = lane / 16u;
  var sums = vec4<f32>();
  for (var first = 0u; first < ${k}u; first += ${depth}u) {
    for (var at = lane; at < ${tile * depth}u; at += THREADS) {
      tileLeft[at % ${depth}u][at / ${depth}u] = leftAt(batch, firstRow + at / ${depth}u, first + at % ${depth}u);
      tileRight[at / ${tile}u][at % ${tile}u] = rightAt(batch, first + at / ${tile}u, firstColumn + at % ${tile}u);
    }
    workgroupBarrier();
    for (var d = 0u; d < ${depth}u; d++) {
      let l = vec2<f32>(tileLeft[d][y], tileLeft[d][y + 16u]);
      let r = vec2<f32>(tileRight[d][x], tileRight[d][x + 16u]);
      sums += l.xxyy * r.xyxy;
    }
    workgroupBarrier();
  }
  put(batch, firstRow + y, firstColumn + x, sums.x);
  put(batch, firstRow + y, firstColumn + x + 16u, sums.y);
  put(batch, firstRow + y + 16u, firstColumn + x, sums.z);
  put(batch, firstRow + y + 16u, firstColumn + x + 16u, sums.w);`,
  };
}

const scalarOf = (dataType: MeasuredDataType) => (dataType === 'fp16' ? 'f16' : 'f32');

/** X·(XᵀY) as (XXᵀ)·Y: products of vectors are worked out again for each tile of columns, which needs no memory. */
export const optimisedFm: WgslKernel = (dataType, { batch, vectors, dim, rank }) => {
  const type = scalarOf(dataType);
  return [
    batchedPass({
      name: 'optimised-fm',
      bindings: [
        { name: 'x', tensor: 0, type },
        { name: 'y', tensor: 1, type },
        { name: 'out', tensor: 2, type, written: true },
      ],
      batch,
      m: vectors,
      n: rank,
      k: vectors,
      functions: `
fn product(a: u32, b: u32) -> f32 {
  var sum = 0f;
  for (var d = 0u; d < ${dim}u; d++) { sum += f32(x[a * ${dim}u + d]) * f32(x[b * ${dim}u + d]); }
  return sum;
}`,
      left: `product(batch * ${vectors}u + row, batch * ${vectors}u + at)`,
      right: `f32(y[(batch * ${vectors}u + at) * ${rank}u + column])`,
      store: `out[(batch * ${vectors}u + row) * ${rank}u + column] = ${type}(value);`,
    }),
  ];
};

/** x · Φ(x), the error function by Abramowitz and Stegun 7.1.26: within 1.5e-7. */
const geluFunction = `
fn gelu(x: f32) -> f32 {
  let z = abs(x) * 0.70710678;
  let t = 1 / (1 + 0.3275911 * z);
  let series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  let tail = 0.5 * series * exp(-z * z);
  return x * select(1 - tail, tail, x < 0);
}`;

/** A product of each batch with its own weights, activated; then RMS norm where it lies. */
export const pffn: WgslKernel = (dataType, { batch, length, dim, width, gelu }) => {
  const type = scalarOf(dataType);
  const sum = `value + f32(bias[batch * ${width}u + column])`;
  return [
    batchedPass({
      name: 'pffn, product',
      bindings: [
        { name: 'x', tensor: 0, type },
        { name: 'w', tensor: 1, type },
        { name: 'bias', tensor: 2, type },
        { name: 'out', tensor: 4, type, written: true },
      ],
      batch,
      m: length,
      n: width,
      k: dim,
      functions: gelu === 1 ? geluFunction : '',
      left: `f32(x[(batch * ${length}u + row) * ${dim}u + at])`,
      right: `f32(w[(batch * ${dim}u + at) * ${width}u + column])`,
      store: `out[(batch * ${length}u + row) * ${width}u + column] = ${type}(${gelu === 1 ? `gelu(${sum})` : sum});`,
    }),
    normInPlace(type, batch * length, width),
  ];
};

/** A run of threads to each row. */
function normInPlace(type: string, rows: number, n: number): Pass {
  const threads = 256;
  const width = powerOfTwo(n, 4, 64);
  return {
    name: 'pffn, norm',
    bindings: [
      { name: 'gain', tensor: 3, type },
      { name: 'out', tensor: 4, type, written: true },
    ],
    threads,
    groups: Math.ceil((rows * width) / threads),
    declarations: 'var<workgroup> partial: array<f32, THREADS>;',
    code: `
  let row = group * ${threads / width}u + lane / ${width}u;
  let start = lane % ${width}u;
  var squares = 0f;
  if (row < ${rows}u) {
    for (var column = start; column < ${n}u; column += ${width}u) {
      let value = f32(out[row * ${n}u + column]);
      squares += value * value;
    }
  }
  partial[lane] = squares;
${reduceRuns(width)}
  if (row >= ${rows}u) { return; }
  let factor = inverseSqrt(partial[lane - start] * ${1 / n} + ${epsilon});
  for (var column = start; column < ${n}u; column += ${width}u) {
    let at = row * ${n}u + column;
    out[at] = ${type}(f32(out[at]) * factor * f32(gain[column]));
  }`,
  };
}

/** The product of w with rows of x, moved by each tap. */
export const conv1d: WgslKernel = (dataType, { batch, inChannels, outChannels, length, taps }) => {
  const type = scalarOf(dataType);
  return [
    batchedPass({
      name: 'conv1d',
      bindings: [
        { name: 'x', tensor: 0, type },
        { name: 'w', tensor: 1, type },
        { name: 'bias', tensor: 2, type },
        { name: 'out', tensor: 3, type, written: true },
      ],
      batch,
      m: outChannels,
      n: length,
      k: inChannels * taps,
      functions: `
fn moved(row: u32, column: i32) -> f32 {
  if (column < 0 || column >= ${length}) { return 0; }
  return f32(x[row * ${length}u + u32(column)]);
}`,
      left: `f32(w[row * ${inChannels * taps}u + at])`,
      right: `moved(batch * ${inChannels}u + at / ${taps}u, i32(column + at % ${taps}u) - ${paddingBefore(taps)})`,
      store: `out[(batch * ${outChannels}u + row) * ${length}u + column] = ${type}(value + f32(bias[row]));`,
    }),
  ];
};
