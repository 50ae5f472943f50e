import type { Result } from '../../sim/result.ts';
import { type ComponentName, type ComponentTimes, componentTitles } from '../component-titles.ts';
import { type MeasuredArm, measuredArms, noneFits, soundArms, standing } from './arms.ts';
import { type Axis, zeroBasedAxis } from './axis.ts';
import type { Absence, Chart } from './chart.ts';
import { type Area, axisBelow, axisRoom, drawing, width } from './drawing.ts';
import { share, time, withoutZeros } from './quantity.ts';
import { drawnRows, nameRoom, rowName } from './rows.ts';
import { boxSwatch, legend } from './series.ts';
import { type StackPart, stackedBar } from './stack.ts';
import { text } from './svg.ts';
import { titles } from './titles.ts';

const title = titles.breakdown;
const barHeight = 18;
const rowHeight = 2 * barHeight + 20;
const regionRoom = 62;
const valueRoom = 70;
const mostArms = 50;
const cutAt = 1.15;

/** Components that have a colour of their own; the others are summed. */
const mostComponents = 8;

/** What is nowhere a larger share than this has no colour of its own. */
const leastShare = 0.015;

const regions = [
  ['typical', 'typical', 'a typical request (p40–p60)'],
  ['tail', 'slowest 1 %', 'the slowest 1 % of requests'],
] as const;

/** A part of all stacks: one component, or all small ones. */
interface Part {
  name: string;
  components: ComponentName[];
  className: string;
}

/** What a typical request and the slowest spend their time on, one above the other on the same scale. */
export function breakdownBars(result: Result): Chart | Absence {
  const all = measuredArms(result);
  if (all.length === 0) return { title, reason: noneFits };
  const { shown, omitted } = drawnRows(all, mostArms, 'arms');
  const parts = partsOf(shown);
  const key = legend(
    parts.map(({ name, className }) => ({ name, swatch: boxSwatch(`bar ${className}`) })),
    { left: 0, right: width, y: 12 },
  );
  const top = key.height + 12;
  const area: Area = {
    left: nameRoom + regionRoom,
    right: width - valueRoom,
    top,
    bottom: top + shown.length * rowHeight,
  };
  const x = stackAxis(result, shown, area);
  const isCut = shown.some(({ measured }) =>
    regions.some(([region]) => totalOf(measured.breakdownS[region]) > x.domain[1]),
  );
  const id = 'breakdown';
  const note =
    'Mean latency of typical requests (p40 to p60) and of the slowest 1 %, by what the time is spent on. Work of the ' +
    'embedded portion is that of the shard that bounds it.' +
    (isCut ? ' Bars that end in » are longer: their arms are overloaded.' : '') +
    omitted;
  const svg = drawing(
    { id, title, note, height: area.bottom + axisRoom },
    key.svg,
    axisBelow(x, area),
    ...shown.map((arm, index) => armRow(arm, top + index * rowHeight, parts, x)),
  );
  return { id, title, note, svg, table: tableOf(all) };
}

/** The components that are largest anywhere, in their usual order, and the rest. */
function partsOf(arms: readonly MeasuredArm[]): Part[] {
  const stacks = arms.flatMap(({ measured }) => regions.map(([region]) => measured.breakdownS[region]));
  const names = Object.keys(componentTitles) as ComponentName[];
  const sizeOf = (name: ComponentName) =>
    Math.max(0, ...stacks.map((stack) => stack[name] / (totalOf(stack) || 1)).filter(Number.isFinite));
  const present = names.filter((name) => sizeOf(name) > 0);
  const ranked = [...present].sort((a, b) => sizeOf(b) - sizeOf(a));
  const large = ranked.filter((name, index) => index < mostComponents && sizeOf(name) >= leastShare);
  const own = new Set(present.length === large.length + 1 ? present : large);
  const small = present.filter((name) => !own.has(name));
  const named = present
    .filter((name) => own.has(name))
    .map((name, index) => ({
      name: componentTitles[name],
      components: [name],
      className: `series-${index + 1}`,
    }));
  return small.length === 0
    ? named
    : [...named, { name: `${small.length} smaller parts`, components: small, className: 'series-rest' }];
}

function totalOf(stack: ComponentTimes): number {
  return Object.values(stack).reduce((sum, value) => sum + (Number.isFinite(value) ? value : 0), 0);
}

/** As far as the longest stack of an arm that is not overloaded. */
function stackAxis(result: Result, shown: readonly MeasuredArm[], { left, right }: Area): Axis {
  const longest = (arms: readonly MeasuredArm[]) =>
    Math.max(
      0,
      ...arms.flatMap(({ measured }) => regions.map(([region]) => totalOf(measured.breakdownS[region]))),
    );
  const sound = soundArms(result).filter((arm) => shown.includes(arm));
  const most = longest(sound.length > 0 ? sound : shown);
  const end = longest(shown) > most ? most * cutAt : most;
  return zeroBasedAxis({ values: [end], range: [left, right], quantity: time, name: 'mean latency' });
}

function armRow(arm: MeasuredArm, top: number, parts: readonly Part[], x: Axis): string {
  const stacks = regions.map(([region, label, whole], index) => {
    const stack = arm.measured.breakdownS[region];
    const total = totalOf(stack);
    const y = top + 8 + index * (barHeight + 2);
    const bar = stackedBar(
      parts.map((part) => pieceOf(part, stack, `${arm.name}, ${whole}`, total)),
      x,
      { y, height: barHeight },
    );
    const side = (words: string, at: number) =>
      text(words, { class: 'detail', x: at, y: y + 13, 'text-anchor': 'end' });
    return bar + side(label, nameRoom + regionRoom - 6) + side(time.format(total), width);
  });
  return rowName(arm.name, standing(arm), top + 8 + barHeight) + stacks.join('');
}

function pieceOf(
  { name, components, className }: Part,
  stack: ComponentTimes,
  of: string,
  total: number,
): StackPart {
  const value = components.reduce((sum, component) => sum + stack[component], 0);
  const part = share.format(value / (total || 1));
  const several =
    components.length === 1
      ? []
      : components
          .filter((component) => stack[component] > 0)
          .map((component) => `${componentTitles[component]} ${time.format(stack[component])}`);
  return {
    className,
    value,
    inside: withoutZeros(part),
    lines: [of, `${name} ${time.format(value)}`, `${part} of ${time.format(total)}`, ...several],
  };
}

function tableOf(arms: readonly MeasuredArm[]): Chart['table'] {
  const names = (Object.keys(componentTitles) as ComponentName[]).filter((name) =>
    arms.some(({ measured }) => regions.some(([region]) => measured.breakdownS[region][name] > 0)),
  );
  return {
    columns: [
      { title: 'arm', align: 'left' },
      { title: 'requests', align: 'left' },
      { title: 'total' },
      ...names.map((name) => ({ title: componentTitles[name] })),
    ],
    rows: arms.flatMap(({ name, measured }) =>
      regions.map(([region, label]) => {
        const stack = measured.breakdownS[region];
        return [
          name,
          label,
          time.format(totalOf(stack)),
          ...names.map((component) => (stack[component] > 0 ? time.format(stack[component]) : '–')),
        ];
      }),
    ),
  };
}
