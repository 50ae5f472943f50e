import { fill, type Line, type Piece, type Tone } from './line.ts';

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of `value` where `most` takes `width` columns; what is above zero shows. */
export function bar(value: number, most: number, width: number): string {
  if (!(value > 0) || !(most > 0) || width <= 0) return '';
  const steps = Math.max(1, Math.round(Math.min(1, value / most) * width * 8));
  return '█'.repeat(Math.floor(steps / 8)) + eighths[steps % 8];
}

export interface Estimated {
  mean: number;
  low?: number | undefined;
  high?: number | undefined;
}

/**
 * A bar up to the lower end of an interval, shaded to its upper end, with a mark where a limit stands. Without an
 * interval the bar ends at the mean.
 * @param most value at the right end, above zero
 */
export function intervalBar(
  { mean, low = mean, high = mean }: Estimated,
  { most, width, limit, tone }: { most: number; width: number; limit?: number | undefined; tone?: Tone },
): Line {
  const column = (value: number) => Math.max(0, Math.min(width, Math.round((value / most) * width)));
  const [from, to] = [column(low), column(high)];
  const cells: string[] = Array.from({ length: width }, (_, at) => (at < from ? '█' : at < to ? '▒' : ' '));
  if (from === 0 && to === 0 && mean > 0) cells[0] = '▏';
  const text = (start: number, end: number): Piece => {
    const part = cells.slice(start, end).join('');
    return tone === undefined ? part : { text: part, tone };
  };
  if (limit === undefined || !(limit <= most)) return [text(0, width)];
  const mark = Math.min(width - 1, column(limit));
  return [text(0, mark), { text: '│', tone: 'strong' }, text(mark + 1, width)];
}

/** A part of a bar: its letter fills it, so that parts are told apart without colour, too. */
export interface BarPart {
  letter: string;
  value: number;
  /** Chooses the colour. */
  index: number;
}

/** Parts side by side; `most` takes `width` columns, and rounding never changes where the bar ends. */
export function stackedBar(parts: readonly BarPart[], most: number, width: number): Line {
  let sum = 0;
  let end = 0;
  return parts.flatMap(({ letter, value, index }): Line => {
    sum += value;
    const start = end;
    end = most > 0 ? Math.min(width, Math.round((sum / most) * width)) : 0;
    return end > start ? [{ text: letter.repeat(end - start), tone: fill(index) }] : [];
  });
}

const levels = '▁▂▃▄▅▆▇█';

/** Values as a row of columns from zero to the largest; each column shows the largest of those that share it. */
export function sparkline(values: readonly number[], width: number): string {
  const columns = Math.min(width, values.length);
  const most = Math.max(0, ...values);
  return Array.from({ length: columns }, (_, column) => {
    const from = Math.floor((column * values.length) / columns);
    const to = Math.max(from + 1, Math.floor(((column + 1) * values.length) / columns));
    const value = Math.max(...values.slice(from, to));
    return most > 0 ? levels[Math.max(0, Math.ceil((value / most) * levels.length) - 1)] : levels[0];
  }).join('');
}
