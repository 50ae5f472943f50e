import { formatTime } from '../../../foundation/units.ts';
import { type AnsweredArm, labelledTasks } from '../../distillation/arms.ts';
import { inPercent, rangeInPercent } from '../../distillation/figures.ts';
import { ageText } from '../../distillation/pipeline-tables.ts';
import { secondsOf, stepsOf, stepTable } from '../../distillation/step-tables.ts';
import { gainPartsTable, verticalName } from '../../distillation/vertical-tables.ts';
import { intervalBar, stackedBar } from '../bars.ts';
import { fill, type Line } from '../line.ts';
import { paragraph, table } from '../table.ts';
import { clip, pad } from '../text-width.ts';
import { titledLines } from './titled-lines.ts';

const ages = [
  ['w', 'waiting for labels', 'trainingWindowS'],
  ['b', 'backlog of training', 'trainingBacklogS'],
  ['p', 'publish and load', 'publishS'],
  ['u', 'in use', 'inUseS'],
] as const;

/** Where the age of the teacher comes from: one bar, and what its letters stand for. */
export function ageLines({ answer }: AnsweredArm, width: number): Line[] {
  const { ageParts, teacherAgeS } = answer.pipeline.figures.labelling;
  if (!ageParts || !teacherAgeS) return [['no label was made']];
  const parts = ages.map(([letter, name, key], index) => ({
    letter,
    name,
    index,
    value: ageParts[key].mean,
  }));
  const total = parts.reduce((sum, { value }) => sum + value, 0);
  return [
    stackedBar(parts, total, width),
    ...table(
      [{ title: '', align: 'left' }, { title: 'mean age', align: 'left' }, { title: '' }],
      [
        ...parts.map(({ letter, name, index, value }) => [
          { text: letter, tone: fill(index) },
          name,
          ageText({ mean: value }),
        ]),
        ['', 'all', formatTime(teacherAgeS.mean.mean)],
        ['', 'p50', formatTime(teacherAgeS.p50.mean)],
        ['', 'p99', formatTime(teacherAgeS.p99.mean)],
      ],
      width,
    ),
  ];
}

const nameColumns = 22;

/** Gains of the tasks as bars with their ranges, and what they are made of. */
export function gainLines(arm: AnsweredArm, width: number): Line[] {
  const gains = arm.answer.verticals.flatMap((vertical) =>
    labelledTasks(vertical).map(({ name, quality }) => ({
      name: `${name} of ${verticalName(vertical)}`,
      gain: quality.parts.gain,
    })),
  );
  const most = Math.max(0, ...gains.map(({ gain }) => gain.high));
  const barWidth = Math.max(6, width - nameColumns - 30);
  const bars =
    most > 0
      ? gains.map(({ name, gain: { value, low, high } }): Line => {
          const estimate = { mean: value, low: Math.max(0, low), high };
          return [
            pad(clip(name, nameColumns), nameColumns),
            '  ',
            ...intervalBar(estimate, { most, width: barWidth, tone: 'accent' }),
            `  ${inPercent(value)} % (${rangeInPercent({ value, low, high })})`,
          ];
        })
      : [];
  return [...bars, [''], ...titledLines(gainPartsTable(arm), width)];
}

const kinds = [
  ['c', 'compute'],
  ['x', 'communication'],
  ['i', 'input'],
] as const;

/** Steps as bars of what lengthens them, and their figures. */
export function stepLines(arm: AnsweredArm, width: number): Line[] {
  const barWidth = Math.max(6, width - nameColumns - 12);
  const bars = stepsOf(arm).map(({ name, step }): Line => {
    const whole = secondsOf(step);
    const parts = kinds.map(([letter, kind], index) => ({
      letter,
      index,
      value: step.parts.reduce((sum, part) => (part.kind === kind ? sum + part.exposedS : sum), 0),
    }));
    return [
      pad(clip(name, nameColumns), nameColumns),
      '  ',
      ...stackedBar(parts, whole, barWidth),
      `  ${formatTime(whole)}`,
    ];
  });
  return [
    ...bars,
    ...paragraph('c compute, x exposed communication, i exposed input', width, 'faint'),
    [''],
    ...titledLines(stepTable(arm), width),
  ];
}
