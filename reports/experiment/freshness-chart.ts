import type { ExperimentResult } from '../../sim/training/experiment-result.ts';
import type { Absence, Chart } from '../charts/chart.ts';
import { intervalsOf } from './gain-sections.ts';
import { type LinePanel, linePanelChart } from './line-panel.ts';
import { change, days, ratio } from './quantities.ts';
import { daysInWords, estimated, percentInText, widest } from './wording.ts';

const id = 'ne-by-lag';
const title = 'The teacher by the age of its snapshot';

/** How the teacher worsens with its age, and how its log stands against the students that it is for. */
export function freshnessChart(result: ExperimentResult): Chart | Absence {
  const { freshness } = result;
  if (freshness.length === 0) return { title, reason: 'the teacher was not measured by its age' };
  const standing = standingPanel(result);
  const panels = [agePanel(result), ...(standing.lines.length > 0 ? [standing] : [])];
  const note = `Above, NE of the teacher on every example of the days that count, by the age of its snapshot. Below, how far NE of its log is below that of the base arm on the same examples of a vertical: above zero the teacher is better. Whiskers: the widest of the ${intervalsOf(result)}; of NE itself, over seeds.`;
  return linePanelChart(
    {
      id,
      title,
      note,
      table: {
        columns: [
          { title: 'of', align: 'left' },
          { title: 'age' },
          { title: 'NE', align: 'left' },
          { title: 'difference', align: 'left' },
        ],
        rows: [
          ...freshness.map(({ lagDays, ne, worsening }) => [
            'every example',
            daysInWords(lagDays),
            estimated(ne),
            worsening ? `worse by ${percentInText(worsening)}` : '',
          ]),
          ...usualTeachers(result).flatMap(({ stalenessDays, verticals }) =>
            verticals.map(({ vertical, ne, gain }) => [
              vertical,
              daysInWords(stalenessDays),
              estimated(ne),
              `below base by ${percentInText(gain)}`,
            ]),
          ),
        ],
      },
    },
    panels,
  );
}

function agePanel({ freshness, teacherTask }: ExperimentResult): LinePanel {
  return {
    title: `NE on every example, ${teacherTask}`,
    lines: [
      {
        name: 'teacher',
        points: freshness.map(({ lagDays, ne, worsening }) => ({
          x: lagDays,
          y: { ...ne },
          lines: [
            `${daysInWords(lagDays)} old`,
            `NE ${estimated(ne)}`,
            ...(worsening ? [`worse than the youngest by ${percentInText(worsening)}`] : []),
          ],
        })),
      },
    ],
    x: { name: 'age of the snapshot', quantity: days },
    y: { name: 'NE', quantity: ratio },
    hasZero: false,
  };
}

function usualTeachers({ teachers }: ExperimentResult) {
  return teachers.filter(({ size }) => size === 1).sort((a, b) => a.stalenessDays - b.stalenessDays);
}

function standingPanel(result: ExperimentResult): LinePanel {
  const teachers = usualTeachers(result);
  const verticals = [...new Set(teachers.flatMap((teacher) => teacher.verticals.map((one) => one.vertical)))];
  return {
    title: 'NE of the log below that of the base arm',
    lines: verticals.map((vertical) => ({
      name: vertical,
      points: teachers.flatMap(({ stalenessDays, verticals: all }) =>
        all
          .filter((one) => one.vertical === vertical)
          .map(({ gain, ne }) => ({
            x: stalenessDays,
            y: widest(gain),
            lines: [
              `${vertical}, s = ${daysInWords(stalenessDays)}`,
              `NE ${estimated(ne)}`,
              `below base by ${percentInText(gain)}`,
            ],
          })),
      ),
    })),
    x: { name: 's', quantity: days },
    y: { name: 'below base', quantity: change },
    hasZero: true,
    isDodged: true,
  };
}
