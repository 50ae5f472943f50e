import type { MeasuredPoint } from '../../hardware-profiles/operators-measured.ts';
import { backendOf } from '../artifact.ts';
import type { Deployment } from './deployment.ts';

/** What kernels of searches are called among the implementations of a measured operator. */
const evolvedImplementation = 'evolved';

/**
 * The rows of a dispatch table that run a kernel, as measurements of their operator. What falls back is no news: the
 * reference goes on to run there. Times of searches are those of cold inputs that rotate.
 * @param rounds timed for each interval at least
 */
export function measuredRows(
  { operator, dataType, language, cores, rows }: Deployment,
  { rounds }: { rounds: number },
): MeasuredPoint[] {
  if (operator === 'problem') return [];
  return rows
    .filter(({ use }) => use === 'kernel')
    .map(({ shape, kernelS, speedup, error, tolerance }) => ({
      operator,
      backend: backendOf[language],
      implementation: evolvedImplementation,
      dataType,
      cores,
      shape,
      medianS: kernelS,
      // Of the ratio to the reference, which holds the spread of both.
      spread: (speedup.high - speedup.low) / (2 * speedup.mean),
      repeats: rounds,
      cache: 'cold',
      error,
      tolerance,
    }));
}
