import { type Axis, positionAxis, zeroBasedAxis } from '../charts/axis.ts';
import { type Area, axisBelow, axisLeft, axisRoom, width } from '../charts/drawing.ts';
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
}

const plotHeight = 230;
const panelGap = 26;

/** Panels one below the other, and how high they are. */
export function linePanels(panels: readonly LinePanel[]): { svg: string; height: number } {
  let top = 0;
  const parts = panels.map((panel) => {
    // Panels of the same thing have the same horizontal scale.
    const alike = panels.filter(({ x }) => x.name === panel.x.name);
    const across = alike.flatMap(({ lines }) => lines).flatMap(({ points }) => points.map(({ x }) => x));
    const drawn = onePanel(panel, across, top);
    top = drawn.bottom + axisRoom + panelGap;
    return drawn.svg;
  });
  return { svg: parts.join(''), height: top - panelGap };
}

function onePanel(
  { title, lines, x, y, hasZero }: LinePanel,
  across: readonly number[],
  top: number,
): { svg: string; bottom: number } {
  const series = seriesOf(
    lines.map(({ name }) => name),
    lines.slice(0, 3).map(({ name }) => name),
  );
  const key = legend(seriesItems(series, lineSwatch), { left: 0, right: width, y: top + 32 });
  const area: Area = {
    left: 62,
    right: width - 20,
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
  return {
    svg: [
      panelTitle(title, 0, top + 14),
      key.svg,
      axisBelow(xAxis, area),
      axisLeft(yAxis, area),
      hasZero ? line(area.left, zero, area.right, zero, 'zero') : '',
      ...lines.map((one, index) => drawnLine(one, series[index], xAxis, yAxis)),
    ].join(''),
    bottom: area.bottom,
  };
}

/** What has no figure breaks a line. */
function drawnLine({ points }: Line, series: Series, x: Axis, y: Axis): string {
  const runs: LinePoint[][] = [[]];
  for (const point of points) {
    if (Number.isFinite(point.y.mean)) runs[runs.length - 1].push(point);
    else runs.push([]);
  }
  const paths = runs
    .filter((run) => run.length > 1)
    .map((run) =>
      element('path', {
        class: `line ${series.className}`,
        d: pathOf(run.map((point) => [x.at(point.x), y.at(point.y.mean)])),
      }),
    );
  const symbols = runs
    .flat()
    .map(
      (point) =>
        whiskerUp(point.y, y, x.at(point.x)) + symbol(series, x.at(point.x), y.at(point.y.mean), point.lines),
    );
  return [...paths, ...symbols].join('');
}
