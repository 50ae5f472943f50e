import { withPrefix } from '../../foundation/units.ts';
import type { ExperimentResult, ExperimentTransfer } from '../../sim/training/experiment-result.ts';
import type { Absence, Chart } from '../charts/chart.ts';
import { drawing } from '../charts/drawing.ts';
import { plain } from '../charts/quantity.ts';
import { titleOf } from './cells.ts';
import { intervalsOf } from './gain-sections.ts';
import { type Line, type LinePanel, linePanels } from './line-panel.ts';
import { change, ratio } from './quantities.ts';
import { daysInWords, estimated, percentInText, widest } from './wording.ts';

const id = 'transfer-by-size';
const title = 'Transfer by size of the teacher';

type SizedTransfer = ExperimentTransfer & { parameters: number };

/** What a larger teacher gains, what its students gain, and the ratio of the two. */
export function transferChart(result: ExperimentResult): Chart | Absence {
  const transfer = onCurve(result);
  if (transfer.length === 0) {
    const reason = 'no student was taught by teachers of two sizes: list several under teacher.sizes';
    return { title, reason };
  }
  const x = { name: 'parameters of the teacher', quantity: plain, axis: 'position' as const };
  const panels: LinePanel[] = [
    {
      title: 'NE below base: teachers and students',
      lines: [...teacherLines(transfer), ...studentLines(result, transfer)],
      x,
      y: { name: 'below base', quantity: change },
      hasZero: true,
      isDodged: true,
    },
    {
      title: 'TR, the student’s gain over the teacher’s',
      lines: ratioLines(result, transfer),
      x,
      y: { name: 'TR', quantity: ratio },
      hasZero: true,
      isDodged: true,
    },
  ];
  const drawn = panels.filter(({ lines }) => lines.some(({ points }) => points.length > 0));
  const note = `Teachers of several sizes, and students taught by each. Above, how far NE of teacher and student is below that of the base arm on the same examples; below, the ratio of the two, where the teacher is surely better than the base. Whiskers: the widest of the ${intervalsOf(result)}; of TR, over seeds.`;
  const { svg, height } = linePanels(drawn);
  return {
    id,
    title,
    note,
    svg: drawing({ id, title, note, height }, svg),
    table: {
      columns: [
        { title: 'student', align: 'left' },
        { title: 'parameters of the teacher' },
        { title: 'teacher', align: 'left' },
        { title: 'student', align: 'left' },
        { title: 'TR' },
      ],
      rows: transfer.map((row) => [
        nameOf(result, row),
        withPrefix(row.parameters).trim(),
        percentInText(row.teacherGain),
        percentInText(row.studentGain),
        row.transferRatio ? estimated(row.transferRatio, 2) : 'not defined',
      ]),
    },
  };
}

/** Students that teachers of several sizes have taught: others are a point, and no curve. */
function onCurve(result: ExperimentResult): SizedTransfer[] {
  const sizesOf = new Map<string, Set<number>>();
  const sized = result.transfer.filter((row): row is SizedTransfer => row.parameters !== undefined);
  for (const row of sized) {
    const name = nameOf(result, row);
    sizesOf.set(name, (sizesOf.get(name) ?? new Set()).add(row.size));
  }
  return sized.filter((row) => sizesOf.get(nameOf(result, row))!.size > 1);
}

function nameOf(
  result: ExperimentResult,
  { arm, vertical, task, stalenessDays }: ExperimentTransfer,
): string {
  return `${titleOf(result, arm)}, ${task} in ${vertical}, s = ${daysInWords(stalenessDays)}`;
}

function linesBy(
  rows: readonly SizedTransfer[],
  nameOfRow: (row: SizedTransfer) => string,
  point: (row: SizedTransfer, name: string) => Line['points'],
): Line[] {
  const names = [...new Set(rows.map(nameOfRow))];
  return names.map((name) => {
    const points = rows.filter((row) => nameOfRow(row) === name).flatMap((row) => point(row, name));
    const distinct = [...new Map(points.map((one) => [one.x, one])).values()];
    return { name, points: distinct.sort((a, b) => a.x - b.x) };
  });
}

function teacherLines(transfer: readonly SizedTransfer[]): Line[] {
  return linesBy(
    transfer,
    ({ vertical, task, stalenessDays }) =>
      `teacher, ${task} in ${vertical}, s = ${daysInWords(stalenessDays)}`,
    ({ parameters, teacherGain }, name) => [
      {
        x: parameters,
        y: widest(teacherGain),
        lines: [name, parametersInWords(parameters), percentInText(teacherGain)],
      },
    ],
  );
}

function studentLines(result: ExperimentResult, transfer: readonly SizedTransfer[]): Line[] {
  return linesBy(
    transfer,
    (row) => nameOf(result, row),
    ({ parameters, studentGain }, name) => [
      {
        x: parameters,
        y: widest(studentGain),
        lines: [name, parametersInWords(parameters), percentInText(studentGain)],
      },
    ],
  );
}

function ratioLines(result: ExperimentResult, transfer: readonly SizedTransfer[]): Line[] {
  return linesBy(
    transfer,
    (row) => nameOf(result, row),
    ({ parameters, transferRatio }, name) =>
      transferRatio
        ? [
            {
              x: parameters,
              y: { ...transferRatio },
              lines: [name, parametersInWords(parameters), `TR ${estimated(transferRatio, 2)}`],
            },
          ]
        : [],
  );
}

function parametersInWords(parameters: number): string {
  return `a teacher of ${withPrefix(parameters).trim()} parameters`;
}
