import type { MeasuredDataType } from '../../hardware-profiles/operators-measured.ts';

/** What one launch of an operator has to do, whatever the kernel: speed of light is counted from it. */
export interface Work {
  /** Arithmetic; a multiply-add counts as two. Comparisons and integer steps count as one. */
  flops: number;
  /** Least bytes from and to memory: inputs and outputs once, different rows of a table once. */
  bytes: number;
  /** Bytes that are read again from cache: rows looked up more than once. */
  rereadBytes: number;
  /** Steps that follow each other for one output however many units there are: terms of its sum. */
  depth: number;
}

/** Bytes of an element that goes in. */
export const elementBytes: Record<MeasuredDataType, number> = {
  fp32: 4,
  tf32: 4,
  bf16: 2,
  fp16: 2,
  fp8: 1,
  int8: 1,
  int4: 0.5,
  int32: 4,
  bytes: 1,
};

/** Work that reads and writes everything once. */
export function once(flops: number, bytes: number, depth = 1): Work {
  return { flops, bytes, rereadBytes: 0, depth };
}

/** Several pieces of work in one launch. */
export function addWork(a: Work, b: Work): Work {
  return {
    flops: a.flops + b.flops,
    bytes: a.bytes + b.bytes,
    rereadBytes: a.rereadBytes + b.rereadBytes,
    depth: Math.max(a.depth, b.depth),
  };
}
