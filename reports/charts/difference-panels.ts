import type { Interval } from '../../sim/result.ts';
import { type Axis, zeroBasedAxis } from './axis.ts';
import { type Area, axisBelow, axisRoom, drawing, width } from './drawing.ts';
import { finite, percent, type Quantity, signedInterval } from './quantity.ts';
import { nameRoom, panelTitle, rowName } from './rows.ts';
import { line, mark } from './svg.ts';
import { whiskerAcross } from './whisker.ts';

const rowHeight = 28;
const barHeight = 14;
const gap = 34;

/** A part of a difference. */
export interface Difference {
  value: Interval;
  /** Of the whole difference. */
  share?: number | undefined;
  lines?: string[];
}

/** One figure whose difference is taken apart: a cell for each row. */
export interface DifferencePanel {
  title: string;
  quantity: Quantity;
  cells: (Difference | undefined)[];
}

export interface DifferenceRow {
  name: string;
  detail: string;
  /** The whole, which the others add up to. */
  isWhole?: boolean;
}

/** Bars from zero with intervals, in a panel for each figure, in the same rows. */
export function differencePanels(
  head: { id: string; title: string; note: string },
  rows: readonly DifferenceRow[],
  panels: readonly DifferencePanel[],
): string {
  const top = 30;
  const bottom = top + rows.length * rowHeight;
  const panelWidth = (width - 16 - nameRoom - gap * (panels.length - 1)) / panels.length;
  const drawn = panels.map((panel, index) => {
    const left = nameRoom + index * (panelWidth + gap);
    return onePanel(panel, rows, { left, right: left + panelWidth, top, bottom });
  });
  const names = rows.map(({ name, detail, isWhole }, index) =>
    rowName(name, detail, top + (index + 0.5) * rowHeight, isWhole ? 'label strong' : 'label'),
  );
  return drawing({ ...head, height: bottom + axisRoom }, ...names, ...drawn);
}

function onePanel(
  { title, quantity, cells }: DifferencePanel,
  rows: readonly DifferenceRow[],
  area: Area,
): string {
  const drawable = cells.flatMap((cell) => (cell && Number.isFinite(cell.value.mean) ? [cell.value] : []));
  const x = zeroBasedAxis({
    values: drawable.flatMap((value) => [value.mean, finite(value).low ?? 0, finite(value).high ?? 0]),
    range: [area.left, area.right],
    quantity,
    name: 'B − A',
  });
  const zero = x.at(0);
  return [
    panelTitle(title, area.left, area.top - 12),
    axisBelow(x, area),
    line(zero, area.top, zero, area.bottom, 'zero'),
    ...cells.map((cell, index) =>
      cell ? bar(cell, rows[index], quantity, x, area.top + (index + 0.5) * rowHeight) : '',
    ),
  ].join('');
}

function bar(
  { value, share, lines = [] }: Difference,
  { name, isWhole }: DifferenceRow,
  quantity: Quantity,
  x: Axis,
  y: number,
): string {
  if (!Number.isFinite(value.mean)) return '';
  const [zero, at] = [x.at(0), x.at(value.mean)];
  const tone = isWhole ? 'series-11' : value.mean > 0 ? 'series-2' : 'series-1';
  const attributes = {
    class: `bar ${tone}`,
    x: Math.min(zero, at),
    y: y - barHeight / 2,
    width: Math.abs(at - zero),
    height: barHeight,
  };
  const told = [
    name,
    `B − A ${signedInterval(value, quantity)}`,
    ...(share === undefined ? [] : [`${percent(share)} of the difference`]),
    ...lines,
  ];
  return mark('rect', attributes, told) + whiskerAcross(value, x, y);
}
