import { dot, elementOf, remembered, saturate, toleranceOf } from './elements.ts';
import { int8Scale } from './gemm.ts';
import type { OperatorSpec } from './operator.ts';

/** Products that the reference may spend on the rows of y. */
const work = 2 ** 23;

/**
 * DCNv2's low-rank cross layer: hidden [batch, rank] = x · vᵀ, kept in the data type, and
 * y [batch, width] = x0 ⊙ (hidden · wᵀ + bias) + x. int8: hidden = saturate(round(x · vᵀ × int8Scale(width))),
 * z = hidden · wᵀ × int8Scale(rank), y = saturate(round(x0 · (z + bias) / 128 + x)).
 */
export const crossLowRank: OperatorSpec = {
  name: 'cross-low-rank',
  dataTypes: ['fp32', 'tf32', 'bf16', 'fp16', 'int8'],
  tensors: (dataType, { batch, width, rank }) => {
    const element = elementOf(dataType);
    const checkedRows = Math.max(2, Math.min(16, Math.floor(work / (width * rank))));
    return [
      { name: 'x0', role: 'input', element, length: batch * width },
      { name: 'x', role: 'input', element, length: batch * width },
      { name: 'v', role: 'input', element, length: rank * width },
      { name: 'w', role: 'input', element, length: width * rank },
      { name: 'bias', role: 'input', element, length: width },
      { name: 'hidden', role: 'output', element, length: batch * rank, rowLength: rank, checkedRows },
      { name: 'y', role: 'output', element, length: batch * width, rowLength: width, checkedRows },
    ];
  },
  reference: (dataType, { width, rank }, { value, values }) => {
    const isInt8 = dataType === 'int8';
    const v = remembered((r) => values('v', r * width, width));
    const w = remembered((column) => values('w', column * rank, rank));
    const x = remembered((row) => values('x', row * width, width));
    const hiddenAt = (row: number, r: number) => {
      const product = dot(x(row), v(r));
      return isInt8 ? saturate(product * int8Scale(width)) : product;
    };
    const hidden = remembered((row) =>
      Float64Array.from({ length: rank }, (_, r) =>
        isInt8 ? Math.round(hiddenAt(row, r)) : hiddenAt(row, r),
      ),
    );
    return (tensor, index) => {
      if (tensor === 'hidden') {
        const row = Math.floor(index / rank);
        return hiddenAt(row, index - row * rank);
      }
      const row = Math.floor(index / width);
      const column = index - row * width;
      const z = dot(hidden(row), w(column));
      const bias = value('bias', column);
      if (!isInt8) return value('x0', index) * (z + bias) + value('x', index);
      return saturate((value('x0', index) * (z * int8Scale(rank) + bias)) / 128 + value('x', index));
    };
  },
  // Two products, one after the other.
  tolerance: (dataType) => 2 * toleranceOf(dataType),
};
