import type { MeasuredDataType, Shape } from '../../hardware-profiles/operators-measured.ts';
import type { Element } from '../patterns.ts';
import type { Inputs, OperatorSpec } from './operator.ts';

const inputElement: Partial<Record<MeasuredDataType, Element>> = {
  fp32: 'f32',
  tf32: 'f32',
  bf16: 'bf16',
  fp16: 'f16',
  fp8: 'f8',
  int8: 'i8',
};

/** fp8 answers in bf16, as frameworks do; int8 in int8, scaled so that a product of k terms fits. */
const outputElement: Partial<Record<MeasuredDataType, Element>> = {
  fp32: 'f32',
  tf32: 'f32',
  bf16: 'bf16',
  fp16: 'f16',
  fp8: 'bf16',
  int8: 'i8',
};

const tolerances: Partial<Record<MeasuredDataType, number>> = {
  fp32: 1e-5,
  tf32: 1e-3,
  bf16: 5e-3,
  fp16: 1e-3,
  fp8: 5e-3,
  // One unit of the rounded answer.
  int8: 5e-2,
};

/** Factor on an int8 product: answers then spread over about ± 40 whatever k. */
export function int8Scale(k: number): number {
  return 2 ** -Math.round(Math.log2(Math.sqrt(k) * 137));
}

/** Fully connected layer without its epilogue: D[m, n] = A[m, k] · W[n, k]ᵀ, all row-major. */
export const gemm: OperatorSpec = {
  name: 'gemm',
  dataTypes: ['fp32', 'tf32', 'bf16', 'fp16', 'fp8', 'int8'],
  tensors: (dataType, { m, n, k }) => [
    { name: 'a', role: 'input', element: inputElement[dataType]!, length: m * k },
    { name: 'w', role: 'input', element: inputElement[dataType]!, length: n * k },
    { name: 'd', role: 'output', element: outputElement[dataType]!, length: m * n },
  ],
  reference:
    (dataType: MeasuredDataType, { n, k }: Shape, { value }: Inputs) =>
    (_, index) => {
      const row = Math.floor(index / n);
      const column = index - row * n;
      let sum = 0;
      for (let i = 0; i < k; i++) sum += value('a', row * k + i) * value('w', column * k + i);
      if (dataType !== 'int8') return sum;
      return Math.max(-128, Math.min(127, sum * int8Scale(k)));
    },
  tolerance: (dataType) => tolerances[dataType]!,
};
