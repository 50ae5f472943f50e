import type { ExperimentCell, ExperimentResult } from '../../sim/training/experiment-result.ts';
import type { Absence, Chart } from '../charts/chart.ts';
import { drawnRows } from '../charts/rows.ts';
import { gainingArms, panelsOf, periodMiddles, titleOf } from './cells.ts';
import { type Line, type LinePanel, linePanelChart } from './line-panel.ts';
import { change, dayNumber, ratio } from './quantities.ts';
import { daysInWords } from './wording.ts';

const mostPanels = 3;

/** NE of the base and gains of the arms from one period of days to the next. */
export function overTimeChart(result: ExperimentResult, task: string, index: number): Chart | Absence {
  const title = `Over time: ${task}`;
  const panels = panelsOf(result).filter((panel) => panel.task === task);
  const age = shownAge(panels.flatMap(({ cells }) => cells));
  const all = panels.flatMap(({ vertical, cells }) => {
    const base = cells.find(({ arm }) => arm === 'base');
    return base && base.series.length > 1 ? [{ vertical, cells, base }] : [];
  });
  if (all.length === 0) return { title, reason: 'the days that count make fewer than two periods' };
  const { shown, omitted } = drawnRows(all, mostPanels, 'verticals');
  const teacher = teacherLine(result, age, task);
  const gains = shown.map(({ vertical, cells, base }) => gainPanel(result, vertical, cells, base, age));
  const drawn: LinePanel[] = [
    {
      title: 'NE of base, and of the teacher’s log',
      lines: [
        ...shown.map(({ vertical, base }) => neLine(result, `base, ${vertical}`, base.series)),
        ...teacher,
      ],
      x: { name: 'day of the stream', quantity: dayNumber },
      y: { name: 'NE', quantity: ratio },
      hasZero: false,
    },
    ...gains.filter(({ lines }) => lines.length > 0),
  ];
  const id = `over-time-${index + 1}`;
  const ageWords = age === undefined ? '' : ` and a teacher ${daysInWords(age)} old`;
  const note = `Means over seeds of each ${daysInWords(result.protocol.periodDays)} of the days that count, on ${task}${ageWords}. Above, NE of the base arms${teacher.length > 0 ? ' and of the teacher on every example' : ''}; below, how far NE of the arms is below that. A single period has no interval; days before the first do not count.${omitted}`;
  return linePanelChart(
    {
      id,
      title,
      note,
      table: {
        columns: [{ title: 'of', align: 'left' }, { title: 'day' }, { title: 'value', align: 'left' }],
        rows: drawn.flatMap((panel) =>
          panel.lines.flatMap(({ name, points }) =>
            points.map(({ x, lines }) => [
              `${panel.title}: ${name}`,
              dayNumber.format(x),
              lines[lines.length - 1],
            ]),
          ),
        ),
      },
    },
    drawn,
  );
}

/** An age that the arms have: a day, where it is among them, else the least. */
function shownAge(cells: readonly ExperimentCell[]): number | undefined {
  const ages = cells.flatMap(({ stalenessDays }) => stalenessDays ?? []);
  if (ages.length === 0) return undefined;
  return ages.includes(1) ? 1 : Math.min(...ages);
}

function neLine(result: ExperimentResult, name: string, series: readonly (number | null)[]): Line {
  const middles = periodMiddles(result, series.length);
  return {
    name,
    points: series.map((ne, period) => ({
      x: middles[period],
      y: { mean: ne ?? Number.NaN },
      lines: [name, `around ${dayNumber.format(middles[period])}`, `NE ${ratio.format(ne ?? Number.NaN)}`],
    })),
  };
}

/** The teacher's own task only: its NE on another would be that of another question. */
function teacherLine(result: ExperimentResult, age: number | undefined, task: string): Line[] {
  const teacher = result.teachers.find(({ size, stalenessDays }) => size === 1 && stalenessDays === age);
  if (!teacher || task !== result.teacherTask) return [];
  return [neLine(result, `teacher, s = ${daysInWords(teacher.stalenessDays)}`, teacher.series)];
}

function gainPanel(
  result: ExperimentResult,
  vertical: string,
  cells: readonly ExperimentCell[],
  base: ExperimentCell,
  age: number | undefined,
): LinePanel {
  const arms = gainingArms(result).filter(({ isControl }) => !isControl);
  const middles = periodMiddles(result, base.series.length);
  return {
    title: `NE below base, ${vertical}${age === undefined ? '' : `, s = ${daysInWords(age)}`}`,
    lines: arms.flatMap(({ id }) => {
      const cell = cells.find(({ arm, stalenessDays }) => arm === id && stalenessDays === age);
      if (!cell) return [];
      const name = titleOf(result, id);
      const points = cell.series.map((ne, period) => {
        const gain = 1 - (ne ?? Number.NaN) / (base.series[period] ?? Number.NaN);
        return {
          x: middles[period],
          y: { mean: gain },
          lines: [name, `around ${dayNumber.format(middles[period])}`, change.format(gain)],
        };
      });
      return [{ name, points }];
    }),
    x: { name: 'day of the stream', quantity: dayNumber },
    y: { name: 'below base', quantity: change },
    hasZero: true,
  };
}
