import { int8Scale } from '../../operators/gemm.ts';
import { innerDimension, productPass, storing } from './gemm.ts';
import type { Binding, WgslKernel } from './pass.ts';

/** y = x0 ⊙ (hidden · wᵀ + bias) + x with hidden = x · vᵀ: two products, the rest in the second one's epilogue. */
export const crossLowRank: WgslKernel = (dataType, { batch, width, rank }) => {
  const down = storing(dataType, rank, 5, (value) => `${value} * ${int8Scale(width)}`);
  const up = storing(dataType, width, 6, (value) => value);
  const isInt8 = dataType === 'int8';
  const type = up.others[0].type;
  const inputs: Binding[] = [
    { name: 'x0', tensor: 0, type },
    { name: 'x', tensor: 1, type },
    { name: 'bias', tensor: 4, type },
  ];
  const wide = up.storeWidth === 4 ? 'vec4<f32>' : 'f32';
  const load = (tensor: string, at: string) =>
    isInt8 ? `vec4<f32>(unpack4xI8(${tensor}[${at}]))` : `${wide}(${tensor}[${at}])`;
  const sum = isInt8 ? `vec4<f32>(value) * ${int8Scale(rank)}` : 'value';
  const crossed = `${load('x0', 'at')} * (${sum} + ${load('bias', `column / ${up.storeWidth}u`)})${isInt8 ? ' * 0x1p-7f' : ''} + ${load('x', 'at')}`;
  const stored = isInt8 ? `pack4xI8Clamp(vec4<i32>(round(${crossed})))` : `${type}(${crossed})`;
  return [
    productPass({
      name: 'cross-low-rank, down',
      m: batch,
      n: rank,
      a: 1,
      w: 2,
      ...innerDimension(dataType, width),
      ...down,
    }),
    productPass({
      name: 'cross-low-rank, up',
      m: batch,
      n: width,
      a: 5,
      w: 3,
      ...innerDimension(dataType, rank),
      others: [...inputs, ...up.others],
      storeWidth: up.storeWidth,
      store: `let at = (row * ${width}u + column) / ${up.storeWidth}u;
      d[at] = ${stored};`,
    }),
  ];
};
