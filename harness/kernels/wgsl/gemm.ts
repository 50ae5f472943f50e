import type { MeasuredDataType } from '../../../hardware-profiles/operators-measured.ts';
import { Unsupported } from '../../device.ts';
import { int8Scale } from '../../operators/gemm.ts';
import { skinnyPass } from './gemm-skinny.ts';
import { tiledPass } from './gemm-tiled.ts';
import type { Binding, Pass, WgslKernel } from './pass.ts';
import type { Arithmetic, Product } from './product.ts';

const float = (stored: string): Arithmetic => ({
  stored,
  shared: 'f32',
  sum: 'f32',
  multiplyAdd: (sum, a, w) => `fma(vec4<f32>(${a}), ${w}, ${sum})`,
  dot: (a, w, count) => (count === 4 ? `dot(${a}, ${w})` : `${a} * ${w}`),
});

const packedInt8: Arithmetic = {
  stored: 'u32',
  shared: 'u32',
  sum: 'i32',
  multiplyAdd: (sum, a, w) => `${sum} + dots(${a}, ${w})`,
  dot: (a, w, count) => (count === 4 ? `dots4(${a}, ${w})` : `dot4I8Packed(${a}, ${w})`),
};

const packedDots = `
fn dots(a: u32, w: vec4<u32>) -> vec4<i32> {
  return vec4<i32>(dot4I8Packed(a, w.x), dot4I8Packed(a, w.y), dot4I8Packed(a, w.z), dot4I8Packed(a, w.w));
}
fn dots4(a: vec4<u32>, w: vec4<u32>) -> i32 {
  return dot4I8Packed(a.x, w.x) + dot4I8Packed(a.y, w.y) + dot4I8Packed(a.z, w.z) + dot4I8Packed(a.w, w.w);
}`;

/** Rows up to which a product is one of vectors: nothing to be gained from tiles. */
const mostSkinnyRows = 8;

/** The pass that computes a product. */
export function productPass(product: Product): Pass {
  return product.m <= mostSkinnyRows ? skinnyPass(product) : tiledPass(product);
}

/** Arithmetic and inner dimension of a data type. */
export function innerDimension(
  dataType: MeasuredDataType,
  k: number,
): { arithmetic: Arithmetic; k: number; declarations: string } {
  if (dataType !== 'int8') {
    return { arithmetic: float(dataType === 'fp16' ? 'f16' : 'f32'), k, declarations: '' };
  }
  if (k % 4 !== 0)
    throw new Unsupported(`int8 products need an inner dimension of a multiple of 4, not ${k}`);
  return { arithmetic: packedInt8, k: k / 4, declarations: packedDots };
}

/** Fully connected layer without its epilogue. */
export const gemm: WgslKernel = (dataType, { m, n, k }) => [
  productPass({
    name: 'gemm',
    m,
    n,
    a: 0,
    w: 1,
    ...innerDimension(dataType, k),
    ...storing(dataType, n, 2, (value) => `${value} * ${int8Scale(k)}`),
  }),
];

/** Stores sums in the tensor at `tensor`, [m, n]: int8 four to a word, scaled, rounded and saturated. */
export function storing(
  dataType: MeasuredDataType,
  n: number,
  tensor: number,
  scaled: (value: string) => string,
): Pick<Product, 'others' | 'store' | 'storeWidth'> {
  const answer = (type: string): Binding[] => [{ name: 'd', tensor, type, written: true }];
  if (dataType === 'int8') {
    if (n % 4 !== 0) throw new Unsupported(`int8 answers need rows of a multiple of 4, not ${n}`);
    return {
      others: answer('u32'),
      storeWidth: 4,
      store: `d[(row * ${n}u + column) / 4u] = pack4xI8Clamp(vec4<i32>(round(${scaled('vec4<f32>(value)')})));`,
    };
  }
  const scalar = dataType === 'fp16' ? 'f16' : 'f32';
  const storeWidth = n % 4 === 0 ? 4 : 1;
  const type = storeWidth === 4 ? `vec4<${scalar}>` : scalar;
  const index = storeWidth === 4 ? `(row * ${n}u + column) / 4u` : `row * ${n}u + column`;
  return { others: answer(type), storeWidth, store: `d[${index}] = ${type}(value);` };
}
