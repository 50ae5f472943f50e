import { significant } from '../../foundation/units.ts';
import type { PlanResult } from '../../sim/fleet/plan-result.ts';
import type {
  KnobResult,
  KnobSide,
  SensitivityResult,
} from '../../sim/fleet/sensitivity/sensitivity-result.ts';
import type { Interval } from '../../sim/result.ts';
import { type Axis, zeroBasedAxis } from './axis.ts';
import type { Absence, Chart } from './chart.ts';
import { type Area, axisBelow, axisRoom, drawing, width } from './drawing.ts';
import { finite, percent, share, signedInterval } from './quantity.ts';
import { nameRoom, panelTitle, rowName } from './rows.ts';
import { boxSwatch, legend } from './series.ts';
import { line, mark, text } from './svg.ts';
import { titles } from './titles.ts';
import { whiskerAcross } from './whisker.ts';

const title = titles.sensitivity;
const barHeight = 11;
const rowHeight = 2 * barHeight + 10;
const panelGap = 40;
const latencyShare = 0.36;

/** Knobs drawn, and the least effect on throughput that is one. */
const mostKnobs = 20;
const leastEffect = 0.005;

/** A doubling and more is cut, so that other bars are seen. */
const furthest = 1;

type Answer = 'throughput' | 'latency';

/** A tornado: throughput and latency as each knob is turned down and up, largest effect first. */
export function tornado({ sensitivity }: PlanResult): Chart | Absence {
  if (!sensitivity)
    return { title, reason: 'the plan was made without it: rankfleet plan without --no-sensitivity' };
  const knobs = knobsOf(sensitivity);
  if (knobs.length === 0) return { title, reason: 'no knob moves throughput by half a percent' };
  const { turnedBy, percentile } = sensitivity;
  const [down, up] = [`knob − ${percent(turnedBy)}`, `knob + ${percent(turnedBy)}`];
  const key = legend(
    [
      { name: down, swatch: boxSwatch('bar series-2') },
      { name: up, swatch: boxSwatch('bar series-1') },
    ],
    { left: nameRoom, right: width, y: 12 },
  );
  const top = key.height + 34;
  const bottom = top + knobs.length * rowHeight;
  const split = nameRoom + (width - nameRoom - panelGap) * (1 - latencyShare);
  const areas: Record<Answer, Area> = {
    throughput: { left: nameRoom, right: split, top, bottom },
    latency: { left: split + panelGap, right: width - 12, top, bottom },
  };
  const id = 'sensitivity';
  const note = noteOf(sensitivity, knobs);
  const svg = drawing(
    { id, title, note, height: bottom + axisRoom },
    key.svg,
    panelTitle('throughput', nameRoom, top - 10),
    panelTitle(
      `${percentile} at ${significant(sensitivity.base.judgedPerS)} requests/s`,
      areas.latency.left,
      top - 10,
    ),
    ...knobs.map((knob, index) => knobName(knob, top + (index + 0.5) * rowHeight)),
    ...(['throughput', 'latency'] as const).map((answer) => panel(knobs, answer, areas[answer], sensitivity)),
  );
  return { id, title, note, svg, table: tableOf(sensitivity) };
}

/** Those that move throughput, largest first, and those that nobody can explain. */
function knobsOf({ knobs }: SensitivityResult): KnobResult[] {
  const moving = knobs.filter(({ effect, state }) => state === 'moves' && effect >= leastEffect);
  return [...moving.slice(0, mostKnobs), ...knobs.filter(({ state }) => state === 'unexplained')];
}

function noteOf(
  { alternative, replications, confidence, isReplicaSet, knobs: all }: SensitivityResult,
  shown: readonly KnobResult[],
): string {
  const what = isReplicaSet
    ? `one replica set of ${alternative} bears`
    : `the fleet of ${alternative} bears, its hosts held fixed`;
  const rest = all.length - shown.length;
  return (
    `What ${what}, and its latency, as one knob is turned. Changes are paired over ${replications} ` +
    `replications; whiskers: ${percent(confidence)} intervals of sampling.` +
    (rest > 0
      ? ` ${rest} more knobs move throughput less, or not at all, with their reasons in the report.`
      : '')
  );
}

function knobName({ name, value, state }: KnobResult, y: number): string {
  return state === 'unexplained'
    ? rowName(name, 'UNEXPLAINED: moves nothing', y, 'label bad')
    : rowName(name, value ?? '', y);
}

function panel(
  knobs: readonly KnobResult[],
  answer: Answer,
  area: Area,
  { turnedBy }: SensitivityResult,
): string {
  const changes = knobs.flatMap(({ down, up }) => [changeOf(down, answer), changeOf(up, answer)]);
  const ends = changes.flatMap((one) => (one ? [one.mean, finite(one).low ?? 0, finite(one).high ?? 0] : []));
  const x = zeroBasedAxis({
    values: ends.map((value) => Math.max(-furthest, Math.min(furthest, value))),
    range: [area.left, area.right],
    quantity: share,
    name: 'change',
  });
  const zero = x.at(0);
  return [
    axisBelow(x, area),
    ...knobs.flatMap((knob, index) => {
      const y = area.top + index * rowHeight + 5;
      return [bar(knob, 'down', answer, x, y, turnedBy), bar(knob, 'up', answer, x, y + barHeight, turnedBy)];
    }),
    line(zero, area.top, zero, area.bottom, 'zero'),
  ].join('');
}

/** A change that can be drawn: the latency of what is overloaded cannot. */
function changeOf(side: KnobSide, answer: Answer): Interval | undefined {
  if (answer === 'latency' && side.overloaded) return undefined;
  const value = side[answer];
  return value && Number.isFinite(value.mean) ? value : undefined;
}

function bar(
  knob: KnobResult,
  side: 'down' | 'up',
  answer: Answer,
  x: Axis,
  y: number,
  turnedBy: number,
): string {
  const turned = knob[side];
  const value = changeOf(turned, answer);
  const zero = x.at(0);
  const words = wordsInstead(turned, answer);
  if (words !== undefined) {
    return mark('text', { class: 'value bad', x: zero + 5, y: y + 9 }, linesOf(knob, side, turnedBy), words);
  }
  if (!value) return '';
  const at = x.at(value.mean);
  const isCut = value.mean > x.domain[1] || value.mean < x.domain[0];
  const attributes = {
    class: `bar series-${side === 'down' ? 2 : 1}`,
    x: Math.min(zero, at),
    y,
    width: Math.abs(at - zero),
    height: barHeight - 1,
  };
  const drawn = mark('rect', attributes, linesOf(knob, side, turnedBy));
  if (isCut) return drawn + text('»', { class: 'value strong', x: at - 8, y: y + 9 });
  return drawn + whiskerAcross(value, x, y + (barHeight - 1) / 2);
}

/** What stands where there is no change to draw. */
function wordsInstead({ misfit, cannot, overloaded }: KnobSide, answer: Answer): string | undefined {
  if (misfit !== undefined) return answer === 'throughput' ? 'does not fit' : undefined;
  if (cannot !== undefined) return undefined;
  return overloaded && answer === 'latency' ? 'overload' : undefined;
}

function linesOf(
  { name, value, reason, ...sides }: KnobResult,
  side: 'down' | 'up',
  turnedBy: number,
): string[] {
  const { value: turned, misfit, cannot, overloaded, throughput, latency, money, power } = sides[side];
  const sign = side === 'down' ? '−' : '+';
  const one = (what: string, of: Interval | undefined) =>
    of ? [`${what} ${signedInterval(of, share)}`] : [];
  return [
    `${name}: ${value ?? 'as it is'} → ${turned ?? `${sign}${percent(turnedBy)}`}`,
    ...(misfit === undefined ? [] : [`does not fit: ${misfit}`]),
    ...(cannot === undefined ? [] : [cannot]),
    ...one('throughput', throughput),
    ...(overloaded ? ['latency: overloaded'] : one('latency', latency)),
    ...one('money per request', money),
    ...one('power', power),
    ...(reason === undefined ? [] : [reason]),
  ];
}

function tableOf({ knobs, turnedBy, percentile }: SensitivityResult): Chart['table'] {
  const [down, up] = [`−${percent(turnedBy)}`, `+${percent(turnedBy)}`];
  const cell = (side: KnobSide, answer: Answer) => {
    if (side.misfit !== undefined) return 'does not fit';
    if (answer === 'latency' && side.overloaded) return 'overload';
    const value = side[answer];
    return value ? signedInterval(value, share) : '–';
  };
  return {
    columns: [
      { title: 'knob', align: 'left' },
      { title: 'value', align: 'left' },
      { title: `throughput, ${down}` },
      { title: `throughput, ${up}` },
      { title: `${percentile}, ${down}` },
      { title: `${percentile}, ${up}` },
      { title: 'remark', align: 'left' },
    ],
    rows: knobs.map((knob) => [
      knob.name,
      knob.value ?? '–',
      cell(knob.down, 'throughput'),
      cell(knob.up, 'throughput'),
      cell(knob.down, 'latency'),
      cell(knob.up, 'latency'),
      knob.state === 'unexplained' ? 'UNEXPLAINED' : (knob.reason ?? ''),
    ]),
  };
}
