import type { Kernel } from '../../harness/device.ts';
import type { ShapeTiming } from '../evaluation.ts';
import type { LeastWork } from './ceilings.ts';
import type { ShapeCheck } from './check-shape.ts';
import type { JobShape } from './stages.ts';
import type { InterleavedTimes } from './time-shape.ts';

/** A shape that a candidate is compiled, checked and timed for. */
export interface ShapeRun extends JobShape {
  kernel: Kernel;
  check?: ShapeCheck;
}

/** What is kept of a shape that was checked and timed. */
export function shapeTiming(
  { shape, isHeldOut, check }: ShapeRun,
  { candidateS, referenceS, eagerS, speedup }: InterleavedTimes,
  least: LeastWork,
): ShapeTiming {
  return {
    shape: shape.shape,
    ...(shape.kind !== undefined && { kind: shape.kind }),
    ...(isHeldOut && { isHeldOut }),
    candidateS,
    referenceS,
    speedup,
    ...(eagerS !== undefined && { eagerS }),
    error: check!.error,
    tolerance: check!.tolerance,
    speedOfLight: least.seconds / candidateS,
    achievedBytesPerS: least.bytes / candidateS,
    achievedFlopPerS: least.flops / candidateS,
  };
}
