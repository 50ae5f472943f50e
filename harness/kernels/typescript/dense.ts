import { elementOf } from '../../operators/elements.ts';
import { int8Scale } from '../../operators/gemm.ts';
import type { TypescriptKernel } from './kernel.ts';
import { store, toFloats, toInt8 } from './views.ts';

export const gemm: TypescriptKernel = ([a, w, d], { m, n, k }, dataType) => {
  const element = elementOf(dataType);
  const answer = timesTransposed(toFloats(a, element), toFloats(w, element), m, n, k);
  if (dataType === 'int8') scale(answer, int8Scale(k));
  store(d, dataType === 'fp8' ? 'bf16' : element, answer);
};

export const crossLowRank: TypescriptKernel = (
  [x0, x, v, w, bias, hidden, y],
  { batch, width, rank },
  dataType,
) => {
  const element = elementOf(dataType);
  const inner = timesTransposed(toFloats(x, element), toFloats(v, element), batch, rank, width);
  if (dataType === 'int8') scale(inner, int8Scale(width));
  store(hidden, element, inner);
  const z = timesTransposed(toFloats(hidden, element), toFloats(w, element), batch, width, rank);
  const [first, input, shift] = [x0, x, bias].map((each) => toFloats(each, element));
  const isInt8 = dataType === 'int8';
  const factor = isInt8 ? int8Scale(rank) : 1;
  const divisor = isInt8 ? 128 : 1;
  for (let i = 0; i < z.length; i++) {
    z[i] = (first[i] * (z[i] * factor + shift[i % width])) / divisor + input[i];
  }
  store(y, element, z);
};

function scale(values: Float32Array, factor: number): void {
  for (let i = 0; i < values.length; i++) values[i] = toInt8(values[i] * factor);
}

/** a [m, k] · wᵀ, w [n, k], four columns at a time so that a row of a is read once for them. */
function timesTransposed(a: Float32Array, w: Float32Array, m: number, n: number, k: number): Float32Array {
  const d = new Float32Array(m * n);
  for (let row = 0; row < m; row++) {
    const aRow = a.subarray(row * k, (row + 1) * k);
    let column = 0;
    for (; column + 4 <= n; column += 4) {
      const [w0, w1, w2, w3] = [0, 1, 2, 3].map((c) => (column + c) * k);
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let i = 0; i < k; i++) {
        const value = aRow[i];
        s0 += value * w[w0 + i];
        s1 += value * w[w1 + i];
        s2 += value * w[w2 + i];
        s3 += value * w[w3 + i];
      }
      const at = row * n + column;
      d[at] = s0;
      d[at + 1] = s1;
      d[at + 2] = s2;
      d[at + 3] = s3;
    }
    for (; column < n; column++) {
      let sum = 0;
      for (let i = 0; i < k; i++) sum += aRow[i] * w[column * k + i];
      d[row * n + column] = sum;
    }
  }
  return d;
}
