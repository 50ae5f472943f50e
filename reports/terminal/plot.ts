import { Canvas } from './canvas.ts';
import { faint, type Line, type Piece } from './line.ts';
import { displayWidth, pad } from './text-width.ts';

/** One direction of a plot. */
export interface Axis {
  /** Where a value lies, from 0 to 1; values outside are not drawn. */
  place: (value: number) => number;
  /** Values that are written beside the axis, from small to large. */
  ticks: readonly { value: number; text: string }[];
}

export interface Plotted {
  x: Axis;
  y: Axis;
  /** Points that a line joins, in their order. */
  curve?: readonly (readonly [x: number, y: number])[];
  /** Points that stand alone. */
  points?: readonly (readonly [x: number, y: number])[];
  /** Points that a sign of their own shows. */
  signs?: readonly { at: readonly [x: number, y: number]; sign: Piece }[];
  /** A line straight up, and one straight across. */
  upright?: number | undefined;
  level?: number | undefined;
}

/** Rows of a plot that suit its columns. */
export function plotHeight(width: number): number {
  return Math.max(11, Math.min(18, Math.round(width / 4.5)));
}

/** A drawing of `width` columns and `height` rows, axes included. */
export function plot(plotted: Plotted, width: number, height: number): Line[] {
  const { x, y } = plotted;
  const margin = Math.max(0, ...y.ticks.map(({ text }) => displayWidth(text)));
  const columns = Math.max(1, width - margin - 2);
  const rows = Math.max(1, height - 2);
  const canvas = new Canvas(columns, rows);
  const across = (value: number) => x.place(value) * (canvas.width - 1);
  const down = (value: number) => (1 - y.place(value)) * (canvas.height - 1);
  drawDots(canvas, plotted, across, down);
  const grid = canvas.rows().map((row) => [...row] as Piece[]);
  const column = (value: number) => Math.round(x.place(value) * (columns - 1));
  const row = (value: number) => Math.round((1 - y.place(value)) * (rows - 1));
  if (plotted.upright !== undefined && isInside(x, plotted.upright)) {
    for (const cells of grid) overlay(cells, column(plotted.upright), { text: '│', tone: 'strong' });
  }
  if (plotted.level !== undefined && isInside(y, plotted.level)) {
    const cells = grid[row(plotted.level)];
    cells.forEach((_, at) => {
      overlay(cells, at, { text: '─', tone: 'strong' });
    });
  }
  for (const { at, sign } of plotted.signs ?? []) {
    if (isInside(x, at[0]) && isInside(y, at[1])) grid[row(at[1])][column(at[0])] = sign;
  }
  return [...withLabels(grid, y, row, margin), ...below(x, column, columns, margin)];
}

function drawDots(
  canvas: Canvas,
  { curve = [], points = [] }: Plotted,
  across: (value: number) => number,
  down: (value: number) => number,
): void {
  curve.slice(1).forEach(([toX, toY], index) => {
    const [fromX, fromY] = curve[index];
    canvas.line(across(fromX), down(fromY), across(toX), down(toY));
  });
  for (const [atX, atY] of points) canvas.dot(Math.round(across(atX)), Math.round(down(atY)));
}

function isInside({ place }: Axis, value: number): boolean {
  const share = place(value);
  return share >= 0 && share <= 1;
}

/** A mark where nothing is drawn yet: curves stay whole. */
function overlay(cells: Piece[], at: number, mark: Piece): void {
  if (cells[at] === ' ') cells[at] = mark;
}

function withLabels(grid: Piece[][], y: Axis, row: (value: number) => number, margin: number): Line[] {
  const labels = new Map<number, string>();
  for (const { value, text } of y.ticks) {
    const at = row(value);
    if (isInside(y, value) && !labels.has(at)) labels.set(at, text);
  }
  return grid.map((cells, at) => {
    const label = labels.get(at);
    return [
      faint(pad(label ?? '', margin, 'right')),
      faint(label === undefined ? ' │' : ' ┤'),
      ...joined(cells),
    ];
  });
}

/** Neighbours of one tone as one piece. */
function joined(cells: readonly Piece[]): Piece[] {
  const pieces: Piece[] = [];
  for (const cell of cells) {
    const last = pieces[pieces.length - 1];
    if (typeof cell === 'string' && typeof last === 'string') pieces[pieces.length - 1] = last + cell;
    else pieces.push(cell);
  }
  return pieces;
}

/** The axis and the texts of its ticks; a text that would touch the one before it is left out. */
function below(x: Axis, column: (value: number) => number, columns: number, margin: number): Line[] {
  const rule = Array.from({ length: columns }, () => '─');
  let texts = '';
  for (const { value, text } of x.ticks) {
    if (!isInside(x, value)) continue;
    const at = column(value);
    const width = displayWidth(text);
    const start = Math.max(0, Math.min(columns - width, at - Math.floor(width / 2)));
    if (texts !== '' && start < displayWidth(texts) + 2) continue;
    if (start + width > columns) continue;
    rule[at] = '┬';
    texts = pad(texts, start) + text;
  }
  const left = ' '.repeat(margin + 1);
  return [[faint(`${left}└${rule.join('')}`)], [faint(`${left} ${texts}`)]];
}
