import {
  symbolCircle,
  symbolCross,
  symbolDiamond,
  symbol as symbolPath,
  symbolSquare,
  symbolStar,
  symbolTriangle,
} from 'd3';
import { labelSize } from './drawing.ts';
import { seriesCount } from './palette.ts';
import { element, line, mark, px, text } from './svg.ts';
import { shortened, textWidth } from './text-size.ts';

const shapes = [symbolCircle, symbolSquare, symbolTriangle, symbolDiamond, symbolCross, symbolStar];

/** How a series is told from others: by colour, and by dashes of its line and the shape of its symbols. */
export interface Series {
  name: string;
  /** `series-3`, or `series-rest` where there are more than can be told apart. */
  className: string;
  /** Position among those with a look of their own. */
  rank: number;
  isRest: boolean;
}

/**
 * A look for each name, in their order. Of more than can be told apart only those to be emphasised have one; the
 * others share a quiet one.
 */
export function seriesOf(names: readonly string[], emphasised: readonly (string | undefined)[]): Series[] {
  if (names.length <= seriesCount)
    return names.map((name, rank) => ({ name, className: `series-${rank + 1}`, rank, isRest: false }));
  const chosen = [...new Set(emphasised)].filter((name) => name !== undefined && names.includes(name));
  return names.map((name) => {
    const rank = chosen.indexOf(name);
    return rank < 0
      ? { name, className: 'series-rest', rank: 0, isRest: true }
      : { name, className: `series-${rank + 1}`, rank, isRest: false };
  });
}

/** The symbol of a series as a mark. */
export function symbol(series: Series, x: number, y: number, lines: readonly string[], size = 46): string {
  const attributes = { ...shapeOf(series, size), transform: `translate(${px(x)},${px(y)})` };
  return mark('path', attributes, lines);
}

/** The same where nobody points at it. */
function silentSymbol(series: Series, x: number, y: number): string {
  return element('path', { ...shapeOf(series, 40), transform: `translate(${px(x)},${px(y)})` });
}

function shapeOf({ className, rank }: Series, size: number) {
  const isHollow = rank >= shapes.length;
  return {
    class: `symbol ${className}${isHollow ? ' hollow' : ''}`,
    d: symbolPath(shapes[rank % shapes.length], size).digits(1)() ?? '',
  };
}

/** What stands beside a name in a legend, 22 pixels wide, around a height. */
export type Swatch = (x: number, y: number) => string;

export const lineSwatch =
  (series: Series): Swatch =>
  (x, y) =>
    line(x, y, x + 22, y, `line ${series.className}`) + silentSymbol(series, x + 11, y);

export const symbolSwatch =
  (series: Series): Swatch =>
  (x, y) =>
    silentSymbol(series, x + 11, y);

export const boxSwatch =
  (className: string): Swatch =>
  (x, y) =>
    element('rect', { class: className, x: x + 8, y: y - 6, width: 14, height: 12 });

const swatchWidth = 28;
const gap = 18;
const lineHeight = 19;

/** Names with their looks, in as many lines as they take. */
export function legend(
  items: readonly { name: string; swatch: Swatch }[],
  { left, right, y }: { left: number; right: number; y: number },
): { svg: string; height: number } {
  const most = Math.min(260, right - left - swatchWidth);
  let [x, lineY] = [left, y];
  const parts = items.map(({ name, swatch }) => {
    const short = shortened(name, most, labelSize);
    const size = swatchWidth + textWidth(short, labelSize);
    if (x > left && x + size > right) [x, lineY] = [left, lineY + lineHeight];
    const part = swatch(x, lineY) + text(short, { class: 'label', x: x + swatchWidth, y: lineY + 4 });
    x += size + gap;
    return part;
  });
  return {
    svg: element('g', { class: 'legend' }, ...parts),
    height: items.length === 0 ? 0 : lineY - y + lineHeight,
  };
}

/** Items of a legend for series: those of a look of their own, and one for all others. */
export function seriesItems(series: readonly Series[], swatchOf: (one: Series) => Swatch) {
  const rest = series.filter(({ isRest }) => isRest);
  return [
    ...series.filter(({ isRest }) => !isRest).map((one) => ({ name: one.name, swatch: swatchOf(one) })),
    ...(rest.length > 0 ? [{ name: `${rest.length} others`, swatch: swatchOf(rest[0]) }] : []),
  ];
}
