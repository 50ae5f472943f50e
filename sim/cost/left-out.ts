import { type KrigingModel, krige } from './kriging.ts';

/** A log efficiency predicted without its own point: error and variance in units of the surface's own. */
export interface LeftOut {
  point: number;
  /** Log of predicted over measured time. */
  error: number;
  variance: number;
}

/**
 * Predicts points from others.
 * @param evaluated positions of the points to predict
 * @param groups points of one group are left out together; without it each point alone
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
