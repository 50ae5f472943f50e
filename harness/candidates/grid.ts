import type { Shape } from '../../hardware-profiles/operators-measured.ts';

/** All combinations of the values of each axis, the last axis fastest. */
export function grid(axes: Record<string, readonly number[]>): Shape[] {
  return Object.entries(axes).reduce<Shape[]>(
    (shapes, [axis, values]) =>
      shapes.flatMap((shape) => values.map((value) => ({ ...shape, [axis]: value }))),
    [{}],
  );
}

/** Powers of a base from `low` to at most `high`, rounded to whole numbers. */
export function powers(low: number, high: number, base = 2): number[] {
  const values: number[] = [];
  for (let value = low; value <= high * 1.000001; value *= base) values.push(Math.round(value));
  return values;
}
