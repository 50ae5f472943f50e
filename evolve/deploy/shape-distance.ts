import type { Shape } from '../../hardware-profiles/operators-measured.ts';

/** The largest ratio of an axis of two shapes, whichever of them is longer there. */
export function axesApart(a: Shape, b: Shape): number {
  const ratios = Object.keys(b).map((axis) => (1 + b[axis]) / (1 + (a[axis] ?? 0)));
  return Math.max(1, ...ratios.map((ratio) => Math.max(ratio, 1 / ratio)));
}

/** How far two shapes of an operator are apart: the root of the summed squares of their axes' ratios, in doublings. */
export function shapeDistance(a: Shape, b: Shape): number {
  const squares = Object.keys(b).map((axis) => Math.log2((1 + b[axis]) / (1 + (a[axis] ?? 0))) ** 2);
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
}
