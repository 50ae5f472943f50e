import { type Pass, unrolled } from './pass.ts';
import type { Product } from './product.ts';

/**
 * A product with few rows: a memory stream of W. 32 threads go along the inner dimension of each of 8 columns, every
 * row of A in registers against the same load of W; sums meet in workgroup memory.
 */
export function skinnyPass({
  name,
  m,
  n,
  k,
  arithmetic,
  a,
  w,
  others,
  declarations = '',
  store,
  storeWidth,
}: Product): Pass {
  const count = k % 4 === 0 ? 4 : 1;
  const pieces = k / count;
  const { stored, shared, sum, dot } = arithmetic;
  const vector = (scalar: string) => (count === 4 ? `vec4<${scalar}>` : scalar);
  const [along, columns] = [32, 8];
  const finish =
    storeWidth === 4
      ? `
  if (lane < ${(m * columns) / 4}u) {
    let row = lane / ${columns / 4}u;
    let inner = (lane % ${columns / 4}u) * 4u;
    let column = group * ${columns}u + inner;
    if (column < ${n}u) {
      let first = row * ${columns}u + inner;
      let value = vec4<${sum}>(sums[first], sums[first + 1u], sums[first + 2u], sums[first + 3u]);
      ${store}
    }
  }`
      : `
  if (lane < ${m * columns}u) {
    let row = lane / ${columns}u;
    let column = group * ${columns}u + lane % ${columns}u;
    if (column < ${n}u) {
      let value = sums[lane];
      ${store}
    }
  }`;
  return {
    name,
    bindings: [
      { name: 'a', tensor: a, type: vector(stored) },
      { name: 'w', tensor: w, type: vector(stored) },
      ...others,
    ],
    threads: along * columns,
    groups: Math.ceil(n / columns),
    declarations: `${declarations}
var<workgroup> partial: array<array<${sum}, ${along + 1}>, ${m * columns}>;
var<workgroup> sums: array<${sum}, ${m * columns}>;`,
    code: `
  let mine = group * ${columns}u + lane / ${along}u;
  let start = lane % ${along}u;
${unrolled(m, (r) => `  var sum${r} = ${sum}();`)}
  if (mine < ${n}u) {
    for (var i = start; i < ${pieces}u; i += ${along}u) {
      let weights = ${vector(shared)}(w[mine * ${pieces}u + i]);
${unrolled(m, (r) => `      sum${r} += ${dot(`${vector(shared)}(a[${r * pieces}u + i])`, 'weights', count)};`)}
    }
  }
${unrolled(m, (r) => `  partial[${r * columns}u + lane / ${along}u][start] = sum${r};`)}
  workgroupBarrier();
  if (lane < ${m * columns}u) {
    var total = ${sum}();
    for (var i = 0u; i < ${along}u; i++) { total += partial[lane][i]; }
    sums[lane] = total;
  }
  workgroupBarrier();
${finish}`,
  };
}
