import { max, min } from 'd3';
import { significant } from '../../foundation/units.ts';
import type { DayResult } from '../../sim/fleet/day/day-result.ts';
import type { PlanResult } from '../../sim/fleet/plan-result.ts';
import { nearLimit, slaInWords } from './arms.ts';
import { type Axis, positionAxis, zeroBasedAxis } from './axis.ts';
import type { Absence, Chart } from './chart.ts';
import { type Area, axisLeft, drawing, width } from './drawing.ts';
import { hosts, percent, type Quantity, rate, share, time, withoutZeros } from './quantity.ts';
import { boxSwatch, legend, type Swatch } from './series.ts';
import { element, line, mark, pathOf, text } from './svg.ts';
import { titles } from './titles.ts';

const title = titles.day;
const [left, right] = [62, width - 18];
const panelHeights = { load: 110, hosts: 130, use: 80, latency: 150 };
const gap = 42;

/** Spans of time that can be pointed at. */
const mostSpans = 288;

type Series = DayResult['series'];

/** The autoscaled fleet over a day: load, hosts, use of the busiest resource, and latency against its limit. */
export function dayTimeline({ day }: PlanResult): Chart | Absence {
  if (!day) {
    return { title, reason: 'the scenario states no autoscaling; rankfleet plan black-friday shows a day' };
  }
  if (day.series.timeS.length < 2) return { title, reason: 'the day is a single moment' };
  const areas = areasOf();
  const at = timeAxis(day.series);
  const id = 'day';
  const bottom = areas.latency.bottom;
  const note = noteOf(day);
  const svg = drawing(
    { id, title, note, height: bottom + 38 },
    surge(day, at, areas),
    loadPanel(day, at, areas.load),
    hostsPanel(day.series, at, areas.hosts),
    usePanel(day, at, areas.use),
    latencyPanel(day, at, areas.latency),
    hours(day.series, at, bottom),
    spans(day, at, areas.load.top, bottom),
  );
  return { id, title, note, svg, table: tableOf(day) };
}

function noteOf({ series, autoscaling, alternative, surge: rise, percentile }: DayResult): string {
  const which = series.day === 'surge' ? 'the day of the surge' : 'an ordinary day';
  return (
    `The fleet of ${alternative} over ${which}, autoscaled to ${percent(autoscaling.targetUse)} use of its busiest ` +
    `resource with ${withoutZeros(time.format(autoscaling.provisioningS))} to provision a host. Hosts and latency are the most within ` +
    `each span of time; the band is the interval of the ${percentile}.` +
    (rise && series.day === 'surge' ? ` Shaded: load × ${withoutZeros(significant(rise.factor))}.` : '')
  );
}

function areasOf(): Record<keyof typeof panelHeights, Area> {
  let top = 24;
  const area = (height: number, room: number): Area => {
    const placed = { left, right, top: top + room, bottom: top + room + height };
    top = placed.bottom + gap;
    return placed;
  };
  return {
    load: area(panelHeights.load, 0),
    hosts: area(panelHeights.hosts, 18),
    use: area(panelHeights.use, 0),
    latency: area(panelHeights.latency, 0),
  };
}

function timeAxis({ timeS }: Series): (seconds: number) => number {
  const [first, last] = [timeS[0], endOf(timeS)];
  return (seconds) =>
    left + ((Math.min(last, Math.max(first, seconds)) - first) / (last - first)) * (right - left);
}

/** When the last span ends. */
function endOf(timeS: readonly number[]): number {
  const last = timeS.length - 1;
  return timeS[last] + (timeS[last] - timeS[last - 1]);
}

/** Values as steps, each holding to the next. */
function steps(values: readonly number[], { timeS }: Series, at: (seconds: number) => number, y: Axis) {
  const ends = [...timeS.slice(1), endOf(timeS)];
  return values.flatMap((value, index): [number, number][] =>
    Number.isFinite(value)
      ? [
          [at(timeS[index]), y.at(value)],
          [at(ends[index]), y.at(value)],
        ]
      : [],
  );
}

function filled(path: readonly [number, number][], base: number): string {
  if (path.length === 0) return '';
  return `${pathOf([[path[0][0], base], ...path, [path.at(-1)![0], base]])}Z`;
}

function panel(
  values: readonly number[],
  area: Area,
  quantity: Quantity,
  name: string,
): { y: Axis; frame: string } {
  const y = zeroBasedAxis({ values, range: [area.bottom, area.top], quantity, name });
  return { y, frame: axisLeft(y, area) + line(area.left, area.bottom, area.right, area.bottom, 'axis') };
}

function loadPanel({ series }: DayResult, at: (seconds: number) => number, area: Area): string {
  const { y, frame } = panel(series.ratePerS, area, rate, 'load');
  const path = steps(series.ratePerS, series, at, y);
  return (
    frame +
    element('path', { class: 'band series-1', d: filled(path, area.bottom) }) +
    element('path', { class: 'line series-1', d: pathOf(path) })
  );
}

const thinSwatch =
  (className: string): Swatch =>
  (x, y) =>
    line(x, y, x + 22, y, className);

function hostsPanel(series: Series, at: (seconds: number) => number, area: Area): string {
  const key = legend(
    [
      { name: 'paid', swatch: thinSwatch('line series-2') },
      { name: 'serving', swatch: boxSwatch('bar series-3 pale') },
    ],
    { left, right, y: area.top - 30 },
  );
  const { y, frame } = panel([...series.paid, ...series.serving], area, hosts, 'fleet');
  return [
    key.svg,
    frame,
    element('path', {
      class: 'bar series-3 pale',
      d: filled(steps(series.serving, series, at, y), area.bottom),
    }),
    element('path', { class: 'line series-2', d: pathOf(steps(series.paid, series, at, y)) }),
  ].join('');
}

function usePanel({ series, autoscaling }: DayResult, at: (seconds: number) => number, area: Area): string {
  const target = autoscaling.targetUse;
  const { y, frame } = panel([...series.use, target], area, share, 'use of the busiest resource');
  const atTarget = y.at(target);
  return [
    frame,
    line(left, atTarget, right, atTarget, 'note-line'),
    text(`target ${percent(target)}`, { class: 'detail', x: right, y: area.top - 9, 'text-anchor': 'end' }),
    element('path', { class: 'line series-1', d: pathOf(steps(series.use, series, at, y)) }),
  ].join('');
}

function latencyPanel(
  { series, percentile, limitS }: DayResult,
  at: (seconds: number) => number,
  area: Area,
): string {
  const values = series.latencyS.filter((value) => value > 0 && Number.isFinite(value));
  const ends = [min(values) ?? limitS, max(values) ?? limitS] as const;
  const y = positionAxis({
    values: [...values, ...nearLimit({ limitS }, ...ends)],
    range: [area.bottom, area.top],
    quantity: time,
    name: percentile,
  });
  const low = steps(series.lowS, series, at, y);
  const band = [...steps(series.highS, series, at, y), ...low.reverse()];
  const words = `SLA ${slaInWords({ percentile, limitS })}`;
  const isBeyond = limitS > y.domain[1];
  const atLimit = y.at(limitS);
  return [
    axisLeft(y, area),
    line(left, area.bottom, right, area.bottom, 'axis'),
    element('path', { class: 'band series-1', d: `${pathOf(band)}Z` }),
    element('path', { class: 'line series-1', d: pathOf(steps(series.latencyS, series, at, y)) }),
    isBeyond ? '' : line(left, atLimit, right, atLimit, 'limit'),
    text(isBeyond ? `${words} ↑` : words, {
      class: 'limit-label',
      x: right,
      y: area.top - 9,
      'text-anchor': 'end',
    }),
  ].join('');
}

function surge(
  { surge: rise, series }: DayResult,
  at: (seconds: number) => number,
  areas: Record<string, Area>,
): string {
  if (!rise || series.day !== 'surge') return '';
  const [from, to] = [at(rise.startS), at(rise.startS + rise.durationS)];
  return Object.values(areas)
    .map(({ top, bottom }) =>
      element('rect', { class: 'band series-2', x: from, y: top, width: to - from, height: bottom - top }),
    )
    .join('');
}

/** Hours below the last panel. */
function hours({ timeS }: Series, at: (seconds: number) => number, bottom: number): string {
  const last = endOf(timeS) / 3600;
  const step =
    [0.25, 0.5, 1, 2, 3, 6, 12, 24].find((each) => last / each <= 14) ?? Math.ceil(last / 14 / 24) * 24;
  const ticks = Array.from({ length: Math.floor(last / step) + 1 }, (_, index) => index * step);
  return [
    ...ticks.map((hour) =>
      text(`${hour}`, { class: 'tick', x: at(hour * 3600), y: bottom + 15, 'text-anchor': 'middle' }),
    ),
    text('time, h', { class: 'axis-title', x: right, y: bottom + 31, 'text-anchor': 'end' }),
  ].join('');
}

/** Spans of time over all panels, which tell what is drawn there. */
function spans(
  { series, percentile }: DayResult,
  at: (seconds: number) => number,
  top: number,
  bottom: number,
): string {
  const { timeS } = series;
  const size = Math.ceil(timeS.length / mostSpans);
  const starts = Array.from({ length: Math.ceil(timeS.length / size) }, (_, index) => index * size);
  return starts
    .map((start) => {
      const end = Math.min(timeS.length, start + size);
      const most = (values: readonly number[]) =>
        max(values.slice(start, end).filter(Number.isFinite)) ?? Number.NaN;
      const [from, to] = [timeS[start], timeS[end] ?? endOf(timeS)];
      const lines = [
        `${clock(from)} to ${clock(to)}`,
        `load ${rate.format(most(series.ratePerS))}`,
        `${Math.ceil(most(series.serving))} hosts serving, ${Math.ceil(most(series.paid))} paid`,
        `use ${percent(most(series.use))}`,
        `${percentile} ${time.format(most(series.latencyS))} (${time.format(most(series.lowS))} to ${time.format(most(series.highS))})`,
      ];
      return mark(
        'rect',
        { class: 'hit', x: at(from), y: top, width: at(to) - at(from), height: bottom - top },
        lines,
      );
    })
    .join('');
}

function clock(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** Rows of the table at most. */
const mostRows = 24;

function tableOf({ series, percentile }: DayResult): Chart['table'] {
  const { timeS } = series;
  const size = Math.ceil(timeS.length / mostRows);
  const starts = Array.from({ length: Math.ceil(timeS.length / size) }, (_, index) => index * size);
  return {
    columns: [
      { title: 'from' },
      { title: 'load' },
      { title: 'hosts serving' },
      { title: 'hosts paid' },
      { title: 'use' },
      { title: percentile },
    ],
    rows: starts.map((start) => {
      const most = (values: readonly number[]) =>
        max(values.slice(start, start + size).filter(Number.isFinite)) ?? Number.NaN;
      return [
        clock(timeS[start]),
        rate.format(most(series.ratePerS)),
        `${Math.ceil(most(series.serving))}`,
        `${Math.ceil(most(series.paid))}`,
        percent(most(series.use)),
        time.format(most(series.latencyS)),
      ];
    }),
  };
}
