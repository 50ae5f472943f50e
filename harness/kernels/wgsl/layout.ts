import type { MeasuredDataType } from '../../../hardware-profiles/operators-measured.ts';
import { Unsupported } from '../../device.ts';
import { flatPass, type Pass, type WgslKernel } from './pass.ts';

/** [inputs, rows, width] to [rows, inputs, width]. */
export const concat: WgslKernel = (dataType, { rows, inputs, width }) => [
  swapPass('concat', dataType, inputs, rows, width),
];

/** [rows, inputs, width] to [inputs, rows, width]. */
export const split: WgslKernel = (dataType, { rows, inputs, width }) => [
  swapPass('split', dataType, rows, inputs, width),
];

/** [first, second, width] to [second, first, width], in pieces as long as the width allows. */
function swapPass(
  name: string,
  dataType: MeasuredDataType,
  first: number,
  second: number,
  width: number,
): Pass {
  const { type, bytes } = pieceOf(dataType, width);
  const pieces = (width * bytesOf(dataType)) / bytes;
  return flatPass(
    name,
    [
      { name: 'x', tensor: 0, type },
      { name: 'out', tensor: 1, type, written: true },
    ],
    first * second * pieces,
    `
  let piece = i % ${pieces}u;
  let row = i / ${pieces}u;
  out[i] = x[((row % ${first}u) * ${second}u + row / ${first}u) * ${pieces}u + piece];`,
  );
}

function bytesOf(dataType: MeasuredDataType): number {
  return dataType === 'fp32' ? 4 : dataType === 'fp16' ? 2 : 1;
}

function pieceOf(dataType: MeasuredDataType, width: number): { type: string; bytes: number } {
  const row = width * bytesOf(dataType);
  if (row % 16 === 0) return { type: 'vec4<u32>', bytes: 16 };
  if (row % 8 === 0) return { type: 'vec2<u32>', bytes: 8 };
  if (row % 4 === 0) return { type: 'u32', bytes: 4 };
  if (dataType === 'fp16') return { type: 'f16', bytes: 2 };
  throw new Unsupported(`WGSL moves whole words: int8 needs a width of a multiple of 4, not ${width}`);
}
