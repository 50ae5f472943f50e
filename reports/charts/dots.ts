import { type Kind, kinds, type PixelOf, type PricedPoint } from './priced-point.ts';
import { element, px } from './svg.ts';

/** Most dots of a drawing. */
export const mostDots = 20_000;

/**
 * Positions of the points to draw: of those of a kind that would cover the same pixel only the first, and of those
 * only every so many where they are still too many; the frontier is always there. In their order.
 */
export function thinned(
  points: readonly PricedPoint[],
  frontier: readonly number[],
  pixelOf: PixelOf,
): number[] {
  if (points.length <= mostDots) return points.map((_, index) => index);
  const kept = new Set(frontier);
  const taken = new Set<string>();
  const distinct = points.flatMap((point, index) => {
    const [x, y] = pixelOf(point);
    const cell = `${point.kind} ${Math.round(x)} ${Math.round(y)}`;
    if (taken.has(cell) || kept.has(index)) return [];
    taken.add(cell);
    return [index];
  });
  const room = mostDots - kept.size;
  const step = Math.max(1, distinct.length / Math.max(1, room));
  for (let at = 0; Math.floor(at) < distinct.length && kept.size < mostDots; at += step) {
    kept.add(distinct[Math.floor(at)]);
  }
  return [...kept].sort((a, b) => a - b);
}

/** Dots as one path of each kind: a stroke of no length with a round cap is a dot. */
export function dotPaths(points: readonly PricedPoint[], pixelOf: PixelOf): string {
  const paths = new Map<Kind, string[]>();
  for (const point of points) {
    const [x, y] = pixelOf(point);
    const path = paths.get(point.kind) ?? [];
    path.push(`M${px(x)},${px(y)}h0`);
    paths.set(point.kind, path);
  }
  return [...kinds]
    .reverse()
    .flatMap((kind) => {
      const path = paths.get(kind);
      return path ? [element('path', { class: `dots ${kind}`, d: path.join('') })] : [];
    })
    .join('');
}
