import type { ComparedPair } from '../../sim/compare/comparison-result.ts';
import { figureRow } from '../comparison-tables.ts';
import { type Line, type Piece, strong } from './line.ts';
import { plainPercent } from './short-numbers.ts';
import { type Fact, facts, paragraph, sections, table } from './table.ts';

/** A pair of which only figures are known, as those of a sweep. */
export type FigurePair = Pick<ComparedPair, 'figures' | 'paired' | 'meaningless'> & {
  a: { name: string };
  b: { name: string };
};

const groups = [
  ['latency', 'Latency and load'],
  ['compute', 'Work of a request'],
  ['fleet', 'Fleet'],
] as const;

/**
 * Two items side by side: every figure with its difference, and whether that is told from zero.
 * @param confidence of the intervals, where it is known
 */
export function comparedLines(pair: FigurePair, confidence: number | undefined, width: number): Line[] {
  const { a, b, paired, meaningless, figures } = pair;
  const how = paired ? 'paired by replication' : 'of A and B as if independent';
  return [
    [strong('A  '), a.name],
    [strong('B  '), b.name],
    ...(meaningless === undefined
      ? []
      : paragraph(`Latencies cannot be compared. ${meaningless}`, width, 'doubtful')),
    ...paragraph(
      `Differences are B − A, ± the ${confidence === undefined ? '' : `${plainPercent(confidence)} `}interval, ${how}; ≠: told from zero, =: the interval holds zero.`,
      width,
      'faint',
    ),
    [''],
    ...sections(
      width,
      ...groups.map(
        ([group, title]) =>
          [
            title,
            figureLines(
              figures.filter((figure) => figure.group === group),
              width,
            ),
          ] as const,
      ),
    ),
  ];
}

/** Fewer columns are too few for both sides with their intervals. */
const leastTable = 66;

function figureLines(figures: ComparedPair['figures'], width: number): Line[] {
  if (figures.length === 0) return [];
  return width < leastTable ? figureFacts(figures, width) : figureTable(figures, width);
}

function figureTable(figures: ComparedPair['figures'], width: number): Line[] {
  return table(
    [
      { title: '', align: 'left', shrinks: true },
      { title: 'A' },
      { title: 'B' },
      { title: 'B − A', optional: true },
      { title: 'B − A, %' },
    ],
    figures.map((figure): Piece[] => {
      const [title, a, b, difference, relative, differs] = figureRow(figure);
      const change = signOf(differs) + relative;
      return [title, a, b, difference, differs === 'yes' ? { text: change, tone: 'accent' } : change];
    }),
    width,
  );
}

/** Whether a difference is told from zero. */
function signOf(differs: string): string {
  return differs === 'yes' ? '≠ ' : differs === 'no' ? '= ' : '';
}

/** Both sides without their intervals, and below them the difference with its own. */
function figureFacts(figures: ComparedPair['figures'], width: number): Line[] {
  return facts(
    figures.map((figure): Fact => {
      const [title, a, b, difference, relative, differs] = figureRow(figure);
      const [mean, half] = relative.split(' ');
      const percent = half === undefined ? `${mean} %` : `${mean} % ${half}`;
      const change = relative === '–' ? difference : percent;
      return [title, `${withoutInterval(a)} → ${withoutInterval(b)}\n${signOf(differs)}${change}`];
    }),
    width,
  );
}

function withoutInterval(text: string): string {
  return text.split(' ')[0];
}
