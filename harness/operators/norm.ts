import type { OperatorName } from '../../hardware-profiles/operators-measured.ts';
import { elementOf, remembered, toleranceOf } from './elements.ts';
import type { OperatorSpec, TensorSpec } from './operator.ts';

export const normEpsilon = 1e-5;

/** Rows of x [rows, n] to mean 0 and variance 1, times gain, plus bias. */
export const layerNorm = norm('layer-norm', true);

/** Rows of x [rows, n] over their root mean square, times gain. */
export const rmsNorm = norm('rms-norm', false);

function norm(name: OperatorName, centred: boolean): OperatorSpec {
  return {
    name,
    dataTypes: ['fp32', 'bf16', 'fp16'],
    tensors: (dataType, { rows, n }) => {
      const element = elementOf(dataType);
      const bias: TensorSpec[] = centred ? [{ name: 'bias', role: 'input', element, length: n }] : [];
      return [
        { name: 'x', role: 'input', element, length: rows * n },
        { name: 'gain', role: 'input', element, length: n },
        ...bias,
        { name: 'out', role: 'output', element, length: rows * n, rowLength: n },
      ];
    },
    reference: (_, { n }, { value, values }) => {
      const moments = remembered((row) => {
        const x = values('x', row * n, n);
        const mean = centred ? x.reduce((sum, each) => sum + each, 0) / n : 0;
        const variance = x.reduce((sum, each) => sum + (each - mean) ** 2, 0) / n;
        return { mean, factor: 1 / Math.sqrt(variance + normEpsilon) };
      });
      return (_tensor, index) => {
        const row = Math.floor(index / n);
        const column = index - row * n;
        const { mean, factor } = moments(row);
        const bias = centred ? value('bias', column) : 0;
        return (value('x', index) - mean) * factor * value('gain', column) + bias;
      };
    },
    tolerance: toleranceOf,
  };
}
