import type { Axis } from './axis.ts';
import { smallSize } from './drawing.ts';
import { mark, text } from './svg.ts';
import { textWidth } from './text-size.ts';

/** A piece of a bar that is made of several. */
export interface StackPart {
  className: string;
  value: number;
  /** What it tells when it is pointed at. */
  lines: string[];
  /** Written on it where that fits. */
  inside?: string;
}

/** Pieces one after the other along a horizontal scale; those beyond its end are cut there. */
export function stackedBar(
  parts: readonly StackPart[],
  x: Axis,
  { y, height }: { y: number; height: number },
): string {
  const total = parts.reduce(
    (all, { value }) => (value > 0 && Number.isFinite(value) ? all + value : all),
    0,
  );
  const isCut = total > x.domain[1] * (1 + 1e-9);
  let sum = 0;
  const drawn = parts
    .filter(({ value }) => Number.isFinite(value) && value > 0)
    .map(({ className, value, lines, inside = '' }) => {
      const from = x.at(sum);
      sum += value;
      const width = x.at(sum) - from;
      const rect = mark('rect', { class: `bar ${className}`, x: from, y, width, height }, lines);
      const fits =
        inside !== '' && !isCut && textWidth(inside, smallSize) + 6 <= width && height >= smallSize + 2;
      const place = { x: from + width / 2, y: y + height / 2 + 4, 'text-anchor': 'middle' };
      return fits ? rect + text(inside, { class: `value on ${className.split(' ')[0]}`, ...place }) : rect;
    });
  const end = text('»', { class: 'value strong', x: x.at(sum) + 3, y: y + height / 2 + 4 });
  return drawn.join('') + (isCut ? end : '');
}
