import { max, min } from 'd3';
import type { PlanResult } from '../../sim/fleet/plan-result.ts';
import type { Interval, Percentile } from '../../sim/result.ts';
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

/** A percentile at several loads. */
export interface LoadSeries {
  name: string;
  points: { ratePerS: number; latency: Interval }[];
  /** The most that it bears within its limits. */
  kneePerS?: Interval;
}

export interface LoadRequest {
  series: readonly LoadSeries[];
  percentile: Percentile;
  limitS?: number;
  /** Those to be told apart where there are many. */
  emphasised?: readonly (string | undefined)[];
  /** What the loads are of, and what intervals mean. */
  note: string;
}

/** The judged percentile of each series over the load, its knee and the SLA. */
export function loadCurve(request: LoadRequest): Chart | Absence {
  const drawn = request.series.map(inOrder).filter(({ points }) => points.length > 1);
  if (drawn.length === 0) return { title, reason: 'nothing was simulated at two loads or more' };
  const { percentile, limitS, note } = request;
  const series = seriesOf(
    drawn.map(({ name }) => name),
    request.emphasised ?? [drawn[0].name],
  );
  const key = legend(seriesItems(series, lineSwatch), { left: 0, right: width, y: 12 });
  const top = key.height + 34;
  const area: Area = { left: 62, right: width - 20, top, bottom: top + plotHeight };
  const { x, y } = axesOf(drawn, request, area);
  const svg = drawing(
    { id, title, note, height: area.bottom + axisRoom },
    key.svg,
    axisBelow(x, area),
    axisLeft(y, area),
    ...drawn.map(({ points }, index) =>
      element('path', {
        class: `line ${series[index].className}`,
        d: pathOf(points.map(({ ratePerS, latency }) => [x.at(ratePerS), y.at(latency.mean)])),
      }),
    ),
    limitS === undefined ? '' : limit(percentile, limitS, y, area),
    ...drawn.map((one, index) => knee(one, series[index], x, area)),
    ...drawn.map((one, index) => symbols(one, series[index], percentile, x, y)),
  );
  return { id, title, note, svg, table: tableOf(drawn, percentile) };
}

/** By load, and only what can be drawn. */
function inOrder({ points, ...rest }: LoadSeries): LoadSeries {
  const drawable = points.filter(
    ({ ratePerS, latency }) => Number.isFinite(ratePerS) && Number.isFinite(latency.mean) && latency.mean > 0,
  );
  return { ...rest, points: drawable.sort((a, b) => a.ratePerS - b.ratePerS) };
}

function axesOf(
  drawn: readonly LoadSeries[],
  { percentile, limitS }: LoadRequest,
  { left, right, top, bottom }: Area,
) {
  const points = drawn.flatMap((one) => one.points);
  const latencies = points.map(({ latency }) => latency.mean);
  const near = limitS === undefined ? [] : nearLimit({ limitS }, min(latencies)!, max(latencies)!);
  const knees = drawn.flatMap(({ kneePerS }) => (kneePerS ? [kneePerS.mean] : []));
  const x = zeroBasedAxis({
    values: [...points.map(({ ratePerS }) => ratePerS), ...knees],
    range: [left, right],
    quantity: rate,
    name: 'load',
  });
  const y = positionAxis({
    values: [...latencies, ...near],
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

/** A tick on the axis of loads where the series bears no more. */
function knee(
  { name, kneePerS }: LoadSeries,
  { className, isRest }: Series,
  x: Axis,
  { top, bottom }: Area,
): string {
  if (!kneePerS || isRest || !(kneePerS.mean > 0)) return '';
  const at = x.at(kneePerS.mean);
  const lines = [name, `bears ${withInterval(kneePerS, rate)}`];
  const d = `${pathOf([
    [at, top],
    [at, bottom],
  ])}`;
  const foot = pathOf([
    [at - 5, bottom + 1],
    [at + 5, bottom + 1],
    [at, bottom - 8],
  ]);
  return (
    element('path', { class: `line thin ${className}`, d }) +
    mark('path', { class: `symbol ${className}`, d: `${foot}Z` }, lines)
  );
}

function symbols(
  { name, points }: LoadSeries,
  series: Series,
  percentile: Percentile,
  x: Axis,
  y: Axis,
): string {
  return points
    .map(({ ratePerS, latency }) => {
      const at = x.at(ratePerS);
      const lines = [name, `${rate.format(ratePerS)}`, `${percentile} ${withInterval(latency, time)}`];
      return whiskerUp(latency, y, at) + symbol(series, at, y.at(latency.mean), lines);
    })
    .join('');
}

function tableOf(drawn: readonly LoadSeries[], percentile: Percentile): Chart['table'] {
  return {
    columns: [
      { title: 'of', align: 'left' },
      { title: 'load' },
      { title: percentile },
      { title: 'bears at most' },
    ],
    rows: drawn.flatMap(({ name, points, kneePerS }) =>
      points.map(({ ratePerS, latency }) => [
        name,
        rate.format(ratePerS),
        withInterval(latency, time),
        kneePerS ? withInterval(kneePerS, rate) : '–',
      ]),
    ),
  };
}

/** What one replica set of each alternative of a plan bears. */
export function loadOfPlan({ alternatives, scenario, best }: PlanResult): Chart | Absence {
  const { sla } = scenario;
  const measured = alternatives.filter(({ capacity }) => capacity && capacity.curve.length > 1);
  if (!sla || measured.length === 0) {
    return { title, reason: 'the plan measured no alternative at several loads' };
  }
  const series = measured.map(
    ({ name, capacity }): LoadSeries => ({
      name,
      points: capacity!.curve.map(({ ratePerS, latencyS }) => ({ ratePerS, latency: { mean: latencyS } })),
      kneePerS: capacity!.ratePerS,
    }),
  );
  return loadCurve({
    series,
    percentile: sla.percentile,
    limitS: sla.limitS,
    emphasised: [best, measured[0].name],
    note:
      `The ${sla.percentile} of one replica set (one main host and one of each other role) as its load grows. ` +
      'Vertical lines stand where a set bears no more, by its latency or by the use that the plan allows.',
  });
}
