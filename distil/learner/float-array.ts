/** Precision in which parameters and activations are kept; sums are always formed in float64. */
export type Precision = 'float32' | 'float64';

export type FloatArray = Float32Array | Float64Array;

export function zeros(precision: Precision, length: number): FloatArray {
  return precision === 'float32' ? new Float32Array(length) : new Float64Array(length);
}
