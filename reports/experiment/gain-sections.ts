import type { ExperimentCell, ExperimentResult } from '../../sim/training/experiment-result.ts';
import type { PageTable, Section } from '../html/content.ts';
import type { Column } from '../text-table.ts';
import { cellOf, gainingArms, isGained, type Panel, panelsOf, titleOf } from './cells.ts';
import { comparedWith, controlsInWords, rowsWithControls } from './controls.ts';
import { daysInWords, estimated, levelInWords, percentPoints, signed } from './wording.ts';

/** Tasks and verticals whose tables a terminal has room for. */
const mostPanels = 6;

/** Gains of every arm by the age of its teacher, and what they did to calibration and AUC. */
export function gainSection(result: ExperimentResult, isBrief: boolean): Section {
  const { panels, omitted } = shownPanels(result, isBrief);
  const gain = ({ gain }: ExperimentCell) => (gain ? percentPoints(gain) : '');
  return {
    id: 'gains',
    title: 'Gains of the arms',
    paragraphs: [
      `Reduction of NE against the base arm, in % of its NE, by the age s of the teacher’s snapshot; above zero is better. In brackets the widest of the ${intervalsOf(result)}.${omitted}`,
    ],
    tables: [
      ...panels.map((panel) => matrix(result, panel, 'Gain, %', gain)),
      ...panels.map((panel) => calibrationTable(result, panel)),
      ...(isBrief ? [] : panels).map((panel) =>
        matrix(result, panel, 'AUC less that of base, in 0.01', (cell) =>
          cell.aucGain ? percentPoints(cell.aucGain) : '',
        ),
      ),
    ],
  };
}

/** Those that a terminal has room for, and a sentence on the rest. */
function shownPanels(result: ExperimentResult, isBrief: boolean): { panels: Panel[]; omitted: string } {
  const all = panelsOf(result);
  if (!isBrief || all.length <= mostPanels) return { panels: all, omitted: '' };
  return {
    panels: all.slice(0, mostPanels),
    omitted: ` These are ${mostPanels} of ${all.length} pairs of task and vertical; --html, --markdown and --csv have all.`,
  };
}

/** `95 % intervals: paired over seeds, and paired over blocks of days`. */
export function intervalsOf({ protocol }: ExperimentResult): string {
  const { level, seeds, bootstrap } = protocol;
  const overSeeds = seeds.length > 1 ? [`paired over ${seeds.length} seeds`] : [];
  const overDays =
    bootstrap.resamples > 0 ? [`paired by bootstrap over blocks of ${daysInWords(bootstrap.blockDays)}`] : [];
  const ways = [...overSeeds, ...overDays];
  return ways.length === 0
    ? 'intervals: there are none from a single seed without a bootstrap'
    : `${levelInWords(level)} intervals, ${ways.join(' and ')}`;
}

/** Ages of the teachers of some students, youngest first; what has no log of a teacher comes before them. */
export function agesOf(cells: readonly ExperimentCell[]): (number | undefined)[] {
  const ages = [...new Set(cells.map(({ stalenessDays }) => stalenessDays))];
  const known = ages.filter((age) => age !== undefined).sort((a, b) => a - b);
  return ages.includes(undefined) ? [undefined, ...known] : known;
}

export function ageTitle(age: number | undefined): string {
  return age === undefined ? 'no log' : `s = ${daysInWords(age)}`;
}

/** Arms down, ages of the teacher across. */
function matrix(
  result: ExperimentResult,
  { title, cells }: Panel,
  what: string,
  show: (cell: ExperimentCell) => string,
): PageTable {
  const arms = gainingArms(result).filter(({ isControl }) => !isControl);
  const shown = cells.filter(({ arm }) => arms.some(({ id }) => id === arm));
  const ages = agesOf(shown);
  return {
    caption: `${what}: ${title}`,
    columns: [armColumn, ...ages.map((age) => ({ title: ageTitle(age) }))],
    rows: arms.map(({ id, title: name }) => [
      name,
      ...ages.map((age) => {
        const cell = cellOf(shown, id, age);
        return cell ? show(cell) : '';
      }),
    ]),
  };
}

const armColumn: Column = { title: 'arm', align: 'left' };

/** Calibrations stand beside that of the base, which has no teacher. */
function calibrationTable(result: ExperimentResult, { title, cells }: Panel): PageTable {
  const ages = agesOf(cells.filter(({ stalenessDays }) => stalenessDays !== undefined));
  const base = cells.find(({ arm }) => arm === 'base');
  const arms = gainingArms(result).filter(({ isControl }) => !isControl);
  return {
    caption: `Calibration Σp/Σy, 1 being right: ${title}`,
    columns: [armColumn, ...ages.map((age) => ({ title: ageTitle(age) }))],
    rows: [
      ...(base ? [['base', ...ages.map(() => estimated(base.calibration, 3))]] : []),
      ...arms.map(({ id, title: name }) => [
        name,
        ...ages.map((age) => {
          const cell = cellOf(cells, id, age);
          return cell ? estimated(cell.calibration, 3) : '';
        }),
      ]),
    ],
  };
}

/** Controls below the arms that they stand beside. */
export function controlSection(result: ExperimentResult, isBrief: boolean): Section | undefined {
  const { panels, omitted } = shownPanels(result, isBrief);
  const tables = panels.flatMap((panel) => controlTable(result, panel) ?? []);
  if (tables.length === 0) return undefined;
  return {
    id: 'controls',
    title: 'Controls: what else may explain a gain',
    paragraphs: [
      `Gains in % as above, each control below its arm. An arm is ahead where it gains more than the control with the same seed; what has no log of a teacher is compared at every age.${omitted}`,
    ],
    tables,
    points: controlsInWords(result),
  };
}

function controlTable(result: ExperimentResult, panel: Panel): PageTable | undefined {
  const rows = rowsWithControls(result, panel);
  if (rows.length === 0) return undefined;
  const shown = panel.cells.filter(({ arm }) => rows.some(({ id }) => id === arm));
  const ages = agesOf(shown.filter(isGained));
  return {
    caption: panel.title,
    columns: [
      { title: 'arm, · its controls', align: 'left' },
      ...ages.map((age) => ({ title: ageTitle(age) })),
      { title: 'arm ahead by' },
      { title: 'in seeds × ages' },
    ],
    rows: rows.map(({ id, of }) => [
      `${of === undefined ? '' : '· '}${titleOf(result, id)}`,
      ...ages.map((age) => {
        const gain = cellOf(shown, id, age)?.gain;
        return gain ? percentPoints(gain) : '';
      }),
      ...leadCells(panel, id, of),
    ]),
  };
}

function leadCells({ cells }: Panel, control: string, arm: string | undefined): string[] {
  const all = arm === undefined ? [] : comparedWith(cells, { arm, control });
  if (all.length === 0) return ['', ''];
  const sum = (of: (one: (typeof all)[number]) => number) => all.reduce((total, one) => total + of(one), 0);
  return [
    signed((100 * sum(({ lead }) => lead)) / all.length, 2),
    `${sum((one) => one.ahead)} of ${sum((one) => one.seeds)}`,
  ];
}
