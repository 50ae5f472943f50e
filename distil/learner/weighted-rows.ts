import type { FloatArray } from './float-array.ts';

/** Rows of a matrix with a weight each; those of weight 0 are left out. */
export class RowWeights {
  count = 0;
  readonly starts: Int32Array;
  readonly weights: Float64Array;

  constructor(capacity: number) {
    this.starts = new Int32Array(capacity);
    this.weights = new Float64Array(capacity);
  }

  clear(): void {
    this.count = 0;
  }

  /** @param start index of the row's first element */
  add(start: number, weight: number): void {
    if (weight === 0) return;
    this.starts[this.count] = start;
    this.weights[this.count++] = weight;
  }
}

/**
 * Writes Σ weight·row into `sum[at, at + width)`. Both halves of the backward pass are such sums: the gradient by
 * the input is a sum of rows of weights, the gradient by a row of weights is a sum of inputs. Four columns at a
 * time stay in registers, so nothing is stored but the result.
 */
export function weightedRows(
  { count, starts, weights }: RowWeights,
  rows: FloatArray,
  width: number,
  sum: FloatArray,
  at: number,
): void {
  let i = 0;
  for (; i + 3 < width; i += 4) {
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    for (let k = 0; k < count; k++) {
      const weight = weights[k];
      const start = starts[k] + i;
      s0 += weight * rows[start];
      s1 += weight * rows[start + 1];
      s2 += weight * rows[start + 2];
      s3 += weight * rows[start + 3];
    }
    sum[at + i] = s0;
    sum[at + i + 1] = s1;
    sum[at + i + 2] = s2;
    sum[at + i + 3] = s3;
  }
  for (; i < width; i++) {
    let s = 0;
    for (let k = 0; k < count; k++) s += weights[k] * rows[starts[k] + i];
    sum[at + i] = s;
  }
}
