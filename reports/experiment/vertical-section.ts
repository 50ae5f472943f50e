import { grouped } from '../../foundation/counted.ts';
import type { ExperimentResult } from '../../sim/training/experiment-result.ts';
import type { PageTable, Section } from '../html/content.ts';
import { cellOf, type GainedCell, gainingArms, isGained, tasksOf, titleOf, usualCells } from './cells.ts';
import { agesOf, ageTitle } from './gain-sections.ts';
import { estimated, percentPoints } from './wording.ts';

type Vertical = ExperimentResult['source']['verticals'][number];

/** Gains of every vertical that one teacher serves, by an arm that all of them have. */
export function verticalSection(result: ExperimentResult): Section | undefined {
  const cells = usualCells(result).filter(isGained);
  const trained = result.source.verticals.filter(({ name }) =>
    cells.some(({ vertical }) => vertical === name),
  );
  const tables = tasksOf(result).flatMap((task) => {
    const ofTask = cells.filter((cell) => cell.task === task);
    const arm = commonArm(result, ofTask, trained);
    return arm === undefined ? [] : [tableOf(result, task, arm, trained)];
  });
  if (trained.length === 0 || tables.length === 0) return undefined;
  return {
    id: 'verticals',
    title: 'One teacher, several verticals',
    paragraphs: ['By an arm that every vertical has, at the ages at which all of them have it.'],
    tables,
  };
}

/** The plain auxiliary head, where every vertical has it; else the first arm that they all have. */
function commonArm(
  result: ExperimentResult,
  cells: readonly GainedCell[],
  trained: readonly Vertical[],
): string | undefined {
  const arms = gainingArms(result).filter(({ id }) => commonAges(cells, id, trained).length > 0);
  return (arms.find(({ id }) => id === 'ah') ?? arms[0])?.id;
}

/** Ages at which every vertical has an arm. */
function commonAges(
  cells: readonly GainedCell[],
  arm: string,
  trained: readonly Vertical[],
): (number | undefined)[] {
  const own = cells.filter((cell) => cell.arm === arm);
  return agesOf(own).filter((age) =>
    trained.every(({ name }) =>
      own.some(({ vertical, stalenessDays }) => vertical === name && stalenessDays === age),
    ),
  );
}

function tableOf(
  result: ExperimentResult,
  task: string,
  arm: string,
  trained: readonly Vertical[],
): PageTable {
  const ofTask = usualCells(result).filter((cell) => cell.task === task);
  const ages = commonAges(ofTask.filter(isGained), arm, trained);
  return {
    caption: `Gain of ${titleOf(result, arm)}, %: ${task}`,
    columns: [
      { title: 'vertical', align: 'left' },
      { title: 'examples' },
      { title: 'NE of base' },
      ...ages.map((age) => ({ title: ageTitle(age) })),
    ],
    rows: trained.map(({ name, examples }) => {
      const own = ofTask.filter(({ vertical }) => vertical === name);
      const base = own.find((cell) => cell.arm === 'base');
      return [
        name,
        grouped(examples),
        base ? estimated(base.ne) : '',
        ...ages.map((age) => percentPoints(cellOf(own, arm, age)!.gain!)),
      ];
    }),
  };
}
