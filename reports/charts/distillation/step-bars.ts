import type { StepPart } from '../../../sim/training/distillation/fleet-result.ts';
import type { DistillationResult } from '../../../sim/training/distillation-result.ts';
import { answeredArms } from '../../distillation/arms.ts';
import { type NamedStep, secondsOf, stepsOf } from '../../distillation/step-tables.ts';
import { type Axis, zeroBasedAxis } from '../axis.ts';
import type { Absence, Chart } from '../chart.ts';
import { type Area, axisBelow, axisRoom, drawing, width } from '../drawing.ts';
import { share, time } from '../quantity.ts';
import { drawnRows, nameRoom, rowName } from '../rows.ts';
import { boxSwatch, legend } from '../series.ts';
import { stackedBar } from '../stack.ts';
import { text } from '../svg.ts';
import { titles } from '../titles.ts';
import { alike } from './alike.ts';
import { noneAnswered } from './gain-and-price.ts';

const title = titles.steps;
const barHeight = 16;
const hiddenHeight = 7;
const rowHeight = barHeight + hiddenHeight + 18;
const valueRoom = 70;
const mostRows = 40;

/** Parts that are told as one, in the order in which a step without overlap runs them first. */
const groups: { name: string; parts: readonly StepPart['name'][] }[] = [
  { name: 'input', parts: ['read-input', 'copy-in'] },
  { name: 'lookups', parts: ['lookup'] },
  { name: 'all-to-all', parts: ['id-exchange', 'vector-exchange', 'gradient-exchange'] },
  { name: 'forward', parts: ['bottom-forward', 'top-forward'] },
  { name: 'loss and heads', parts: ['loss-and-heads'] },
  { name: 'backward', parts: ['top-backward', 'bottom-backward'] },
  { name: 'table update', parts: ['table-update'] },
  { name: 'all-reduce', parts: ['all-reduce'] },
  { name: 'dense optimizer', parts: ['dense-optimizer'] },
];

interface Row extends NamedStep {
  arm: string;
}

/** What the time of each training step and label batch goes to, and what compute hides beside that. */
export function stepBars(result: DistillationResult): Chart | Absence {
  const arms = answeredArms(result);
  const all = arms.flatMap((arm) => stepsOf(arm).map((step): Row => ({ ...step, arm: arm.name })));
  const drawable = all.filter(({ step }) => Number.isFinite(secondsOf(step)) && secondsOf(step) > 0);
  if (drawable.length === 0) return { title, reason: noneAnswered };
  const { shown, omitted } = drawnRows(
    alike(drawable, ({ name, step }) => [name, step], arms.length),
    mostRows,
    'steps',
  );
  const key = legend(
    groups.map(({ name }, index) => ({ name, swatch: boxSwatch(`bar series-${index + 1}`) })),
    { left: 0, right: width, y: 12 },
  );
  const top = key.height + 12;
  const area: Area = {
    left: nameRoom,
    right: width - valueRoom,
    top,
    bottom: top + shown.length * rowHeight,
  };
  const hidden = Math.max(...shown.map(({ step }) => sumOf(step.parts, hiddenS) / secondsOf(step)));
  const x = zeroBasedAxis({
    values: [1, Number.isFinite(hidden) ? hidden : 1],
    range: [area.left, area.right],
    quantity: share,
    name: 'share of the step',
  });
  const id = 'steps';
  const note =
    'Above: what lengthens a step, parts in the order of their first run, which add up to its time on the right. Below, paler: communication ' +
    `and input that run beside compute and lengthen nothing.${omitted}`;
  const svg = drawing(
    { id, title, note, height: area.bottom + axisRoom },
    key.svg,
    axisBelow(x, area),
    ...shown.map((row, index) => rowOf(row, top + index * rowHeight, x)),
  );
  return { id, title, note, svg, table: tableOf(all) };
}

const exposed = ({ exposedS }: StepPart) => exposedS;
const hiddenS = ({ seconds, exposedS }: StepPart) => Math.max(0, seconds - exposedS);

function sumOf(parts: readonly StepPart[], of: (part: StepPart) => number): number {
  return parts.reduce((sum, part) => sum + of(part), 0);
}

function rowOf({ arm, name, step }: Row, top: number, x: Axis): string {
  const whole = secondsOf(step);
  const bar = (of: (part: StepPart) => number, what: string, y: number, height: number, pale: string) =>
    stackedBar(
      groups.map(({ name: group, parts }, index) => {
        const own = step.parts.filter((part) => parts.includes(part.name));
        const seconds = sumOf(own, of);
        return {
          className: `series-${index + 1}${pale}`,
          value: seconds / whole,
          inside: share.format(seconds / whole),
          lines: [
            `${arm}: ${name}`,
            `${group}, ${what} ${time.format(seconds)}`,
            ...own.filter((part) => of(part) > 0).map((part) => `${part.name} ${time.format(of(part))}`),
          ],
        };
      }),
      x,
      { y, height },
    );
  return (
    rowName(name, arm, top + 8 + barHeight / 2) +
    bar(exposed, 'exposed', top + 8, barHeight, '') +
    bar(hiddenS, 'hidden', top + 9 + barHeight, hiddenHeight, ' pale') +
    text(time.format(whole), { class: 'detail', x: width, y: top + 8 + 12, 'text-anchor': 'end' })
  );
}

function tableOf(rows: readonly Row[]): Chart['table'] {
  return {
    columns: [
      { title: 'arm', align: 'left' },
      { title: 'step of', align: 'left' },
      { title: 'time' },
      ...groups.map(({ name }) => ({ title: name })),
      { title: 'hidden beside it' },
    ],
    rows: rows.map(({ arm, name, step }) => [
      arm,
      name,
      time.format(secondsOf(step)),
      ...groups.map(({ parts }) =>
        time.format(
          sumOf(
            step.parts.filter((part) => parts.includes(part.name)),
            exposed,
          ),
        ),
      ),
      time.format(sumOf(step.parts, hiddenS)),
    ]),
  };
}
