import type { Estimate } from '../../../sim/training/distillation/figure-result.ts';
import type { SystemName } from '../../../sim/training/distillation/system-result.ts';
import type { DistillationResult } from '../../../sim/training/distillation-result.ts';
import { type AnsweredArm, answeredArms, systemOf, systemTitles } from '../../distillation/arms.ts';
import { countingGain } from '../../distillation/figures.ts';
import { type Axis, positionAxis, zeroBasedAxis } from '../axis.ts';
import type { Absence, Chart } from '../chart.ts';
import { type Area, axisBelow, axisLeft, axisRoom, drawing, width } from '../drawing.ts';
import { namesBeside } from '../names-beside.ts';
import { share, usdPerDay, withInterval } from '../quantity.ts';
import { legend, seriesOf, symbol, symbolSwatch } from '../series.ts';
import { element, line, pathOf, text } from '../svg.ts';
import { titles } from '../titles.ts';
import { whiskerUp } from '../whisker.ts';

const title = titles.gainAndPrice;
const plotHeight = 340;

/** Why there is nothing to draw of arms that do not fit. */
export const noneAnswered = 'no arm was simulated: none fits';

const drawnSystems = ['shared-teacher', 'co-distillation', 'own-teachers'] as const;

interface Point {
  arm: string;
  system: SystemName;
  extra: number;
  gain: Estimate;
}

/** Money above no teacher against the gain: the shared teacher of each arm, and the other ways to train the first. */
export function gainAndPrice(result: DistillationResult): Chart | Absence {
  const arms = answeredArms(result);
  const points = pointsOf(arms, result.scenario.baseline);
  if (points.length === 0) return { title, reason: noneAnswered };
  const looks = seriesOf(
    drawnSystems.map((name) => systemTitles[name]),
    [],
  );
  const key = legend(
    looks.map((look) => ({ name: look.name, swatch: symbolSwatch(look) })),
    { left: 0, right: width, y: 12 },
  );
  const top = key.height + 30;
  const area: Area = { left: 62, right: width - 24, top, bottom: top + plotHeight };
  const x = positionAxis({
    values: points.map(({ extra }) => extra),
    range: [area.left, area.right],
    quantity: usdPerDay,
    name: 'cost above no teacher',
  });
  const y = zeroBasedAxis({
    values: [countingGain, ...points.flatMap(({ gain }) => [gain.value, gain.low, gain.high])],
    range: [area.bottom, area.top],
    quantity: share,
    name: 'gain in NE',
  });
  const at = ({ extra, gain }: Point): [number, number] => [x.at(extra), y.at(gain.value)];
  const frontier = frontierOf(points.filter(({ system }) => system === 'shared-teacher'));
  const id = 'gain-and-price';
  const note =
    'Mean relative NE that vertical models gain over what teachers cost above training without one. Whiskers: ranges of the uncertain ' +
    'constants, which all points share. Below the dashed line a gain does not count. Dotted: arms that no cheaper one beats.' +
    (arms.length > 1 ? ` Co-distillation and own teachers: of ${baseOf(arms, result).name}.` : '');
  const svg = drawing(
    { id, title, note, height: area.bottom + axisRoom },
    key.svg,
    axisBelow(x, area),
    axisLeft(y, area),
    countingLine(y, area),
    frontier.length > 1 ? element('path', { class: 'note-line', d: pathOf(stepsOf(frontier.map(at))) }) : '',
    ...points.map((point) => whiskerUp(asInterval(point.gain), y, x.at(point.extra))),
    ...points.map((point) => {
      const look = looks[drawnSystems.indexOf(point.system as (typeof drawnSystems)[number])];
      return symbol(look, ...at(point), linesOf(point), 62);
    }),
    ...namesBeside(
      points.map((point) => ({
        at: at(point),
        name: point.system === 'shared-teacher' && arms.length > 1 ? point.arm : systemTitles[point.system],
      })),
      area,
    ),
  );
  return { id, title, note, svg, table: tableOf(points) };
}

/** A range as whiskers draw it. */
export function asInterval({ value, low, high }: Estimate) {
  return { mean: value, low, high };
}

/** From where on a gain counts, across an area. */
export function countingLine(y: Axis, { left, right }: Area): string {
  const at = y.at(countingGain);
  const words = text('0.02 % counts', {
    class: 'limit-label',
    x: left + 6,
    y: at - 5,
  });
  return line(left, at, right, at, 'limit') + words;
}

function baseOf(arms: readonly AnsweredArm[], { scenario }: DistillationResult): AnsweredArm {
  return arms.find(({ name }) => name === scenario.baseline) ?? arms[0];
}

function pointsOf(arms: readonly AnsweredArm[], baseline: string): Point[] {
  const pointOf = (arm: AnsweredArm, system: SystemName): Point => {
    const { extraUsdPerDay, meanGain } = systemOf(arm, system);
    return { arm: arm.name, system, extra: extraUsdPerDay, gain: meanGain };
  };
  const base = arms.find(({ name }) => name === baseline) ?? arms[0];
  const others = base
    ? (['co-distillation', 'own-teachers'] as const).map((system) => pointOf(base, system))
    : [];
  return [...arms.map((arm) => pointOf(arm, 'shared-teacher')), ...others].filter(
    ({ extra, gain }) => Number.isFinite(extra) && Number.isFinite(gain.value),
  );
}

/** Points that no other one is both cheaper and better than, cheapest first. */
function frontierOf(points: readonly Point[]): Point[] {
  let most = 0;
  return [...points]
    .sort((a, b) => a.extra - b.extra || b.gain.value - a.gain.value)
    .filter(({ gain }) => {
      if (gain.value <= most) return false;
      most = gain.value;
      return true;
    });
}

function stepsOf(path: readonly [number, number][]): [number, number][] {
  return path.flatMap(([x, y], index): [number, number][] =>
    index === 0
      ? [[x, y]]
      : [
          [x, path[index - 1][1]],
          [x, y],
        ],
  );
}

function linesOf({ arm, system, extra, gain }: Point): string[] {
  return [
    `${arm}, ${systemTitles[system]}`,
    `gain in NE ${share.format(gain.value)}`,
    `range ${share.format(gain.low)} to ${share.format(gain.high)}`,
    `${usdPerDay.format(extra)} above no teacher`,
  ];
}

function tableOf(points: readonly Point[]): Chart['table'] {
  return {
    columns: [
      { title: 'arm', align: 'left' },
      { title: 'system', align: 'left' },
      { title: 'cost above no teacher' },
      { title: 'gain in NE' },
      { title: 'low' },
      { title: 'high' },
    ],
    rows: points.map(({ arm, system, extra, gain }) => [
      arm,
      systemTitles[system],
      withInterval({ mean: extra }, usdPerDay),
      ...[gain.value, gain.low, gain.high].map(share.format),
    ]),
  };
}
