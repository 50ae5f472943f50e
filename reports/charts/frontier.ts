import type { PricedPoint } from './priced-point.ts';

/**
 * Positions of the points that no other is both at most as dear and at most as slow as, cheapest first: among those
 * that are feasible, or among all where none is.
 */
export function frontierOf(points: readonly PricedPoint[]): number[] {
  const feasible = points.flatMap(({ isFeasible }, index) => (isFeasible ? [index] : []));
  const candidates = feasible.length > 0 ? feasible : points.map((_, index) => index);
  candidates.sort(
    (a, b) => points[a].price - points[b].price || points[a].latencyS.mean - points[b].latencyS.mean || a - b,
  );
  let fastest = Number.POSITIVE_INFINITY;
  return candidates.filter((index) => {
    if (points[index].latencyS.mean >= fastest) return false;
    fastest = points[index].latencyS.mean;
    return true;
  });
}
