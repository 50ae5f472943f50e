import type { MeasuredDataType } from '../../hardware-profiles/operators-measured.ts';
import { decodeF16, encodeF16 } from '../encoding.ts';
import type { Element } from '../patterns.ts';
import { remembered } from './elements.ts';
import type { OperatorSpec } from './operator.ts';

const dataTypes: MeasuredDataType[] = ['int8', 'int4'];

function rowsElement(dataType: MeasuredDataType): Element {
  return dataType === 'int8' ? 'rows-int8' : 'rows-int4';
}

/**
 * fp32 rows to row-wise int8 or int4: bias = least of the row, scale = (most − least) / 255 or 15, code =
 * round((x − bias) / scale), kept within its bits; int4 rounds scale and bias to fp16 first. Answers are compared as
 * the values that they stand for.
 */
export const quantise: OperatorSpec = {
  name: 'quantise',
  dataTypes,
  tensors: (dataType, { rows, dim }) => [
    { name: 'x', role: 'input', element: 'f32', length: rows * dim },
    { name: 'out', role: 'output', element: rowsElement(dataType), length: rows * dim, rowLength: dim },
  ],
  reference: (dataType, { dim }, { value, values }) => {
    const levels = dataType === 'int8' ? 255 : 15;
    const stored = dataType === 'int8' ? Math.fround : (x: number) => decodeF16(encodeF16(x));
    const range = remembered((row) => {
      const x = values('x', row * dim, dim);
      const least = x.reduce((a, b) => Math.min(a, b));
      const most = x.reduce((a, b) => Math.max(a, b));
      return { scale: stored((most - least) / levels), bias: stored(least) };
    });
    return (_tensor, index) => {
      const { scale, bias } = range(Math.floor(index / dim));
      if (scale === 0) return bias;
      const code = Math.round((value('x', index) - bias) / scale);
      return scale * Math.max(0, Math.min(levels, code)) + bias;
    };
  },
  // A value half-way between two codes may fall to either side: one or two of the elements compared.
  tolerance: (dataType) => (dataType === 'int8' ? 1.5e-3 : 2e-2),
};

/** Row-wise int8 or int4 to fp32: scale × code + bias. */
export const dequantise: OperatorSpec = {
  name: 'dequantise',
  dataTypes,
  tensors: (dataType, { rows, dim }) => [
    { name: 'x', role: 'input', element: rowsElement(dataType), length: rows * dim, rowLength: dim },
    { name: 'out', role: 'output', element: 'f32', length: rows * dim, rowLength: dim },
  ],
  reference:
    (_, __, { value }) =>
    (_tensor, index) =>
      value('x', index),
  tolerance: () => 1e-6,
};
