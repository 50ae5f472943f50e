import { grouped } from '../../foundation/counted.ts';
import { formatTime } from '../../foundation/units.ts';
import type { ExperimentResult, ExperimentTeacher } from '../../sim/training/experiment-result.ts';
import type { PageTable, Section } from '../html/content.ts';
import { titleOf } from './cells.ts';
import { daysInWords, estimated, percentPoints, sizeInWords } from './wording.ts';

/** The teacher itself: its size, what its log covers, how it is against the students, and how it ages. */
export function teacherSection(result: ExperimentResult): Section {
  const { teacherTask, teachers, freshness } = result;
  return {
    id: 'teacher',
    title: 'The teacher',
    paragraphs: [
      teachers.some(({ model }) => model === undefined)
        ? `From elsewhere: its logs of ${teacherTask} were given, and nothing else is known of it. s is the median age of the snapshots of a log, in whole days.`
        : `Trained on ${teacherTask} alone, on every example whose label was known. ${ageInWords(result)}`,
    ],
    tables: [
      modelTable(result),
      ...(teachers.length > 0 ? [logTable(teachers), standingTable(result)] : []),
      ...(freshness.length > 0 ? [freshnessTable(result)] : []),
    ],
  };
}

function ageInWords({ protocol: { snapshotsPerDay = 1 } }: ExperimentResult): string {
  if (snapshotsPerDay === 1)
    return 'Day d is labelled by the snapshot of the midnight before day d − s, which is s to s + 1 days behind the impressions that it labels.';
  const apart = formatTime(86_400 / snapshotsPerDay);
  return `Snapshots are ${apart} apart; an example is labelled by the last one before it, or by that of s days earlier.`;
}

function modelTable({ teachers, student }: ExperimentResult): PageTable {
  const sizes = [...new Map(teachers.map((teacher) => [teacher.size, teacher.model]))].sort(
    ([a], [b]) => a - b,
  );
  const row = (
    name: string,
    { fields, embeddingDim, hidden, parameters, flopsPerExample }: typeof student,
  ) => [
    name,
    String(fields.length),
    String(embeddingDim),
    hidden.join(', '),
    grouped(parameters),
    grouped(flopsPerExample),
  ];
  return {
    caption: 'Models; FLOP are those of the dense layers to serve one example',
    columns: [
      { title: 'model', align: 'left' },
      { title: 'fields' },
      { title: 'embedding_dim' },
      { title: 'hidden layers' },
      { title: 'parameters' },
      { title: 'FLOP/example' },
    ],
    rows: [
      row('student', student),
      ...sizes.flatMap(([size, model]) =>
        model ? [row(`teacher of size ${sizeInWords(size)}`, model)] : [],
      ),
    ],
  };
}

function logTable(teachers: readonly ExperimentTeacher[]): PageTable {
  return {
    caption:
      'Logs of the teacher: what they cover, in how many gaps they do not, and how far the snapshots were behind (least, median, most)',
    columns: [
      { title: 'size' },
      { title: 's' },
      { title: 'snapshots' },
      { title: 'labelled' },
      { title: 'without a label' },
      { title: 'covered, %' },
      { title: 'gaps' },
      { title: 'age, d' },
    ],
    rows: teachers.map(({ size, stalenessDays, snapshots, labelled, missing, gaps, ageDays }) => [
      sizeInWords(size),
      daysInWords(stalenessDays),
      String(snapshots),
      grouped(labelled),
      grouped(missing),
      ((100 * labelled) / (labelled + missing)).toFixed(2),
      gaps === undefined ? '' : grouped(gaps),
      ageDays
        ? `${ageDays.least.toFixed(2)} … ${ageDays.median.toFixed(2)} … ${ageDays.most.toFixed(2)}`
        : '',
    ]),
  };
}

/** Its logged predictions against the base arms, on the same rows and task. */
function standingTable({ teachers, teacherTask }: ExperimentResult): PageTable {
  return {
    caption: `Its logged predictions against the base arm of each vertical, on the same examples: ${teacherTask}`,
    columns: [
      { title: 'size' },
      { title: 's' },
      { title: 'of', align: 'left' },
      { title: 'NE' },
      { title: 'calibration' },
      { title: 'AUC' },
      { title: 'NE below base, %' },
    ],
    rows: teachers.flatMap(({ size, stalenessDays, union, verticals }) => {
      const head = [sizeInWords(size), daysInWords(stalenessDays)];
      return [
        [
          ...head,
          'every example',
          estimated(union.ne),
          estimated(union.calibration, 3),
          estimated(union.auc),
          '',
        ],
        ...verticals.map(({ vertical, ne, calibration, auc, gain }) => [
          ...head,
          vertical,
          estimated(ne),
          estimated(calibration, 3),
          estimated(auc),
          percentPoints(gain),
        ]),
      ];
    }),
  };
}

function freshnessTable({ freshness }: ExperimentResult): PageTable {
  return {
    caption: 'NE of the teacher by the age of its snapshot, on every example',
    columns: [{ title: 'age' }, { title: 'NE' }, { title: 'worse than the youngest, %' }],
    rows: freshness.map(({ lagDays, ne, worsening }) => [
      daysInWords(lagDays),
      estimated(ne),
      worsening ? percentPoints(worsening) : '',
    ]),
  };
}

/** What of a larger teacher's gain comes through to the students. */
export function transferSection(result: ExperimentResult): Section | undefined {
  const { transfer } = result;
  if (transfer.length === 0) return undefined;
  return {
    id: 'transfer',
    title: 'Transfer by size of the teacher',
    paragraphs: [
      'TR = ΔNE of the student / ΔNE of the teacher, both against the base arm on the same examples. Where the teacher is not surely better than the base, no ratio is defined.',
    ],
    tables: [
      {
        caption: 'Transfer ratio',
        columns: [
          { title: 'size' },
          { title: 'student', align: 'left' },
          { title: 's' },
          { title: 'teacher, %' },
          { title: 'student, %' },
          { title: 'TR' },
        ],
        rows: transfer.map((row) => [
          sizeInWords(row.size),
          `${titleOf(result, row.arm)}, ${row.task} in ${row.vertical}`,
          daysInWords(row.stalenessDays),
          percentPoints(row.teacherGain),
          percentPoints(row.studentGain),
          row.transferRatio ? estimated(row.transferRatio, 2) : 'not defined',
        ]),
      },
    ],
  };
}
