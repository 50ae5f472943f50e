import type { ExperimentResult } from '../../sim/training/experiment-result.ts';
import { type Axis, zeroBasedAxis } from '../charts/axis.ts';
import type { Absence, Chart } from '../charts/chart.ts';
import { axisBelow, axisRoom, drawing, width } from '../charts/drawing.ts';
import { drawnRows, nameRoom, panelTitle, rowName } from '../charts/rows.ts';
import { legend, type Series, seriesOf, symbol, symbolSwatch } from '../charts/series.ts';
import { line } from '../charts/svg.ts';
import { whiskerAcross } from '../charts/whisker.ts';
import {
  type ExperimentArm,
  type GainedCell,
  gainingArms,
  isGained,
  kinship,
  panelsOf,
  titleOf,
} from './cells.ts';
import { intervalsOf } from './gain-sections.ts';
import { change } from './quantities.ts';
import { daysInWords, percentInText, widest } from './wording.ts';

const title = 'Gain by arm';
const lineHeight = 11;
const rowGap = 12;
const panelRoom = 40;
const mostPanels = 6;

interface Row {
  arm: ExperimentArm;
  cells: GainedCell[];
}

interface DrawnPanel {
  vertical: string;
  rows: Row[];
}

/** Gains of every arm and control on a task, by the age of the teacher, with their intervals. */
export function gainChart(result: ExperimentResult, task: string, index: number): Chart | Absence {
  const name = `${title}: ${task}`;
  const panels = panelsOf(result)
    .filter((panel) => panel.task === task)
    .map(({ vertical, cells }) => ({ vertical, rows: rowsOf(result, cells.filter(isGained)) }))
    .filter(({ rows }) => rows.length > 0);
  if (panels.length === 0) return { title: name, reason: 'no arm but the base was run' };
  const { shown, omitted } = drawnRows(panels, mostPanels, 'verticals');
  const ages = [...new Set(panels.flatMap(({ rows }) => rows).flatMap(({ cells }) => cells.map(ageOf)))];
  ages.sort((a, b) => (a ?? -1) - (b ?? -1));
  const series = seriesOf(ages.map(ageName), []);
  const key = legend(
    series.map((one) => ({ name: one.name, swatch: symbolSwatch(one) })),
    { left: 0, right: width, y: 12 },
  );
  const layout = layoutOf(shown, key.height);
  const x = zeroBasedAxis({
    values: shown.flatMap(({ rows }) => rows).flatMap(({ cells }) => cells.flatMap(extent)),
    range: [nameRoom, width - 12],
    quantity: change,
    name: 'NE below that of base',
  });
  const id = `gain-by-arm-${index + 1}`;
  const note = `How far NE is below that of the base arm on ${task}, ${kinship(result, task)}: right of zero is better. Whiskers: the widest of the ${intervalsOf(result)}. s is the age of the teacher’s snapshot; controls stand below the arms.${omitted}`;
  const svg = drawing(
    { id, title: name, note, height: layout.bottom + axisRoom },
    key.svg,
    axisBelow(x, { left: nameRoom, right: width - 12, top: key.height + 8, bottom: layout.bottom }),
    line(x.at(0), key.height + 8, x.at(0), layout.bottom, 'zero'),
    ...layout.panels.map((panel) => panelTitle(panel.vertical, 0, panel.top)),
    ...layout.rows.map((row) => drawnRow(row, x, ages, series)),
  );
  return { id, title: name, note, svg, table: tableOf(result, panels) };
}

function rowsOf(result: ExperimentResult, cells: readonly GainedCell[]): Row[] {
  return gainingArms(result)
    .map((arm) => ({ arm, cells: cells.filter((cell) => cell.arm === arm.id) }))
    .filter((row) => row.cells.length > 0)
    .sort((a, b) => Number(a.arm.isControl) - Number(b.arm.isControl));
}

function layoutOf(panels: readonly DrawnPanel[], from: number) {
  let y = from + 8;
  const titles: { vertical: string; top: number }[] = [];
  const rows: (Row & { top: number; height: number })[] = [];
  for (const { vertical, rows: own } of panels) {
    titles.push({ vertical, top: y + 22 });
    y += panelRoom - 8;
    for (const row of own) {
      const height = Math.max(34, row.cells.length * lineHeight + rowGap);
      rows.push({ ...row, top: y, height });
      y += height;
    }
  }
  return { panels: titles, rows, bottom: y + 6 };
}

function drawnRow(
  { arm, cells, top, height }: Row & { top: number; height: number },
  x: Axis,
  ages: readonly (number | undefined)[],
  series: readonly Series[],
): string {
  const middle = top + height / 2;
  const sorted = [...cells].sort((a, b) => (ageOf(a) ?? -1) - (ageOf(b) ?? -1));
  const first = middle - ((sorted.length - 1) * lineHeight) / 2;
  return [
    rowName(
      arm.title,
      arm.isControl ? 'control' : arm.description,
      middle,
      arm.isControl ? 'label' : 'label strong',
    ),
    ...sorted.map((cell, index) => {
      const y = first + index * lineHeight;
      const { mean } = cell.gain;
      if (!Number.isFinite(mean)) return '';
      return (
        whiskerAcross(widest(cell.gain), x, y) +
        symbol(series[ages.indexOf(ageOf(cell))], x.at(mean), y, linesOf(arm, cell))
      );
    }),
  ].join('');
}

function linesOf({ title: name, description }: ExperimentArm, cell: GainedCell): string[] {
  const side = { above: 'surely better than base', below: 'surely worse than base', open: 'open' }[
    cell.gain.side
  ];
  return [
    `${name}, ${ageName(ageOf(cell))}`,
    description,
    `gain ${percentInText(cell.gain)}, ${side}`,
    `NE ${cell.ne.mean.toFixed(4)}, calibration ${cell.calibration.mean.toFixed(3)}`,
  ];
}

function extent({ gain }: GainedCell): number[] {
  const { mean, low = mean, high = mean } = widest(gain);
  return [mean, low, high];
}

function ageOf({ stalenessDays }: GainedCell): number | undefined {
  return stalenessDays;
}

function ageName(age: number | undefined): string {
  return age === undefined ? 'no log of a teacher' : `s = ${daysInWords(age)}`;
}

function tableOf(result: ExperimentResult, panels: readonly DrawnPanel[]): Chart['table'] {
  return {
    columns: [
      { title: 'vertical', align: 'left' },
      { title: 'arm', align: 'left' },
      { title: 'teacher', align: 'left' },
      { title: 'gain', align: 'left' },
      { title: 'NE' },
      { title: 'calibration' },
    ],
    rows: panels.flatMap(({ vertical, rows }) =>
      rows.flatMap(({ cells }) =>
        cells.map((cell) => [
          vertical,
          titleOf(result, cell.arm),
          ageName(ageOf(cell)),
          percentInText(cell.gain),
          cell.ne.mean.toFixed(4),
          cell.calibration.mean.toFixed(3),
        ]),
      ),
    ),
  };
}
