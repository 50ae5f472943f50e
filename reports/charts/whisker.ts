import type { Interval } from '../../sim/result.ts';
import type { Axis } from './axis.ts';
import { finite } from './quantity.ts';
import { element, pathOf } from './svg.ts';

type Stroke = [from: [x: number, y: number], to: [x: number, y: number]];

/**
 * An interval along a horizontal scale: no cap at an end that is beyond the scale, nothing where both are or where it
 * cannot be seen.
 */
export function whiskerAcross(value: Interval, axis: Axis, y: number, half = 3): string {
  return whisker(value, axis, half, (along, across) => [along, y + across]);
}

/** The same along a vertical scale. */
export function whiskerUp(value: Interval, axis: Axis, x: number, half = 3): string {
  return whisker(value, axis, half, (along, across) => [x + across, along]);
}

/** Dark on a light rim, so that it shows on bars too. */
function whisker(
  value: Interval,
  { at, domain }: Axis,
  half: number,
  place: (along: number, across: number) => [x: number, y: number],
): string {
  const { low, high } = finite(value);
  if (low === undefined || high === undefined) return '';
  if (Math.abs(at(high) - at(low)) < 0.5) return '';
  const caps = [low, high].filter((end) => end >= domain[0] && end <= domain[1]);
  if (caps.length === 0) return '';
  const strokes: Stroke[] = [
    [place(at(low), 0), place(at(high), 0)],
    ...caps.map((end): Stroke => [place(at(end), -half), place(at(end), half)]),
  ];
  const d = strokes.map(pathOf).join('');
  return element('path', { class: 'halo', d }) + element('path', { class: 'whisker', d });
}
