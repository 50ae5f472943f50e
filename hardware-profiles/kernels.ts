import type { Evidence, Evidenced } from '../foundation/evidence.ts';

/** Operators that transform raw features: their kernels may be known by the time that a value takes. */
export const preprocessingKernels = [
  'bucketise',
  'hash',
  'map-id',
  'merge-bucketised-dense',
  'batch-event-truncate',
] as const;

/** Operators of models for which a device has a kernel or lacks one. `embedding-bag` is every lookup of rows. */
export const kernelNames = [
  'gemm',
  'activation',
  'dot-interaction',
  'concat',
  'cross-low-rank',
  'factorisation-machine',
  'attention',
  'normalisation',
  'elementwise',
  'fused-mlp',
  'embedding-bag',
  ...preprocessingKernels,
] as const;

export type KernelName = (typeof kernelNames)[number];

/** An operator that a device cannot run, and who says so. */
export interface MissingKernel {
  operator: KernelName;
  evidence: Evidence;
  source: string;
}

/** Time of one launch: `perValueS` for each value transformed, and no less than `leastS`. */
export interface KernelTime {
  leastS: Evidenced;
  perValueS: Evidenced;
}
