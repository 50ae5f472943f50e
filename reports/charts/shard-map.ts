import { significant } from '../../foundation/units.ts';
import type { ArmResult, Result, ShardResult } from '../../sim/result.ts';
import { measuredArms, noneFits } from './arms.ts';
import type { Absence, Chart } from './chart.ts';
import { drawing, smallSize, width } from './drawing.ts';
import { heatShades } from './palette.ts';
import { bytes, percent, plain, time, withInterval } from './quantity.ts';
import { nameRoom, panelTitle, rowName } from './rows.ts';
import { element, mark, text } from './svg.ts';
import { textWidth } from './text-size.ts';
import { titles } from './titles.ts';

const title = titles.shards;
const rowHeight = 26;
const panelGap = 34;
const widestCell = 90;

/** More cells than this would be more than a page wants to hold. */
const mostCells = 6000;

interface Figure {
  name: string;
  of: (shard: ShardResult) => number;
  inWords: (shard: ShardResult) => string;
  short: (value: number) => string;
}

const figures: Figure[] = [
  {
    name: 'bytes of tables',
    of: ({ sizeBytes }) => sizeBytes,
    inWords: ({ sizeBytes }) => bytes.format(sizeBytes),
    short: bytes.format,
  },
  {
    name: 'lookups per candidate',
    of: ({ lookupsPerCandidate }) => lookupsPerCandidate,
    inWords: ({ lookupsPerCandidate }) => `${plain.format(lookupsPerCandidate)} rows per candidate`,
    short: plain.format,
  },
  {
    name: 'CPU time per request',
    of: ({ busyS }) => busyS.mean,
    inWords: ({ busyS }) => `${withInterval(busyS, time)} CPU time per request`,
    short: time.format,
  },
];

/** Bytes, lookups and work of every shard, coloured by how far they are from the mean of their arm. */
export function shardMap(result: Result): Chart | Absence {
  if (measuredArms(result).length === 0) return { title, reason: noneFits };
  const sharded = result.arms.filter(({ shards }) => shards.length > 0);
  if (sharded.length === 0) return { title, reason: 'no arm keeps tables on sparse shards' };
  const { shown, omitted } = withinBudget(sharded);
  const id = 'shards';
  const note =
    'Every shard of an arm against the mean of its shards: even colours are a balanced placement. The shard that is ' +
    `busiest bounds the latency of the others.${omitted}`;
  const key = scale(12);
  let y = 46;
  const panels = figures.map((figure) => {
    const head = panelTitle(figure.name, nameRoom, y);
    const rows = shown.map((arm, index) => armRow(arm, figure, y + 12 + index * rowHeight));
    y += shown.length * rowHeight + panelGap;
    return head + rows.join('');
  });
  const svg = drawing({ id, title, note, height: y - panelGap + 20 }, key, ...panels);
  return { id, title, note, svg, table: tableOf(sharded) };
}

function withinBudget(arms: readonly ArmResult[]): { shown: ArmResult[]; omitted: string } {
  let cells = 0;
  const shown = arms.filter(({ shards }) => {
    cells += shards.length * figures.length;
    return cells <= mostCells || cells === shards.length * figures.length;
  });
  const omitted =
    shown.length < arms.length ? ` Drawn are ${shown.length} of ${arms.length} arms; the table has all.` : '';
  return { shown, omitted };
}

function armRow(arm: ArmResult, figure: Figure, y: number): string {
  const { name, shards } = arm;
  const cell = Math.min(widestCell, (width - nameRoom) / shards.length);
  const mean = meanOf(shards, figure);
  const cells = shards.map((shard, index) => {
    const value = figure.of(shard);
    const ratio = mean > 0 && Number.isFinite(value) ? value / mean : 1;
    const x = nameRoom + index * cell;
    const tone = `heat-${heatOf(ratio)}`;
    const rect = mark(
      'rect',
      { class: `bar ${tone}`, x, y, width: cell, height: rowHeight - 4 },
      linesOf(arm, index, figure, ratio),
    );
    return rect + inside(figure.short(value), tone, x, y, cell);
  });
  return rowName(name, '', y + rowHeight / 2 - 2) + cells.join('');
}

function linesOf({ name, shards }: ArmResult, index: number, figure: Figure, ratio: number): string[] {
  const shard = shards[index];
  const { tables, replicas, bounding } = shard;
  return [
    `${name}, shard ${index}`,
    figure.inWords(shard),
    `${significant(ratio)} × the mean of ${shards.length} ${shards.length === 1 ? 'shard' : 'shards'}`,
    `${tables} ${tables === 1 ? 'table' : 'tables'}${replicas > 1 ? `, ${replicas} replicas` : ''}`,
    `bounds ${percent(bounding)} of requests`,
  ];
}

function inside(words: string, tone: string, x: number, y: number, cell: number): string {
  if (textWidth(words, smallSize) + 4 > cell) return '';
  return text(words, {
    class: `value on ${tone}`,
    x: x + cell / 2,
    y: y + rowHeight / 2 + 2,
    'text-anchor': 'middle',
  });
}

function meanOf(shards: readonly ShardResult[], { of }: Figure): number {
  const values = shards.map(of).filter(Number.isFinite);
  return values.reduce((sum, value) => sum + value, 0) / (values.length || 1);
}

/** Bounds between shades, as ratios to the mean: below 1/2, to above 2. */
const bounds = [0.5, 0.75, 0.9, 0.97, 1.03, 1.11, 1.33, 2];

/** The shade of a ratio, 1 to 9. */
export function heatOf(ratio: number): number {
  return 1 + bounds.filter((bound) => ratio > bound).length;
}

/** The shades and what they stand for. */
function scale(y: number): string {
  const size = 52;
  const boxes = heatShades.map((_, index) =>
    element('rect', {
      class: `bar heat-${index + 1}`,
      x: nameRoom + index * size,
      y: y - 8,
      width: size,
      height: 10,
    }),
  );
  const labels = bounds.map((bound, index) =>
    text(`${bound}`, { class: 'tick', x: nameRoom + (index + 1) * size, y: y + 14, 'text-anchor': 'middle' }),
  );
  return [
    ...boxes,
    ...labels,
    text('times the mean', { class: 'detail', x: nameRoom + 9 * size + 10, y }),
  ].join('');
}

function tableOf(arms: readonly ArmResult[]): Chart['table'] {
  const columns: Chart['table']['columns'] = [
    { title: 'arm', align: 'left' },
    { title: 'figure', align: 'left' },
    { title: 'shards' },
    { title: 'least' },
    { title: 'mean' },
    { title: 'most' },
    { title: 'most over mean' },
    { title: 'largest shard' },
  ];
  const rows = arms.flatMap(({ name, shards }) =>
    figures.map((figure) => {
      const values = shards.map(figure.of);
      const mean = meanOf(shards, figure);
      const most = Math.max(...values);
      return [
        name,
        figure.name,
        `${shards.length}`,
        figure.short(Math.min(...values)),
        figure.short(mean),
        figure.short(most),
        mean > 0 ? significant(most / mean) : '–',
        `${values.indexOf(most)}`,
      ];
    }),
  );
  return { columns, rows };
}
