import { tickSize } from './axis.ts';
import { text } from './svg.ts';
import { textWidth } from './text-size.ts';

/** Equal columns of pixels, one for each quarter. */
export interface Quarters {
  left: number;
  right: number;
  step: number;
  /** Left edge of a quarter's column. */
  start: (index: number) => number;
  middle: (index: number) => number;
  /** `Q1` … below a line, as many as do not touch. */
  labels: (bottom: number) => string;
}

export function quarterAxis(count: number, left: number, right: number): Quarters {
  const step = (right - left) / count;
  const start = (index: number) => left + index * step;
  const middle = (index: number) => start(index) + step / 2;
  const every = Math.ceil((textWidth(`Q${count}`, tickSize) + 8) / step);
  const labels = (bottom: number) =>
    Array.from({ length: count }, (_, index) =>
      index % every === 0
        ? text(`Q${index + 1}`, { class: 'tick', x: middle(index), y: bottom + 15, 'text-anchor': 'middle' })
        : '',
    ).join('');
  return { left, right, step, start, middle, labels };
}
