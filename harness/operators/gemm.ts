import { dot, elementOf, remembered, saturate, toleranceOf } from './elements.ts';
import type { OperatorSpec } from './operator.ts';

/** Factor on an int8 product: answers then spread over about ± 40 whatever k. */
export function int8Scale(k: number): number {
  return 2 ** -Math.round(Math.log2(Math.sqrt(k) * 137));
}

/**
 * Fully connected layer without its epilogue: D[m, n] = A[m, k] · W[n, k]ᵀ, all row-major. fp8 answers in bf16, as
 * frameworks do; int8 in int8, d = saturate(round(sum × int8Scale(k))).
 */
export const gemm: OperatorSpec = {
  name: 'gemm',
  dataTypes: ['fp32', 'tf32', 'bf16', 'fp16', 'fp8', 'int8'],
  tensors: (dataType, { m, n, k }) => [
    { name: 'a', role: 'input', element: elementOf(dataType), length: m * k },
    { name: 'w', role: 'input', element: elementOf(dataType), length: n * k },
    {
      name: 'd',
      role: 'output',
      element: dataType === 'fp8' ? 'bf16' : elementOf(dataType),
      length: m * n,
      rowLength: n,
    },
  ],
  reference: (dataType, { n, k }, { values }) => {
    const a = remembered((row) => values('a', row * k, k));
    const w = remembered((row) => values('w', row * k, k));
    return (_, index) => {
      const row = Math.floor(index / n);
      const sum = dot(a(row), w(index - row * n));
      return dataType === 'int8' ? saturate(sum * int8Scale(k)) : sum;
    };
  },
  tolerance: toleranceOf,
};
