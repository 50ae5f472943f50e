import type { Percentile, Result } from '../../sim/result.ts';
import {
  bestArm,
  intervalsInWords,
  judgedOf,
  judgement,
  type MeasuredArm,
  measuredArms,
  nearLimit,
  noneFits,
  percentiles,
  slaInWords,
  soundArms,
  standing,
} from './arms.ts';
import { type Axis, zeroBasedAxis } from './axis.ts';
import type { Absence, Chart } from './chart.ts';
import { type Area, axisBelow, axisRoom, drawing, width } from './drawing.ts';
import { costLine, finite, time, withInterval } from './quantity.ts';
import { drawnRows, nameRoom, rowName } from './rows.ts';
import { boxSwatch, legend } from './series.ts';
import { mark, pathOf, text } from './svg.ts';
import { titles } from './titles.ts';
import { whiskerAcross } from './whisker.ts';

const title = titles.percentiles;
const barHeight = 8;
const rowHeight = percentiles.length * barHeight + 14;
const valueRoom = 112;
const mostArms = 60;

/** Bars end here where an arm is overloaded: so many times the longest bar of those that are not. */
const cutAt = 1.15;

/** p50 to p99.9 of each arm as bars, against the SLA. */
export function percentileBars(result: Result): Chart | Absence {
  const all = measuredArms(result);
  if (all.length === 0) return { title, reason: noneFits };
  const { shown, omitted } = drawnRows(all, mostArms, 'arms');
  const key = legend(
    percentiles.map((name, index) => ({ name, swatch: boxSwatch(`bar shade-${index + 1}`) })),
    { left: nameRoom, right: width, y: 12 },
  );
  const { sla } = result.scenario;
  const top = key.height + (sla ? 28 : 12);
  const area: Area = {
    left: nameRoom,
    right: width - valueRoom,
    top,
    bottom: top + shown.length * rowHeight,
  };
  const x = latencyAxis(result, shown, area);
  const isCut = shown.some((arm) => percentiles.some((percentile) => isBeyond(arm, percentile, x)));
  const id = 'percentiles';
  const note =
    `Latency percentiles of each arm, ${intervalsInWords(result)}. ρ is the use of the busiest resource; the value ` +
    `beside each arm is its ${judgedOf(result)}.` +
    (isCut ? ' Bars that end in » are longer: their arms are overloaded.' : '') +
    omitted;
  const svg = drawing(
    { id, title, note, height: area.bottom + axisRoom },
    key.svg,
    axisBelow(x, area),
    ...shown.map((arm, index) => armRow(arm, top + index * rowHeight, x, result)),
    sla ? limit(sla, x, area) : '',
  );
  return { id, title, note, svg, table: tableOf(all, result) };
}

/** As far as the longest bar or interval of an arm that is not overloaded, and the SLA. */
function latencyAxis(result: Result, shown: readonly MeasuredArm[], { left, right }: Area): Axis {
  const sound = soundArms(result).filter((arm) => shown.includes(arm));
  const longest = (arms: readonly MeasuredArm[]) =>
    Math.max(
      ...arms
        .flatMap(({ measured }) =>
          percentiles.flatMap((name) => [
            measured.latencyS[name].mean,
            finite(measured.latencyS[name]).high ?? 0,
          ]),
        )
        .filter(Number.isFinite),
    );
  const most = sound.length > 0 ? longest(sound) : longest(shown);
  const hasLonger = sound.length > 0 && longest(shown) > most;
  return zeroBasedAxis({
    values: [most * (hasLonger ? cutAt : 1), ...nearLimit(result.scenario.sla, 0, most)],
    range: [left, right],
    quantity: time,
    name: 'latency',
  });
}

function isBeyond({ measured }: MeasuredArm, percentile: Percentile, { domain }: Axis): boolean {
  return measured.latencyS[percentile].mean > domain[1];
}

function armRow(arm: MeasuredArm, top: number, x: Axis, result: Result): string {
  const middle = top + rowHeight / 2;
  const isBest = arm.name === bestArm(result);
  const judged = judgedOf(result);
  const value = arm.measured.latencyS[judged];
  return [
    rowName(arm.name, standing(arm), middle, isBest ? 'label strong' : 'label'),
    ...percentiles.map((percentile, index) => bar(arm, percentile, index, top + 7 + index * barHeight, x)),
    text(`${judged} ${time.format(value.mean)}`, {
      class: `value ${arm.sla ? judgement(arm.sla.met) : ''}`.trimEnd(),
      x: width,
      y: middle + 4,
      'text-anchor': 'end',
    }),
  ].join('');
}

function bar(arm: MeasuredArm, percentile: Percentile, index: number, y: number, x: Axis): string {
  const value = arm.measured.latencyS[percentile];
  if (!Number.isFinite(value.mean)) return '';
  const [from, to] = [x.at(0), x.at(value.mean)];
  const lines = [
    arm.name,
    `${percentile} ${withInterval(value, time)}`,
    ...costLine(value, time),
    standing(arm),
  ];
  const drawn = mark(
    'rect',
    { class: `bar shade-${index + 1}`, x: from, y, width: Math.max(0, to - from), height: barHeight - 1 },
    lines,
  );
  if (!isBeyond(arm, percentile, x)) return drawn + whiskerAcross(value, x, y + (barHeight - 1) / 2, 2.5);
  return drawn + text('»', { class: 'value strong', x: to + 2, y: y + 7 });
}

/** A line at the limit; where it lies far to the right, words at the end of the scale. */
function limit(
  sla: NonNullable<Result['scenario']['sla']>,
  x: Axis,
  { top, bottom, left, right }: Area,
): string {
  const words = `SLA ${slaInWords(sla)}`;
  if (sla.limitS > x.domain[1]) {
    return text(`${words} →`, { class: 'limit-label', x: right, y: top - 11, 'text-anchor': 'end' });
  }
  const at = x.at(sla.limitS);
  const anchor = at > (left + right) / 2 ? 'end' : 'start';
  const path: [number, number][] = [
    [at, top - 6],
    [at, bottom],
  ];
  return (
    mark('path', { class: 'limit', d: pathOf(path) }, [words]) +
    text(words, { class: 'limit-label', x: at, y: top - 11, 'text-anchor': anchor })
  );
}

function tableOf(arms: readonly MeasuredArm[], { scenario }: Result): Chart['table'] {
  const columns: Chart['table']['columns'] = [
    { title: 'arm', align: 'left' },
    ...percentiles.map((title) => ({ title })),
    ...(scenario.sla ? [{ title: slaInWords(scenario.sla), align: 'left' as const }] : []),
    { title: 'standing', align: 'left' },
  ];
  const rows = arms.map((arm) => [
    arm.name,
    ...percentiles.map((percentile) => withInterval(arm.measured.latencyS[percentile], time)),
    ...(scenario.sla ? [arm.sla?.met ?? '–'] : []),
    standing(arm),
  ]);
  return { columns, rows };
}
