import { wrap } from '../text-table.ts';
import type { Axis } from './axis.ts';
import { element, escaped, line, px, text } from './svg.ts';
import { shortened, textWidth } from './text-size.ts';

/** Width of every chart, and the size of its usual font and of its small one. */
export const width = 860;
export const labelSize = 12;
export const smallSize = 11;

/** Where data is drawn, in pixels of the viewBox. */
export interface Area {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** A whole `<svg>` of the usual width. */
export function drawing(
  { id, title, note, height }: { id: string; title: string; note: string; height: number },
  ...parts: string[]
): string {
  const [titleId, noteId] = [`${id}-title`, `${id}-note`];
  return element(
    'svg',
    {
      class: 'chart',
      viewBox: `0 0 ${width} ${px(Math.ceil(height))}`,
      role: 'img',
      'aria-labelledby': `${titleId} ${noteId}`,
    },
    element('title', { id: titleId }, escaped(title)),
    element('desc', { id: noteId }, escaped(note)),
    ...parts,
  );
}

/** A scale below an area, with lines through it. */
export function axisBelow({ ticks, title }: Axis, { left, right, top, bottom }: Area): string {
  const grid = ticks.map(({ position }) => line(position, top, position, bottom, 'grid'));
  const labels = ticks.map((tick) =>
    text(tick.text, {
      class: 'tick',
      x: within(tick.position, tick.text),
      y: bottom + 15,
      'text-anchor': 'middle',
    }),
  );
  const name = text(title, { class: 'axis-title', x: right, y: bottom + 32, 'text-anchor': 'end' });
  return [...grid, line(left, bottom, right, bottom, 'axis'), ...labels, name].join('');
}

/** Room that `axisBelow` takes below its area. */
export const axisRoom = 40;

/** A scale left of an area, with lines through it; its title stands above it. */
export function axisLeft({ ticks, title }: Axis, { left, right, top }: Area): string {
  const grid = ticks.map(({ position }) => line(left, position, right, position, 'grid'));
  const labels = ticks.map((tick) =>
    text(tick.text, { class: 'tick', x: left - 6, y: tick.position + 4, 'text-anchor': 'end' }),
  );
  const name = text(title, { class: 'axis-title', x: left, y: top - 9 });
  return [...grid, ...labels, name].join('');
}

/** The middle of a centred label that does not leave the drawing. */
function within(position: number, label: string): number {
  const half = textWidth(label, smallSize) / 2;
  return Math.min(width - half, Math.max(half, position));
}

/** A label that is cut where it has no room, and then tells itself in whole. */
export function label(
  content: string,
  { class: className = 'label', x, y, room, anchor }: LabelPlace,
): string {
  const short = shortened(content, room, className.includes('label') ? labelSize : smallSize);
  const whole = short === content ? '' : element('title', {}, escaped(content));
  return element('text', { class: className, x, y, 'text-anchor': anchor }, whole, escaped(short));
}

interface LabelPlace {
  class?: string;
  x: number;
  y: number;
  /** Pixels that it may take. */
  room: number;
  anchor?: 'start' | 'middle' | 'end';
}

/** Lines of running text, one below the other, and how high they are. */
export function paragraph(
  content: string,
  x: number,
  y: number,
  room: number,
): { svg: string; height: number } {
  const lines = wrap(content, Math.floor(room / (smallSize * 0.56))).split('\n');
  return {
    svg: lines.map((each, index) => text(each, { class: 'detail', x, y: y + index * 15 })).join(''),
    height: lines.length * 15,
  };
}
