import { max, min } from 'd3';
import type { Interval, Percentile } from '../../sim/result.ts';
import type { LoadPoint, LoadSeries } from '../load-series.ts';
import { nearLimit, slaInWords } from './arms.ts';
import { type Axis, positionAxis, zeroBasedAxis } from './axis.ts';
import type { Absence, Chart } from './chart.ts';
import { type Area, axisBelow, axisLeft, axisRoom, drawing, width } from './drawing.ts';
import { rate, time, withInterval } from './quantity.ts';
import { legend, lineSwatch, type Series, seriesItems, seriesOf, symbol } from './series.ts';
import { element, line, mark, pathOf, text } from './svg.ts';
import { titles } from './titles.ts';
import { whiskerUp } from './whisker.ts';

const id = 'load';
const title = titles.load;
const plotHeight = 340;

/** Points that are marks of their own; of more, those of series that stand back are lines only. */
const mostMarks = 1500;

/** Bounds of intervals so many times beyond all means would leave little room for these. */
const widest = 2;

/** A series, and the load that it bears. */
export interface LoadLine extends LoadSeries {
  bears?: { perS: Interval; words: string };
}

export interface LoadRequest {
  lines: readonly LoadLine[];
  percentile: Percentile;
  limitS?: number | undefined;
  /** Those to be told apart where there are many. */
  emphasised: readonly (string | undefined)[];
  /** What the loads are of. */
  note: string;
  /** Why there may be no line. */
  otherwise: string;
}

/** The judged percentile of each series over its load, what it bears, and the SLA. */
export function loadCurve(request: LoadRequest): Chart | Absence {
  const drawn = request.lines.map(drawable).filter(({ points }) => points.length > 1);
  if (drawn.length === 0) return { title, reason: request.otherwise };
  const { percentile, limitS, note, emphasised } = request;
  const names = drawn.map(({ name }) => name);
  const series = seriesOf(names, emphasised);
  const key = legend(seriesItems(series, lineSwatch), { left: 0, right: width, y: 12 });
  const top = key.height + 34;
  const area: Area = { left: 62, right: width - 20, top, bottom: top + plotHeight };
  const { x, y } = axesOf(drawn, request, area);
  const isCrowded = drawn.reduce((sum, { points }) => sum + points.length, 0) > mostMarks;
  const order = series
    .map((_, index) => index)
    .sort((a, b) => Number(series[b].isRest) - Number(series[a].isRest));
  const svg = drawing(
    { id, title, note, height: area.bottom + axisRoom },
    key.svg,
    axisBelow(x, area),
    axisLeft(y, area),
    ...order.map((index) =>
      element('path', {
        class: `line ${series[index].className}`,
        d: pathOf(
          drawn[index].points.map(({ offeredPerS, latencyS }) => [x.at(offeredPerS), y.at(latencyS.mean)]),
        ),
      }),
    ),
    limitS === undefined ? '' : limit(percentile, limitS, y, area),
    ...order.map((index) => bearing(drawn[index], series[index], x, area)),
    ...order.map((index) =>
      isCrowded && series[index].isRest ? '' : symbols(drawn[index], series[index], x, y),
    ),
  );
  return { id, title, note, svg, table: tableOf(drawn, percentile) };
}

function drawable({ points, ...rest }: LoadLine): LoadLine {
  const kept = points.filter(
    ({ offeredPerS, latencyS }) =>
      Number.isFinite(offeredPerS) && Number.isFinite(latencyS.mean) && latencyS.mean > 0,
  );
  return { ...rest, points: kept.sort((a, b) => a.offeredPerS - b.offeredPerS) };
}

/** Latencies of what is overloaded say nothing of how much, and end at the top of the scale. */
function axesOf(
  drawn: readonly LoadLine[],
  { percentile, limitS }: LoadRequest,
  { left, right, top, bottom }: Area,
) {
  const points = drawn.flatMap((one) => one.points);
  const steady = points.filter(({ verdict }) => verdict !== 'SATURATED');
  const shown = steady.length > 0 ? steady : points;
  const latencies = shown.map(({ latencyS }) => latencyS.mean);
  const [least, most] = [min(latencies)!, max(latencies)!];
  const near = limitS === undefined ? [] : nearLimit({ limitS }, least, most);
  const bounds = shown
    .flatMap(({ latencyS: { low = least, high = most } }) => [low, high])
    .filter((bound) => bound >= least / widest && bound <= most * widest);
  const borne = drawn.flatMap(({ bears }) => (bears ? [bears.perS.mean] : []));
  const x = zeroBasedAxis({
    values: [...points.map(({ offeredPerS }) => offeredPerS), ...borne],
    range: [left, right],
    quantity: rate,
    name: 'load',
  });
  const y = positionAxis({
    values: [...latencies, ...near, ...bounds],
    range: [bottom, top],
    quantity: time,
    name: percentile,
  });
  return { x, y };
}

function limit(percentile: Percentile, limitS: number, y: Axis, { left, right, top }: Area): string {
  const words = `SLA ${slaInWords({ percentile, limitS })}`;
  if (limitS > y.domain[1]) {
    return text(`${words} ↑`, { class: 'limit-label', x: right, y: top - 9, 'text-anchor': 'end' });
  }
  const at = y.at(limitS);
  return (
    line(left, at, right, at, 'limit') +
    text(words, { class: 'limit-label', x: left + 6, y: at - top < 18 ? at + 15 : at - 6 })
  );
}

/** A line where the series bears no more, with a foot to point at. */
function bearing(
  { name, bears }: LoadLine,
  { className, isRest }: Series,
  x: Axis,
  { top, bottom }: Area,
): string {
  if (!bears || isRest || !(bears.perS.mean > 0) || !Number.isFinite(bears.perS.mean)) return '';
  const at = x.at(bears.perS.mean);
  const foot: [number, number][] = [
    [at - 5, bottom + 1],
    [at + 5, bottom + 1],
    [at, bottom - 8],
  ];
  return (
    line(at, top, at, bottom, `line thin ${className}`) +
    mark('path', { class: `symbol ${className}`, d: `${pathOf(foot)}Z` }, [name, bears.words])
  );
}

function symbols({ name, points, percentile }: LoadLine, series: Series, x: Axis, y: Axis): string {
  return points
    .map((point) => {
      const { offeredPerS, latencyS } = point;
      const at = x.at(offeredPerS);
      return (
        whiskerUp(latencyS, y, at) + symbol(series, at, y.at(latencyS.mean), linesOf(name, percentile, point))
      );
    })
    .join('');
}

function linesOf(
  name: string,
  percentile: Percentile,
  { offeredPerS, latencyS, verdict, source }: LoadPoint,
): string[] {
  return [
    name,
    rate.format(offeredPerS),
    `${percentile} ${withInterval(latencyS, time)}`,
    ...(verdict === undefined ? [] : [verdict]),
    ...(source === name ? [] : [typeof source === 'number' ? `point ${source}` : source]),
  ];
}

function tableOf(drawn: readonly LoadLine[], percentile: Percentile): Chart['table'] {
  return {
    columns: [
      { title: 'of', align: 'left' },
      { title: 'load' },
      { title: percentile },
      { title: 'verdict', align: 'left' },
      { title: 'bears', align: 'left' },
    ],
    rows: drawn.flatMap(({ name, points, bears }) =>
      points.map(({ offeredPerS, latencyS, verdict }) => [
        name,
        rate.format(offeredPerS),
        withInterval(latencyS, time),
        verdict ?? '–',
        bears?.words ?? '–',
      ]),
    ),
  };
}
