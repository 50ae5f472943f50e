import type { Binding } from './pass.ts';

/** A product D[m, n] = A[m, k] · W[n, k]ᵀ with what becomes of its sums. */
export interface Product {
  name: string;
  m: number;
  n: number;
  /** Stored units of the inner dimension: elements, or words of four for int8. */
  k: number;
  arithmetic: Arithmetic;
  a: number;
  w: number;
  /** Further buffers, the answer's among them. */
  others: Binding[];
  declarations?: string;
  /**
   * Statement(s) that store: `value` holds the sums of columns `column` … `column` + width − 1 of row `row`. `width` is
   * 4 or 1 as the store wants it.
   */
  store: string;
  storeWidth: 1 | 4;
}

/** How units are stored and multiplied. */
export interface Arithmetic {
  /** One stored unit, and one in workgroup memory. */
  stored: string;
  shared: string;
  sum: string;
  /** Expression: `sum` with the products of unit `a` and four units `w` added. */
  multiplyAdd(sum: string, a: string, w: string): string;
  /** Expression: dot product of two vectors of `count` units. */
  dot(a: string, w: string, count: 1 | 4): string;
}
