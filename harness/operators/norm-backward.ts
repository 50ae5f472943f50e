import { dot, elementOf, remembered, toleranceOf } from './elements.ts';
import { normEpsilon } from './norm.ts';
import type { OperatorSpec } from './operator.ts';

/** Columns of the gain's gradient that are checked: each is a sum over all rows. */
const checkedColumns = 32;

/**
 * Gradients of y = x · r · gain, r = 1 / √(mean square of the row + ε), from dy [rows, n]: dx = r · (dy · gain − x · r² · mean
 * of dy · gain · x over the row), and dgain [n] = Σ over rows of dy · x · r. r is not given.
 */
export const rmsNormBackward: OperatorSpec = {
  name: 'rms-norm-backward',
  dataTypes: ['fp32', 'bf16', 'fp16'],
  tensors: (dataType, { rows, n }) => {
    const element = elementOf(dataType);
    return [
      { name: 'x', role: 'input', element, length: rows * n },
      { name: 'gain', role: 'input', element, length: n },
      { name: 'dy', role: 'input', element, length: rows * n },
      { name: 'dx', role: 'output', element, length: rows * n, rowLength: n },
      { name: 'dgain', role: 'output', element, length: n, rowLength: 1, checkedRows: checkedColumns },
    ];
  },
  reference: (_, { rows, n }, { value, values }) => {
    /** By row; 0 is none yet. */
    const factors = new Float64Array(rows);
    const factor = (row: number) => {
      if (factors[row] > 0) return factors[row];
      const x = values('x', row * n, n);
      factors[row] = 1 / Math.sqrt(dot(x, x) / n + normEpsilon);
      return factors[row];
    };
    const projection = remembered((row) => {
      const gain = values('gain', 0, n);
      const dy = values('dy', row * n, n);
      return values('x', row * n, n).reduce((sum, x, i) => sum + dy[i] * gain[i] * x, 0) / n;
    });
    return (tensor, index) => {
      if (tensor === 'dgain') {
        let sum = 0;
        for (let row = 0, at = index; row < rows; row++, at += n) {
          sum += value('dy', at) * value('x', at) * factor(row);
        }
        return sum;
      }
      const row = Math.floor(index / n);
      const r = factor(row);
      const direct = value('dy', index) * value('gain', index - row * n);
      return r * (direct - value('x', index) * r * r * projection(row));
    };
  },
  tolerance: toleranceOf,
};
