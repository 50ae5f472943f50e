import type { OperatorName, Shape } from '../../hardware-profiles/operators-measured.ts';
import { operatorAxes } from '../../hardware-profiles/operators-measured.ts';
import { type KrigingModel, krige } from '../../sim/cost/kriging.ts';
import { shapeKey } from '../../sim/cost/surface-points.ts';

/** A log efficiency predicted without its own point: error and variance in units of the surface's own. */
export interface LeftOut {
  point: number;
  /** Log of predicted over measured time. */
  error: number;
  variance: number;
}

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

/**
 * Predicts points from others.
 * @param groups points of one group are left out together; without it each point alone
 * @param evaluated positions of the points to predict
 */
export function predictLeftOut(
  model: KrigingModel,
  evaluated: readonly number[],
  groups?: readonly string[],
): LeftOut[] {
  const { dimensions, places, values } = model;
  return evaluated.flatMap((point) => {
    const place = Array.from(places.subarray(point * dimensions, (point + 1) * dimensions));
    const isLeftOut = groups
      ? (other: number) => groups[other] === groups[point]
      : (other: number) => other === point;
    const estimate = krige(model, place, isLeftOut);
    return estimate ? [{ point, error: estimate.value - values[point], variance: estimate.variance }] : [];
  });
}
