import { type Axis, positionAxis, zeroBasedAxis } from '../charts/axis.ts';
import type { Chart } from '../charts/chart.ts';
import { type Area, axisBelow, axisLeft, axisRoom, drawing, width } from '../charts/drawing.ts';
import type { Quantity } from '../charts/quantity.ts';
import { panelTitle } from '../charts/rows.ts';
import { legend, lineSwatch, type Series, seriesItems, seriesOf, symbol } from '../charts/series.ts';
import { element, line, pathOf } from '../charts/svg.ts';
import { whiskerUp } from '../charts/whisker.ts';
import type { Bounded } from './wording.ts';

/** A point of a line, with what is told of it. */
export interface LinePoint {
  x: number;
  y: Bounded;
  lines: string[];
}

export interface Line {
  name: string;
  points: LinePoint[];
}

/** Lines over one scale: a part of a drawing. */
export interface LinePanel {
  title: string;
  lines: readonly Line[];
  x: { name: string; quantity: Quantity; axis?: 'position' };
  y: { name: string; quantity: Quantity };
  /** Whether the vertical scale has a line at zero. */
  hasZero: boolean;
  /** Whether the lines share their horizontal places, and are moved apart by some pixels. */
  isDodged?: boolean;
}

const plotHeight = 230;

/** Lines of a panel that are told apart where there are too many. */
const mostEmphasised = 3;
const panelGap = 26;

/** Most pixels between points of lines that are moved apart, and between the first and the last of them. */
const [dodge, mostDodge] = [7, 28];

/** A chart of panels one below the other. */
export function linePanelChart(told: Omit<Chart, 'svg' | 'points'>, panels: readonly LinePanel[]): Chart {
  const { svg, height } = linePanels(panels);
  const { id, title, note } = told;
  return { ...told, svg: drawing({ id, title, note, height }, svg) };
}

/** Panels one below the other, and how high they are. */
function linePanels(panels: readonly LinePanel[]): { svg: string; height: number } {
  let top = 0;
  const looks = looksOf(panels);
  const parts = panels.map((panel) => {
    // Panels of the same thing have the same horizontal scale.
    const alike = panels.filter(({ x }) => x.name === panel.x.name);
    const across = alike.flatMap(({ lines }) => lines).flatMap(({ points }) => points.map(({ x }) => x));
    const drawn = onePanel(panel, looks, across, top);
    top = drawn.bottom + axisRoom + panelGap;
    return drawn.svg;
  });
  return { svg: parts.join(''), height: top - panelGap };
}

/** A line of the same name looks the same in every panel; of too many, the first of each panel are told apart. */
function looksOf(panels: readonly LinePanel[]): Map<string, Series> {
  const names = [...new Set(panels.flatMap(({ lines }) => lines.map(({ name }) => name)))];
  const first = panels.flatMap(({ lines }) => lines.slice(0, mostEmphasised).map(({ name }) => name));
  return new Map(seriesOf(names, first).map((series) => [series.name, series]));
}

function onePanel(
  { title, lines, x, y, hasZero, isDodged }: LinePanel,
  looks: ReadonlyMap<string, Series>,
  across: readonly number[],
  top: number,
): { svg: string; bottom: number } {
  const series = lines.map(({ name }) => looks.get(name)!);
  const key = legend(seriesItems(series, lineSwatch), { left: 0, right: width, y: top + 32 });
  const area: Area = {
    left: 62,
    right: width - 20 - (isDodged ? mostDodge : 0),
    top: top + key.height + 56,
    bottom: top + key.height + 56 + plotHeight,
  };
  const points = lines.flatMap((one) => one.points);
  const makeX = x.axis === 'position' ? positionAxis : zeroBasedAxis;
  const xAxis = makeX({
    values: across,
    range: [area.left, area.right],
    quantity: x.quantity,
    name: x.name,
  });
  const makeY = hasZero ? zeroBasedAxis : positionAxis;
  const yAxis = makeY({
    values: points.flatMap(({ y: { mean, low = mean, high = mean } }) => [mean, low, high]),
    range: [area.bottom, area.top],
    quantity: y.quantity,
    name: y.name,
  });
  const zero = yAxis.at(0);
  const placed = lines.map((one, index) => ({
    look: series[index],
    runs: placedRuns(one, xAxis, yAxis, isDodged ? Math.min(dodge, mostDodge / lines.length) * index : 0),
  }));
  return {
    svg: [
      panelTitle(title, 0, top + 14),
      key.svg,
      axisBelow(xAxis, area),
      axisLeft(yAxis, area),
      hasZero ? line(area.left, zero, area.right, zero, 'zero') : '',
      ...placed.map(({ runs, look }) => runs.map((run) => path(run, look)).join('')),
      // Above every line; side by side where several lines have the same horizontal places.
      ...placed.flatMap(({ runs }) => runs.flat().map(({ at, point }) => whiskerUp(point.y, yAxis, at[0]))),
      ...placed.flatMap(({ runs, look }) =>
        runs.flat().map(({ at, point }) => symbol(look, ...at, point.lines)),
      ),
    ].join(''),
    bottom: area.bottom,
  };
}

interface Placed {
  point: LinePoint;
  at: [x: number, y: number];
}

/** Points with their pixels; what has no figure breaks a line into runs. */
function placedRuns({ points }: Line, x: Axis, y: Axis, shift: number): Placed[][] {
  const runs: Placed[][] = [[]];
  for (const point of points) {
    if (!Number.isFinite(point.y.mean)) runs.push([]);
    else runs[runs.length - 1].push({ point, at: [x.at(point.x) + shift, y.at(point.y.mean)] });
  }
  return runs;
}

function path(run: readonly Placed[], { className }: Series): string {
  if (run.length < 2) return '';
  return element('path', { class: `line ${className}`, d: pathOf(run.map(({ at }) => at)) });
}
