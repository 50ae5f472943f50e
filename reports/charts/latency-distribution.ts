import { max, min } from 'd3';
import type { Interval, Result } from '../../sim/result.ts';
import {
  bestArm,
  intervalsInWords,
  type MeasuredArm,
  measuredArms,
  nearLimit,
  noneFits,
  percentiles,
  slaInWords,
  standing,
} from './arms.ts';
import { type Axis, positionAxis } from './axis.ts';
import type { Absence, Chart } from './chart.ts';
import { type Area, axisBelow, axisLeft, axisRoom, drawing, width } from './drawing.ts';
import { costLine, time, withInterval } from './quantity.ts';
import { legend, lineSwatch, type Series, seriesItems, seriesOf, symbol } from './series.ts';
import { element, mark, pathOf, text } from './svg.ts';
import { titles } from './titles.ts';
import { whiskerAcross } from './whisker.ts';

const title = titles.distribution;
const plotHeight = 380;

/** Shares of requests that the scale of nines names, up to five of them. */
const named = [0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999];
const mostNines = 5;

const shareOf: Record<(typeof percentiles)[number], number> = {
  p50: 0.5,
  p90: 0.9,
  p95: 0.95,
  p99: 0.99,
  'p99.9': 0.999,
};

/** The share of requests that are faster than a latency, each arm a line; as many pixels for each further nine. */
export function latencyDistribution(result: Result): Chart | Absence {
  const arms = measuredArms(result).filter((arm) => curveOf(arm).length > 0);
  if (arms.length === 0) return { title, reason: noneFits };
  const { baseline, sla } = result.scenario;
  const series = seriesOf(
    arms.map(({ name }) => name),
    [baseline, bestArm(result)],
  );
  const key = legend(seriesItems(series, lineSwatch), { left: 0, right: width, y: 12 });
  const top = key.height + 38;
  const area: Area = { left: 62, right: width - 16, top, bottom: top + plotHeight };
  const curves = arms.map(curveOf);
  const latencies = curves.flatMap((curve) => curve.map(([latencyS]) => latencyS));
  const x = positionAxis({
    values: [...latencies, ...nearLimit(sla, min(latencies)!, max(latencies)!)],
    range: [area.left, area.right],
    quantity: time,
    name: 'latency',
  });
  const y = ninesAxis(curves, area);
  const order = series
    .map((_, index) => index)
    .sort((a, b) => Number(series[b].isRest) - Number(series[a].isRest));
  const note =
    'Share of requests that take less than a latency, each further nine as high as the last: the tail is where lines ' +
    `part. Symbols are percentiles; ${intervalsInWords(result)}.` +
    (sla ? ` A line that passes left of the end of the dashed one meets ${slaInWords(sla)}.` : '');
  const id = 'latency-distribution';
  const svg = drawing(
    { id, title, note, height: area.bottom + axisRoom },
    key.svg,
    axisBelow(x, area),
    axisLeft(y, area),
    ...order.map((index) =>
      element('path', {
        class: `line ${series[index].className}`,
        d: pathOf(curves[index].map(([latencyS, share]) => [x.at(latencyS), y.at(share)])),
      }),
    ),
    sla ? limit(sla, x, y, area) : '',
    ...order.map((index) => symbolsOf(arms[index], series[index], x, y)),
  );
  return { id, title, note, svg, table: tableOf(arms) };
}

/** The fastest requests are left out: they would take half of the scale and tell nothing. */
const leastShare = 0.01;

/** Latencies and shares that can be drawn: the very last request has infinitely many nines. */
function curveOf({ measured: { curve } }: MeasuredArm): [latencyS: number, share: number][] {
  return curve.probability.flatMap((share, index): [number, number][] => {
    const latencyS = curve.latencyS[index];
    return share >= leastShare && share < 1 && Number.isFinite(latencyS) && latencyS >= 0
      ? [[latencyS, share]]
      : [];
  });
}

const ninesOf = (share: number) => -Math.log10(1 - share);

function ninesAxis(curves: readonly [number, number][][], { top, bottom }: Area): Axis {
  const most = Math.min(mostNines, Math.max(3, ...curves.map((curve) => ninesOf(curve.at(-1)![1]))));
  const at = (share: number) => bottom - (Math.min(ninesOf(share), most) / most) * (bottom - top);
  const ticks = named
    .filter((share) => ninesOf(share) <= most + 1e-9)
    .map((share) => ({ position: at(share), text: `${Number((share * 100).toPrecision(8))} %` }));
  return { at, domain: [0, 1], ticks, title: 'requests that are faster' };
}

function symbolsOf({ name, measured }: MeasuredArm, series: Series, x: Axis, y: Axis): string {
  return percentiles
    .filter((percentile) => Number.isFinite(measured.latencyS[percentile].mean))
    .map((percentile) => {
      const value: Interval = measured.latencyS[percentile];
      const [atX, atY] = [x.at(value.mean), y.at(shareOf[percentile])];
      const lines = [name, `${percentile} ${withInterval(value, time)}`, ...costLine(value, time)];
      return whiskerAcross(value, x, atY) + symbol(series, atX, atY, lines);
    })
    .join('');
}

/** From the axis of shares to the limit, and down from there: a line has to pass left of and above this corner. */
function limit(
  sla: NonNullable<Result['scenario']['sla']>,
  x: Axis,
  y: Axis,
  { left, bottom, right }: Area,
): string {
  const words = `SLA ${slaInWords(sla)}`;
  const [atX, atY] = [x.at(sla.limitS), y.at(shareOf[sla.percentile])];
  if (sla.limitS < x.domain[0]) return text(`← ${words}`, { class: 'limit-label', x: left + 6, y: atY - 6 });
  const isBeyond = sla.limitS > x.domain[1];
  const isLeft = atX > right - 150;
  const path: [number, number][] = [
    [left, atY],
    [atX, atY],
    ...(isBeyond ? [] : [[atX, bottom] as [number, number]]),
  ];
  return (
    mark('path', { class: 'limit', d: pathOf(path) }, [words]) +
    text(isBeyond ? `${words} →` : words, {
      class: 'limit-label',
      x: isLeft ? atX - 6 : atX + 6,
      y: isBeyond ? atY - 6 : bottom - 8,
      'text-anchor': isLeft ? 'end' : 'start',
    })
  );
}

function tableOf(arms: readonly MeasuredArm[]): Chart['table'] {
  return {
    columns: [
      { title: 'arm', align: 'left' },
      ...percentiles.map((percentile) => ({ title: percentile })),
      { title: 'longest' },
      { title: 'standing', align: 'left' },
    ],
    rows: arms.map((arm) => [
      arm.name,
      ...percentiles.map((percentile) => withInterval(arm.measured.latencyS[percentile], time)),
      time.format(arm.measured.latencyS.max),
      standing(arm),
    ]),
  };
}
