import { evidenceLevels } from '../../foundation/evidence.ts';
import { formatPercent } from '../../foundation/units.ts';
import { stackedBar } from './bars.ts';
import { fill, type Line } from './line.ts';
import { paragraph, table } from './table.ts';
import { clip, pad } from './text-width.ts';

/** Shares of a whole by evidence level. */
export interface ByEvidence {
  name: string;
  shares: Partial<Record<string, number>>;
}

/** One bar for each row, letters for the levels, and the shares in figures; strongest evidence first. */
export function evidenceBars(rows: readonly ByEvidence[], width: number): Line[] {
  if (rows.length === 0) return [];
  const nameWidth = Math.min(Math.floor(width / 2), Math.max(...rows.map(({ name }) => name.length)));
  const levels = evidenceLevels.filter((level) => rows.some(({ shares }) => (shares[level] ?? 0) > 0));
  const bars = rows.map(
    ({ name, shares }): Line => [
      pad(clip(name, nameWidth), nameWidth),
      '  ',
      ...stackedBar(
        evidenceLevels.map((level, index) => ({ letter: level[0], value: shares[level] ?? 0, index })),
        1,
        Math.max(4, width - nameWidth - 2),
      ),
    ],
  );
  const legend = table(
    [
      { title: '', align: 'left' },
      { title: 'rests on', align: 'left' },
      ...rows.map(({ name }) => ({ title: name })),
    ],
    levels.map((level) => [
      { text: level[0], tone: fill(evidenceLevels.indexOf(level)) },
      level,
      ...rows.map(({ shares }) => (shares[level] ? formatPercent(shares[level]) : '–')),
    ]),
    width,
  );
  return [
    ...bars,
    [''],
    ...legend,
    ...paragraph('from measured, the strongest, to assumed, the weakest', width, 'faint'),
  ];
}
