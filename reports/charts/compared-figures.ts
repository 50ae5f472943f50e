import type { ComparedFigure, ComparedPair, Comparison } from '../../sim/compare/comparison-result.ts';
import { type Axis, changeAxis } from './axis.ts';
import type { Absence, Chart } from './chart.ts';
import { type Area, axisBelow, axisRoom, drawing, width } from './drawing.ts';
import {
  bytes,
  costLine,
  finite,
  percent,
  plain,
  type Quantity,
  rate,
  share,
  signedInterval,
  time,
  usd,
  usdPerHour,
  watts,
  withInterval,
} from './quantity.ts';
import { nameRoom, panelTitle, rowName } from './rows.ts';
import { legend, type Series, symbol, symbolSwatch } from './series.ts';
import { line, text } from './svg.ts';
import { whiskerAcross } from './whisker.ts';

const rowHeight = 24;
const valueRoom = 190;
const groups = [
  ['latency', 'Latency and load'],
  ['compute', 'Work of a request'],
  ['fleet', 'Fleet'],
] as const;

const looks = {
  more: { name: 'B has more', className: 'series-2', rank: 2, isRest: false },
  less: { name: 'B has less', className: 'series-1', rank: 0, isRest: false },
  same: { name: 'not told apart', className: 'series-rest', rank: 1, isRest: false },
} satisfies Record<string, Series>;

const perJoule: Quantity = { format: (value) => `${plain.format(value)} per J`, unitFor: plain.unitFor };

const quantities: Record<ComparedFigure['unit'], Quantity> = {
  s: time,
  '1/s': rate,
  B: bytes,
  W: watts,
  '1/J': perJoule,
  'USD/h': usdPerHour,
  USD: usd,
  share,
  count: plain,
};

/** A and B, as they stand in titles: their arms, and their scenarios where the arms are named alike. */
export function sidesOf({ a, b }: ComparedPair): string {
  return a.name === b.name ? b.name : `${b.name} against ${a.name}`;
}

/** Relative differences of all figures of a pair with their intervals. */
export function comparedFigures(pair: ComparedPair, comparison: Comparison, id: string): Chart | Absence {
  const title = `Differences: ${sidesOf(pair)}`;
  const shown = pair.figures.filter(({ relative }) => relative && Number.isFinite(relative.mean));
  if (shown.length === 0) return { title, reason: pair.meaningless ?? 'A and B have no figure in common' };
  const key = legend(
    Object.values(looks).map((look) => ({ name: look.name, swatch: symbolSwatch(look) })),
    { left: nameRoom, right: width, y: 12 },
  );
  let top = key.height + 34;
  const panels = groups.flatMap(([group, name]) => {
    const figures = shown.filter((figure) => figure.group === group);
    if (figures.length === 0) return [];
    const area: Area = {
      left: nameRoom,
      right: width - valueRoom,
      top,
      bottom: top + figures.length * rowHeight,
    };
    top = area.bottom + axisRoom + 34;
    return [panelTitle(name, nameRoom, area.top - 10) + panel(figures, area)];
  });
  const missing = pair.figures.length - shown.length;
  const note =
    `B − A relative to A, on the right from A to B; whiskers: ${percent(comparison.confidence)} intervals${pair.paired ? ', paired by replication' : ''}. ` +
    'A difference whose interval holds zero is not told apart from none.' +
    (missing > 0 ? ` ${missing} figures that A lacks or has none of are in the table only.` : '') +
    (pair.meaningless === undefined
      ? ''
      : ` Latencies cannot be compared: ${pair.meaningless.split('\n')[0]}`);
  const svg = drawing({ id, title, note, height: top - 34 }, key.svg, ...panels);
  return { id, title, note, svg, table: tableOf(pair) };
}

function panel(figures: readonly ComparedFigure[], area: Area): string {
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
    ...figures.map((figure, index) => figureRow(figure, area.top + (index + 0.5) * rowHeight, x)),
  ].join('');
}

function figureRow(figure: ComparedFigure, y: number, x: Axis): string {
  const { title, a, b, relative, difference } = figure;
  const quantity = quantities[figure.unit];
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
    text(fromTo(figure), { class: 'value', x: width, y: y + 4, 'text-anchor': 'end' }),
  ].join('');
}

/** `72.5 → 80.1 requests/s`: the unit once where both have the same. */
function fromTo({ a, b, unit }: ComparedFigure): string {
  if (!a || !b) return '';
  const [from, to] = [a, b].map(({ mean }) => quantities[unit].format(mean));
  const unitOf = (words: string) => words.slice(words.indexOf(' '));
  const isAlike = from.includes(' ') && unitOf(from) === unitOf(to);
  return `${isAlike ? from.slice(0, from.indexOf(' ')) : from} → ${to}`;
}

function lookOf({ relative, significant }: ComparedFigure): Series {
  if (significant === false || relative!.mean === 0) return looks.same;
  return relative!.mean > 0 ? looks.more : looks.less;
}

function tableOf({ figures }: ComparedPair): Chart['table'] {
  return {
    columns: [
      { title: 'figure', align: 'left' },
      { title: 'A' },
      { title: 'B' },
      { title: 'B − A' },
      { title: 'relative' },
      { title: 'told apart', align: 'left' },
    ],
    rows: figures.map(({ title, unit, a, b, difference, relative, significant }) => {
      const quantity = quantities[unit];
      return [
        title,
        a ? withInterval(a, quantity) : '–',
        b ? withInterval(b, quantity) : '–',
        difference ? signedInterval(difference, quantity) : '–',
        relative ? signedInterval(relative, share) : '–',
        significant === undefined ? '–' : significant ? 'yes' : 'no',
      ];
    }),
  };
}
