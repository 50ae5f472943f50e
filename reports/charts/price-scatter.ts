import { type Axis, positionAxis } from './axis.ts';
import type { Chart } from './chart.ts';
import { dotPaths, thinned } from './dots.ts';
import { type Area, axisBelow, axisLeft, axisRoom, drawing, width } from './drawing.ts';
import { frontierOf } from './frontier.ts';
import { namesBeside } from './names-beside.ts';
import { kinds, looks, type PixelOf, type PricedPoint } from './priced-point.ts';
import { type Quantity, time } from './quantity.ts';
import { legend, symbol, symbolSwatch } from './series.ts';
import { element, line, pathOf, text } from './svg.ts';
import { whiskerUp } from './whisker.ts';

export interface ScatterRequest {
  id: string;
  title: string;
  /** What is to be seen, of so many points that are drawn. */
  noteOf: (drawn: number) => string;
  points: readonly PricedPoint[];
  price: { name: string; quantity: Quantity };
  latencyName: string;
  limit?: { latencyS: number; words: string };
}

/** Up to so many points are marks of their own. */
const mostMarks = 300;

/** With more marks than this intervals would cover each other. */
export const mostWhiskers = 60;

const plotHeight = 360;

export interface Scatter {
  chart: Omit<Chart, 'table'>;
  /** Positions in `points` of those on the frontier, cheapest first. */
  frontier: number[];
  /** Positions in `points` of those drawn as dots; empty where all are marks. */
  dots: number[];
  pixelOf: PixelOf;
}

/** Price against latency: each point, and the line of those that no other is both cheaper and faster than. */
export function priceScatter(request: ScatterRequest): Scatter {
  const { id, title, noteOf, points, limit } = request;
  const present = kinds.filter((kind) => points.some((point) => point.kind === kind));
  const key =
    present.length === 1 && present[0] === 'series-1'
      ? { svg: '', height: 0 }
      : legend(
          present.map((kind) => ({ name: looks[kind].name, swatch: symbolSwatch(looks[kind]) })),
          { left: 0, right: width, y: 12 },
        );
  const area: Area = {
    left: 62,
    right: width - 24,
    top: key.height + 30,
    bottom: key.height + 30 + plotHeight,
  };
  const { x, y } = axesOf(request, area);
  const pixelOf: PixelOf = ({ price, latencyS }) => [x.at(price), y.at(latencyS.mean)];
  const frontier = frontierOf(points);
  const dots = points.length > mostMarks ? thinned(points, frontier, pixelOf) : [];
  const note = noteOf(dots.length || points.length);
  const marked = dots.length > 0 ? frontier : points.map((_, index) => index);
  const svg = drawing(
    { id, title, note, height: area.bottom + axisRoom },
    key.svg,
    axisBelow(x, area),
    axisLeft(y, area),
    limit && limit.latencyS <= y.domain[1] ? limitLine(limit, y, area) : '',
    dotPaths(
      dots.map((index) => points[index]),
      pixelOf,
    ),
    frontier.length > 1
      ? frontierLine(
          frontier.map((index) => points[index]),
          pixelOf,
        )
      : '',
    ...(marked.length <= mostWhiskers ? marked.map((index) => whiskerOf(points[index], pixelOf, y)) : []),
    ...marked.map((index) => pointMark(points[index], pixelOf)),
    ...(dots.length > 0
      ? []
      : namesBeside(
          points.map((point) => ({ at: pixelOf(point), name: point.label })),
          area,
        )),
  );
  return { chart: { id, title, note, svg }, frontier, dots, pixelOf };
}

function axesOf({ points, price, latencyName, limit }: ScatterRequest, area: Area): { x: Axis; y: Axis } {
  const latencies = points.map(({ latencyS }) => latencyS.mean);
  const most = latencies.reduce((a, b) => Math.max(a, b), 0);
  const x = positionAxis({
    values: points.map((point) => point.price),
    range: [area.left, area.right],
    ...price,
  });
  const y = positionAxis({
    values: [...latencies, ...(limit && limit.latencyS < 6 * most ? [limit.latencyS] : [])],
    range: [area.bottom, area.top],
    quantity: time,
    name: latencyName,
  });
  return { x, y };
}

function limitLine({ latencyS, words }: { latencyS: number; words: string }, y: Axis, { left, right }: Area) {
  const at = y.at(latencyS);
  return (
    line(left, at, right, at, 'limit') +
    text(words, { class: 'limit-label', x: right, y: at - 6, 'text-anchor': 'end' })
  );
}

/** Steps: until the next better one costs more, the last is the best there is. */
function frontierLine(frontier: readonly PricedPoint[], pixelOf: PixelOf): string {
  const steps = frontier.map(pixelOf).flatMap(([x, y], index, all): [number, number][] =>
    index === 0
      ? [[x, y]]
      : [
          [x, all[index - 1][1]],
          [x, y],
        ],
  );
  return element('path', { class: 'note-line', d: pathOf(steps) });
}

function whiskerOf(point: PricedPoint, pixelOf: PixelOf, y: Axis): string {
  return whiskerUp(point.latencyS, y, pixelOf(point)[0]);
}

function pointMark(point: PricedPoint, pixelOf: PixelOf): string {
  return symbol(looks[point.kind], ...pixelOf(point), point.lines(), 62);
}
