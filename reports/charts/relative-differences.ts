import type { ComparedFigure } from '../../sim/compare/comparison-result.ts';
import { type Axis, changeAxis } from './axis.ts';
import type { Chart } from './chart.ts';
import { type Area, axisBelow, axisRoom, drawing, width } from './drawing.ts';
import { costLine, finite, type Quantity, share, signedInterval, withInterval } from './quantity.ts';
import { nameRoom, panelTitle, rowName } from './rows.ts';
import { legend, type Series, symbol, symbolSwatch } from './series.ts';
import { line, text } from './svg.ts';
import { whiskerAcross } from './whisker.ts';

const rowHeight = 24;
const valueRoom = 190;

const looks = {
  more: { name: 'B has more', className: 'series-2', rank: 2, isRest: false },
  less: { name: 'B has less', className: 'series-1', rank: 0, isRest: false },
  same: { name: 'not told apart', className: 'series-rest', rank: 1, isRest: false },
} satisfies Record<string, Series>;

/** A figure of two sides with their difference, whatever it counts. */
export interface Differing extends Omit<ComparedFigure, 'unit' | 'group' | 'key'> {
  unit: string;
  group: string;
}

export interface DifferencesRequest {
  id: string;
  title: string;
  note: string;
  /** Panels by the groups of their figures, in their order. */
  groups: readonly (readonly [group: string, title: string])[];
  figures: readonly Differing[];
  /** How each unit is written. */
  quantities: Readonly<Record<string, Quantity>>;
}

/** Figures whose difference can be told relative to A. */
export function relativeOnes(figures: readonly Differing[]): Differing[] {
  return figures.filter(({ relative }) => relative && Number.isFinite(relative.mean));
}

/** Relative differences of figures with their intervals, a panel for each group. */
export function relativeDifferences(request: DifferencesRequest): Chart {
  const { id, title, note, groups, figures, quantities } = request;
  const shown = relativeOnes(figures);
  const key = legend(
    Object.values(looks).map((look) => ({ name: look.name, swatch: symbolSwatch(look) })),
    { left: nameRoom, right: width, y: 12 },
  );
  let top = key.height + 34;
  const panels = groups.flatMap(([group, name]) => {
    const own = shown.filter((figure) => figure.group === group);
    if (own.length === 0) return [];
    const area: Area = {
      left: nameRoom,
      right: width - valueRoom,
      top,
      bottom: top + own.length * rowHeight,
    };
    top = area.bottom + axisRoom + 34;
    return [panelTitle(name, nameRoom, area.top - 10) + panel(own, area, quantities)];
  });
  const svg = drawing({ id, title, note, height: top - 34 }, key.svg, ...panels);
  return { id, title, note, svg, table: tableOf(figures, quantities) };
}

type Quantities = DifferencesRequest['quantities'];

function panel(figures: readonly Differing[], area: Area, quantities: Quantities): string {
  const x = changeAxis({
    values: figures.flatMap(({ relative }) => [
      relative!.mean,
      finite(relative!).low ?? 0,
      finite(relative!).high ?? 0,
    ]),
    range: [area.left, area.right],
    quantity: share,
    name: 'B − A',
  });
  const zero = x.at(0);
  return [
    axisBelow(x, area),
    line(zero, area.top, zero, area.bottom, 'zero'),
    ...figures.map((figure, index) =>
      figureRow(figure, area.top + (index + 0.5) * rowHeight, x, quantities[figure.unit]),
    ),
  ].join('');
}

function figureRow(figure: Differing, y: number, x: Axis, quantity: Quantity): string {
  const { title, a, b, relative, difference } = figure;
  const look = lookOf(figure);
  const lines = [
    title,
    `${signedInterval(relative!, share)}, ${look === looks.same ? 'not told apart' : 'told apart'}`,
    ...(a ? [`A ${withInterval(a, quantity)}`] : []),
    ...(b ? [`B ${withInterval(b, quantity)}`] : []),
    ...(difference
      ? [`B − A ${signedInterval(difference, quantity)}`, ...costLine(difference, quantity)]
      : []),
  ];
  return [
    rowName(title, '', y),
    whiskerAcross(relative!, x, y),
    symbol(look, x.at(relative!.mean), y, lines, 60),
    text(fromTo(figure, quantity), { class: 'value', x: width, y: y + 4, 'text-anchor': 'end' }),
  ].join('');
}

/** `72.5 → 80.1 requests/s`: the unit once where both have the same. */
function fromTo({ a, b }: Differing, quantity: Quantity): string {
  if (!a || !b) return '';
  const [from, to] = [a, b].map(({ mean }) => quantity.format(mean));
  const unitOf = (words: string) => words.slice(words.indexOf(' '));
  const isAlike = from.includes(' ') && unitOf(from) === unitOf(to);
  return `${isAlike ? from.slice(0, from.indexOf(' ')) : from} → ${to}`;
}

function lookOf({ relative, significant }: Differing): Series {
  if (significant === false || relative!.mean === 0) return looks.same;
  return relative!.mean > 0 ? looks.more : looks.less;
}

function tableOf(figures: readonly Differing[], quantities: Quantities): Chart['table'] {
  return {
    columns: [
      { title: 'figure', align: 'left' },
      { title: 'A' },
      { title: 'B' },
      { title: 'B − A' },
      { title: 'relative' },
      { title: 'told apart', align: 'left' },
    ],
    rows: figures.map((figure) => differenceCells(figure, quantities[figure.unit])),
  };
}

/** Title, A, B, difference, relative difference, and whether they are told apart; each with its unit. */
export function differenceCells(figure: Differing, quantity: Quantity): string[] {
  const { title, a, b, difference, relative, significant } = figure;
  return [
    title,
    a ? withInterval(a, quantity) : '–',
    b ? withInterval(b, quantity) : '–',
    difference ? signedInterval(difference, quantity) : '–',
    relative ? signedInterval(relative, share) : '–',
    significant === undefined ? '–' : significant ? 'yes' : 'no',
  ];
}
