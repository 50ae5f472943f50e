import type { Pipeline } from '../../../sim/training/distillation/feed-result.ts';
import type { DistillationResult } from '../../../sim/training/distillation-result.ts';
import { type AnsweredArm, answeredArms, bestArm } from '../../distillation/arms.ts';
import { type Axis, zeroBasedAxis } from '../axis.ts';
import type { Absence, Chart } from '../chart.ts';
import { type Area, axisLeft, drawing, width } from '../drawing.ts';
import { examples, examplesPerS, type Quantity, time } from '../quantity.ts';
import { legend, lineSwatch, type Series, seriesItems, seriesOf } from '../series.ts';
import { element, line, mark, pathOf, text } from '../svg.ts';
import { titles } from '../titles.ts';
import { noneAnswered } from './gain-and-price.ts';

const title = titles.labelDay;
const [left, right] = [62, width - 18];
const panelHeight = 104;
const gap = 40;
const dayS = 86_400;
const hourS = 3600;

/** Days that are drawn of a longer run: its last ones. */
const mostDays = 4;

/** Arms whose figures a reader can point at. */
const mostNamed = 8;

type Course = Pipeline['course'];
type Column = Exclude<keyof Course, 'timeS'>;

const panels: { column: Column; quantity: Quantity; name: string }[] = [
  { column: 'uniquePerS', quantity: examplesPerS, name: 'unique examples' },
  { column: 'queuedExamples', quantity: examples, name: 'queue of the label service' },
  { column: 'trainingBacklogExamples', quantity: examples, name: 'backlog of the teacher’s training' },
  { column: 'teacherAgeS', quantity: time, name: 'age of the teacher in use' },
];

interface Drawn {
  arm: AnsweredArm;
  course: Course;
  series: Series;
}

/** Traffic, queues and the age of the teacher in the course of the first replication. */
export function labelDay(result: DistillationResult): Chart | Absence {
  const arms = answeredArms(result);
  if (arms.length === 0) return { title, reason: noneAnswered };
  const looks = seriesOf(
    arms.map(({ name }) => name),
    [result.scenario.baseline, bestArm(result)?.name],
  );
  const drawn = arms
    .map((arm, index): Drawn => ({ arm, course: lastDays(arm.answer.pipeline.course), series: looks[index] }))
    .filter(({ course }) => course.timeS.length > 1);
  if (drawn.length === 0) return { title, reason: 'the course is a single moment' };
  const key =
    drawn.length > 1
      ? legend(seriesItems(looks, lineSwatch), { left: 0, right: width, y: 12 })
      : { svg: '', height: 0 };
  const filled = panels.filter(({ column }) =>
    drawn.some(({ course }) => course[column].some((value) => value > 0)),
  );
  if (filled.length === 0) return { title, reason: 'nothing happens in its course' };
  const areas = filled.map((_, index): Area => {
    const top = key.height + 28 + index * (panelHeight + gap);
    return { left, right, top, bottom: top + panelHeight };
  });
  const at = timeAxis(drawn);
  const bottom = areas[areas.length - 1].bottom;
  const id = 'label-day';
  const days = drawn[0].course.timeS.length < drawn[0].arm.answer.pipeline.course.timeS.length;
  const empty = panels.filter((panel) => !filled.includes(panel)).map(({ name }) => `no ${name}`);
  const note =
    'Of the first replication, a value for each hour: what happens within one is not seen. The age is how long ago the newest example was that the snapshot in use had trained on: it falls when a new ' +
    `one takes over, and rises while it is in use.${days ? ` The last ${mostDays} days are drawn.` : ''}${empty.length > 0 ? ` There is ${empty.join(' and ')}.` : ''}`;
  const svg = drawing(
    { id, title, note, height: bottom + 38 },
    key.svg,
    ...filled.map(({ column, quantity, name }, index) =>
      panelOf(drawn, column, quantity, name, areas[index], at),
    ),
    hours(at, areas),
    spans(drawn, at, areas[0].top, bottom),
  );
  return { id, title, note, svg, table: tableOf(drawn) };
}

function lastDays(course: Course): Course {
  const end = course.timeS.at(-1) ?? 0;
  const first = course.timeS.findIndex((timeS) => timeS >= end - mostDays * dayS);
  const cut = (values: number[]) => values.slice(Math.max(0, first));
  const { timeS, uniquePerS, queuedExamples, trainingBacklogExamples, teacherAgeS } = course;
  return {
    timeS: cut(timeS),
    uniquePerS: cut(uniquePerS),
    queuedExamples: cut(queuedExamples),
    trainingBacklogExamples: cut(trainingBacklogExamples),
    teacherAgeS: cut(teacherAgeS),
  };
}

interface TimeAxis {
  from: number;
  to: number;
  at: (timeS: number) => number;
}

function timeAxis(drawn: readonly Drawn[]): TimeAxis {
  const from = Math.min(...drawn.map(({ course }) => course.timeS[0]));
  const to = Math.max(...drawn.map(({ course }) => course.timeS.at(-1)!));
  const share = (timeS: number) => (Math.min(to, Math.max(from, timeS)) - from) / (to - from || 1);
  return { from, to, at: (timeS) => left + share(timeS) * (right - left) };
}

function panelOf(
  drawn: readonly Drawn[],
  column: Column,
  quantity: Quantity,
  name: string,
  area: Area,
  { at }: TimeAxis,
): string {
  const y: Axis = zeroBasedAxis({
    values: drawn.flatMap(({ course }) => course[column]),
    range: [area.bottom, area.top],
    quantity,
    name,
  });
  const lines = drawn.map(({ course, series }) => {
    const points = course[column].flatMap((value, index): [number, number][] =>
      Number.isFinite(value) ? [[at(course.timeS[index]), y.at(value)]] : [],
    );
    return points.length > 1 ? element('path', { class: `line ${series.className}`, d: pathOf(points) }) : '';
  });
  return axisLeft(y, area) + line(area.left, area.bottom, area.right, area.bottom, 'axis') + lines.join('');
}

/** Hours below, midnights through all panels. */
function hours({ from, to, at }: TimeAxis, areas: readonly Area[]): string {
  const [top, bottom] = [areas[0].top, areas[areas.length - 1].bottom];
  const every = [1, 2, 3, 6, 12, 24].find((step) => (to - from) / hourS / step <= 14) ?? 24;
  const ticks: string[] = [];
  for (let hour = Math.ceil(from / hourS / every) * every; hour * hourS <= to; hour += every) {
    const x = at(hour * hourS);
    if (hour % 24 === 0) ticks.push(line(x, top, x, bottom, 'grid'));
    ticks.push(text(String(hour), { class: 'tick', x, y: bottom + 15, 'text-anchor': 'middle' }));
  }
  return `${ticks.join('')}${text('time, h', { class: 'axis-title', x: right, y: bottom + 32, 'text-anchor': 'end' })}`;
}

/** Spans of time that tell their figures when they are pointed at. */
function spans(drawn: readonly Drawn[], { at, to }: TimeAxis, top: number, bottom: number): string {
  const [{ course: first }] = drawn;
  const named = drawn.slice(0, mostNamed);
  return first.timeS
    .slice(0, -1)
    .map((timeS, index) => {
      const start = at(timeS);
      const end = at(first.timeS[index + 1] ?? to);
      const words = named.flatMap(({ arm, course }) => [
        ...(drawn.length > 1 ? [arm.name] : []),
        ...panels.map(({ column, quantity, name }) => `${name} ${quantity.format(course[column][index])}`),
      ]);
      const attributes = {
        class: 'hit',
        x: start,
        y: top,
        width: Math.max(0, end - start),
        height: bottom - top,
      };
      return mark('rect', attributes, [`at ${time.format(timeS)}`, ...words]);
    })
    .join('');
}

function tableOf(drawn: readonly Drawn[]): Chart['table'] {
  return {
    columns: [
      { title: 'arm', align: 'left' },
      { title: 'time, h' },
      ...panels.map(({ name }) => ({ title: name })),
    ],
    rows: drawn.flatMap(({ arm, course }) =>
      course.timeS.map((timeS, index) => [
        arm.name,
        (timeS / hourS).toFixed(1),
        ...panels.map(({ column, quantity }) => quantity.format(course[column][index])),
      ]),
    ),
  };
}
