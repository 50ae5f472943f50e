import type { OperatorName, Shape } from '../../hardware-profiles/operators-measured.ts';
import { operatorAxes } from '../../hardware-profiles/operators-measured.ts';
import { shapeKey } from '../../sim/cost/surface-points.ts';

/** Axes along which a whole shape is held out: what stays when the batch changes. */
const shapeAxes: Partial<Record<OperatorName, readonly string[]>> = {
  gemm: ['n', 'k'],
  'embedding-bag': ['rows', 'dim'],
  'embedding-bag-backward': ['rows', 'dim'],
};

/**
 * Which whole shape each point belongs to: the layer of a GEMM, the table of a lookup, all but the first axis of
 * others. Undefined where all points have one.
 */
export function wholeShapes(operator: OperatorName, shapes: readonly Shape[]): string[] | undefined {
  const axes = shapeAxes[operator] ?? operatorAxes[operator].slice(1);
  const keys = shapes.map((shape) => shapeKey(axes, shape));
  return new Set(keys).size > 1 ? keys : undefined;
}
