import { type Evidence, evidenceLevels } from '../../foundation/evidence.ts';
import type { PlanResult } from '../../sim/fleet/plan-result.ts';
import type { Result } from '../../sim/result.ts';
import type { DistillationResult } from '../../sim/training/distillation-result.ts';
import { zeroBasedAxis } from './axis.ts';
import type { Absence, Chart } from './chart.ts';
import { type Area, axisBelow, axisRoom, drawing, width } from './drawing.ts';
import { percent, share } from './quantity.ts';
import { drawnRows, nameRoom, rowName } from './rows.ts';
import { boxSwatch, legend } from './series.ts';
import { type StackPart, stackedBar } from './stack.ts';
import { text } from './svg.ts';
import { titles } from './titles.ts';

const barHeight = 16;
const regionRoom = 62;
const mostRows = 60;

type Shares = Partial<Record<Evidence, number | undefined>>;

/** What a figure of one arm rests on: a bar for each part of it, as a kind of request. */
interface Row {
  name: string;
  detail: string;
  bars: { label: string; words: string; shares: Shares }[];
}

/** What the bars are shares of. */
interface Measure {
  title: string;
  name: string;
  /** What the parts are, over a column of a table. */
  parts: string;
}

const latency: Measure = { title: titles.evidence, name: 'share of latency', parts: 'requests' };
const deviceTime: Measure = { title: titles.computeEvidence, name: 'share of time', parts: 'time' };

const noted =
  'Share of latency by the weakest input of the time that it is made of: measured here is best, assumed is a guess.';

/** Latency of a typical request and of the tail of each arm, by evidence. */
export function evidenceOfArms({ arms }: Result): Chart | Absence {
  const rows = arms.map(
    ({ name, evidence: { figures, typicalTime, tailTime } }): Row => ({
      name,
      detail: inputsInWords(figures),
      bars: [
        { label: 'typical', words: 'typical requests', shares: typicalTime ?? {} },
        { label: 'slowest 1 %', words: tailWords, shares: tailTime ?? {} },
      ].filter(({ shares }) => isKnown(shares)),
    }),
  );
  return evidenceBars(latency, rows, `${noted} ${belowNames}`);
}

/** Latency of the tail of each alternative of a plan, by evidence. */
export function evidenceOfPlan({ alternatives }: PlanResult): Chart | Absence {
  const rows = alternatives.map(
    ({ name, workload, evidence }): Row => ({
      name: workload === undefined ? name : `${workload}: ${name}`,
      detail: '',
      bars:
        evidence && isKnown(evidence) ? [{ label: 'slowest 1 %', words: tailWords, shares: evidence }] : [],
    }),
  );
  return evidenceBars(latency, rows, noted);
}

/** The teacher's step and all busy device time of each arm of distillation, by evidence. */
export function evidenceOfDistillation({ arms }: DistillationResult): Chart | Absence {
  const rows = arms.map(
    ({ name, evidence: { figures, teacherStep, deviceHours } }): Row => ({
      name,
      detail: inputsInWords(figures),
      bars: [
        { label: 'teacher', words: 'step of the teacher', shares: teacherStep ?? {} },
        { label: 'all busy', words: 'all busy device time of the shared teacher', shares: deviceHours ?? {} },
      ].filter(({ shares }) => isKnown(shares)),
    }),
  );
  const what = 'Share of the teacher’s training step, and of all busy device time, by the evidence for it.';
  return evidenceBars(deviceTime, rows, `${what} ${belowNames}`);
}

const tailWords = 'slowest 1 % of requests';
const belowNames = 'Below each name: inputs of hosts, network and model.';

function isKnown(shares: Shares): boolean {
  return Object.values(shares).some((value) => value !== undefined && value > 0);
}

function inputsInWords(figures: Shares): string {
  return evidenceLevels.flatMap((level) => (figures[level] ? [`${figures[level]} ${level}`] : [])).join(', ');
}

function evidenceBars({ title, name, parts }: Measure, all: readonly Row[], noted: string): Chart | Absence {
  const known = all.filter(({ bars }) => bars.length > 0);
  if (known.length === 0) return { title, reason: 'nothing was simulated whose evidence is known' };
  const { shown, omitted } = drawnRows(known, mostRows, 'rows');
  const levels = evidenceLevels.filter((level) =>
    shown.some(({ bars }) => bars.some(({ shares }) => (shares[level] ?? 0) > 0)),
  );
  const key = legend(
    levels.map((level) => ({ name: level, swatch: boxSwatch(`bar evidence-${level}`) })),
    { left: nameRoom + regionRoom, right: width, y: 12 },
  );
  const top = key.height + 8;
  const heights = shown.map(({ bars }) => bars.length * (barHeight + 2) + 18);
  const bottom = top + heights.reduce((sum, height) => sum + height, 0);
  const area: Area = { left: nameRoom + regionRoom, right: width - 16, top, bottom };
  const x = zeroBasedAxis({
    values: [1],
    range: [area.left, area.right],
    quantity: share,
    name,
  });
  let y = top;
  const drawn = shown.map((row, index) => {
    const svg = rowOf(row, y, heights[index], x);
    y += heights[index];
    return svg;
  });
  const id = 'evidence';
  const note = noted + omitted;
  const svg = drawing({ id, title, note, height: bottom + axisRoom }, key.svg, axisBelow(x, area), ...drawn);
  return { id, title, note, svg, table: tableOf(known, levels, parts) };
}

function rowOf(
  { name, detail, bars }: Row,
  top: number,
  height: number,
  x: ReturnType<typeof zeroBasedAxis>,
): string {
  const stacks = bars.map(({ label, words: of, shares }, index) => {
    const y = top + 8 + index * (barHeight + 2);
    const parts = evidenceLevels.flatMap((level): StackPart[] => {
      const value = shares[level] ?? 0;
      const words = percent(value);
      return value > 0
        ? [
            {
              className: `evidence-${level}`,
              value,
              inside: `${level} ${words}`,
              lines: [`${name}, ${of}`, `${words} ${level}`],
            },
          ]
        : [];
    });
    const side = text(label, {
      class: 'detail',
      x: nameRoom + regionRoom - 6,
      y: y + 12,
      'text-anchor': 'end',
    });
    return stackedBar(parts, x, { y, height: barHeight }) + side;
  });
  return rowName(name, detail, top + height / 2 - 2) + stacks.join('');
}

function tableOf(rows: readonly Row[], levels: readonly Evidence[], parts: string): Chart['table'] {
  return {
    columns: [
      { title: 'of', align: 'left' },
      { title: parts, align: 'left' },
      ...levels.map((level) => ({ title: level })),
    ],
    rows: rows.flatMap(({ name, bars }) =>
      bars.map(({ label, shares }) => [
        name,
        label,
        ...levels.map((level) => ((shares[level] ?? 0) > 0 ? percent(shares[level]!) : '–')),
      ]),
    ),
  };
}
