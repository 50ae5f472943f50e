import { withPrefix } from '../../foundation/units.ts';
import type {
  ExperimentDifference,
  ExperimentResult,
  ExperimentTransfer,
} from '../../sim/training/experiment-result.ts';
import type { Absence, Chart } from '../charts/chart.ts';
import { plain } from '../charts/quantity.ts';
import { titleOf } from './cells.ts';
import { intervalsOf } from './gain-sections.ts';
import { type Line, type LinePanel, linePanelChart } from './line-panel.ts';
import { change, ratio } from './quantities.ts';
import { type Bounded, daysInWords, estimated, percentInText, widest } from './wording.ts';

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
  // What all have in common is said once.
  const places = [...new Set(transfer.map(placeOf))];
  const common = places.length === 1 ? `, ${places[0]}` : '';
  const named = (name: string, row: SizedTransfer) => (common === '' ? `${name}, ${placeOf(row)}` : name);
  const nameOfTeacher = (row: SizedTransfer) => named('teacher', row);
  const nameOfStudent = (row: SizedTransfer) => named(titleOf(result, row.arm), row);
  const ratios = linesBy(transfer, nameOfStudent, ratioPoint);
  const x = { name: 'parameters of the teacher', quantity: plain, axis: 'position' as const };
  const panels: LinePanel[] = [
    {
      title: `NE below base: teachers and students${common}`,
      lines: [
        ...linesBy(transfer, nameOfTeacher, ({ teacherGain }) => gainPoint(teacherGain)),
        ...linesBy(transfer, nameOfStudent, ({ studentGain }) => gainPoint(studentGain)),
      ],
      x,
      y: { name: 'below base', quantity: change },
      hasZero: true,
      isDodged: true,
    },
    {
      title: `TR, the student’s gain over the teacher’s${common}`,
      lines: ratios,
      x,
      y: { name: 'TR', quantity: ratio },
      hasZero: true,
      isDodged: true,
    },
  ];
  const hasRatio = ratios.some(({ points }) => points.length > 0);
  const drawn = hasRatio ? panels : panels.slice(0, 1);
  const note = `Teachers of several sizes, and students taught by each. How far NE of teacher and student is below that of the base arm on the same examples; ${hasRatio ? 'below, the ratio of the two, where the teacher is surely better than the base' : 'no teacher is surely better than the base, so that no ratio is defined'}. Whiskers: the widest of the ${intervalsOf(result)}${hasRatio ? '; of TR, over seeds' : ''}.`;
  return linePanelChart(
    {
      id,
      title,
      note,
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
    },
    drawn,
  );
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

function placeOf({ vertical, task, stalenessDays }: ExperimentTransfer): string {
  return `${task} in ${vertical}, s = ${daysInWords(stalenessDays)}`;
}

function nameOf(result: ExperimentResult, row: ExperimentTransfer): string {
  return `${titleOf(result, row.arm)}, ${placeOf(row)}`;
}

/** What is drawn of a row, and told of it in words. */
type Value = { y: Bounded; words: string } | undefined;

/** Lines over the size of the teacher, each with a point a size. */
function linesBy(
  rows: readonly SizedTransfer[],
  nameOfRow: (row: SizedTransfer) => string,
  of: (row: SizedTransfer) => Value,
): Line[] {
  const names = [...new Set(rows.map(nameOfRow))];
  return names.map((name) => {
    const points = rows.flatMap((row) => {
      const value = nameOfRow(row) === name ? of(row) : undefined;
      if (!value) return [];
      const size = `a teacher of ${withPrefix(row.parameters).trim()} parameters`;
      return [{ x: row.parameters, y: value.y, lines: [name, placeOf(row), size, value.words] }];
    });
    // A teacher stands in a row for each of its students.
    const distinct = [...new Map(points.map((one) => [one.x, one])).values()];
    return { name, points: distinct.sort((a, b) => a.x - b.x) };
  });
}

function gainPoint(difference: ExperimentDifference): Value {
  return { y: widest(difference), words: percentInText(difference) };
}

function ratioPoint({ transferRatio }: SizedTransfer): Value {
  return transferRatio && { y: transferRatio, words: `TR ${estimated(transferRatio, 2)}` };
}
