import type { Shape } from '../../hardware-profiles/operators-measured.ts';
import type { SurfaceAccuracy } from './surface-accuracy.ts';

/** `4.3 %`. */
export function percentOf(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** `+4.3 %` or `−4.3 %`. */
export function signedPercentOf(share: number): string {
  const size = Math.abs(100 * share).toFixed(1);
  return `${share < 0 && Number(size) > 0 ? '−' : '+'}${size} %`;
}

/** Whose kernel it is and where it ran: `cublaslt on cuda`, `rankfleet on 4 cores`. */
export function kernelOf({
  implementation,
  backend,
  cores,
}: Pick<SurfaceAccuracy, 'implementation' | 'backend' | 'cores'>): string {
  if (cores === 0) return `${implementation} on ${backend}`;
  return `${implementation} on ${cores} ${cores === 1 ? 'core' : 'cores'}`;
}

/** `m 64, n 512, k 256`. */
export function describeShape(shape: Shape): string {
  return Object.entries(shape)
    .map(([axis, value]) => `${axis} ${value}`)
    .join(', ');
}
