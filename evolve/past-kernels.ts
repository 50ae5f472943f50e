import type { PastKernel } from './expansion.ts';

/** Of Trellis: kernels of tasks that are at least so similar, and so many of them. */
export const leastSimilarity = 0.8;
export const mostKernels = 10;

/** The kernels that an expansion is shown: the most similar first, the fastest among equals. */
export function mostUseful(kernels: Iterable<PastKernel>): PastKernel[] {
  return [...kernels].sort(moreUseful).slice(0, mostKernels);
}

export function moreUseful(a: PastKernel, b: PastKernel): number {
  return b.similarity - a.similarity || b.attempt.evaluation.score - a.attempt.evaluation.score;
}
