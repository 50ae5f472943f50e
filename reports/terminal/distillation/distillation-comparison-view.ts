import type {
  DistillationComparison,
  DistilledPair,
} from '../../../sim/training/comparison/distillation-comparison-result.ts';
import { distillationComparisonInWords } from '../../distillation/comparison/comparison-in-words.ts';
import { figureOf, figureTables, inputTable, pairName } from '../../distillation/comparison/figure-tables.ts';
import { type Line, strong } from '../line.ts';
import { short } from '../short-numbers.ts';
import { doubtful, type Status } from '../status.ts';
import { always, never, type SubjectView, type Tab } from '../subject-view.ts';
import { paragraph, sections } from '../table.ts';
import { comparedDistillationLines } from './compared-distillation-lines.ts';
import { titledLines } from './titled-lines.ts';

/** A comparison of two answers about distillation: its pairs of arms. */
export function distillationComparisonView(comparison: DistillationComparison): SubjectView {
  const { pairs, a, b, confidence } = comparison;
  const gain = (pair: DistilledPair) => figureOf(pair, 'gain');
  const inPercent = (value: number | undefined) => short(value === undefined ? undefined : value * 100);
  const unanswered = (index: number) =>
    pairs[index].figures.length === 0 ? 'one of the arms does not fit, so nothing was simulated' : undefined;
  const ofGroups = (...titles: readonly string[]): Tab => ({
    missing: unanswered,
    lines: ({ index, width }) =>
      sections(
        width,
        ...figureTables(pairs[index])
          .filter(({ title }) => titles.includes(title))
          .map((table) => [table.title, titledLines(table, width)] as const),
      ),
  });
  return {
    title: `comparison ${a.scenario === b.scenario ? a.scenario : `${a.scenario} and ${b.scenario}`}`,
    goal: 'gain in NE of A and of B',
    what: 'pair',
    size: pairs.length,
    start: 0,
    baseline: 0,
    hasLongNames: false,
    figureTitles: ['A %', 'B %', 'B − A'],
    key: (index) => pairName(pairs[index]),
    item: (index) => {
      const figure = gain(pairs[index]);
      return {
        name: pairName(pairs[index]),
        status: statusOf(pairs[index]),
        figures: [figure?.a?.mean, figure?.b?.mean, figure?.difference?.mean].map(inPercent),
      };
    },
    searchText: (index) => `${pairName(pairs[index])} ${statusOf(pairs[index]).word}`.toLowerCase(),
    sorts: [
      { title: 'gain', of: (index) => gain(pairs[index])?.difference?.mean },
      { title: 'cost', of: (index) => figureOf(pairs[index], 'extraUsdPerDay')?.difference?.mean },
      { title: 'name', of: (index) => pairName(pairs[index]) },
    ],
    tabs: {
      overview: always(({ index, width }) => overviewLines(comparison, index, width)),
      latency: ofGroups('Freshness of labels', 'Queues and store'),
      breakdown: ofGroups('Training steps'),
      shards: never('tables of a training step lie on all its accelerators'),
      fleet: ofGroups('Cost'),
      evidence: never('a comparison keeps no evidence: look at either result'),
      compare: {
        missing: unanswered,
        lines: ({ index, width }) => comparedDistillationLines(pairs[index], confidence, width),
      },
    },
  };
}

function overviewLines(comparison: DistillationComparison, index: number, width: number): Line[] {
  const pair = comparison.pairs[index];
  const sentences = distillationComparisonInWords(comparison);
  const { a, b, warnings, unmatched } = comparison;
  return [
    ...paragraph(sentences[Math.min(index, sentences.length - 1)], width),
    [''],
    ...warnings.flatMap((text) => paragraph(`${text}.`, width, 'doubtful')),
    [strong(`A  ${pair.a.name}`), `  ${pair.a.verdict.state}`],
    ...paragraph(`${a.source}, ${a.kind}, seed ${a.seed}, ${a.replications} replications`, width, 'faint'),
    [strong(`B  ${pair.b.name}`), `  ${pair.b.verdict.state}`],
    ...paragraph(`${b.source}, ${b.kind}, seed ${b.seed}, ${b.replications} replications`, width, 'faint'),
    [''],
    ...sections(
      width,
      [
        'What was asked differently',
        pair.inputs.length === 0 ? [['nothing']] : titledLines(inputTable(pair), width),
      ],
      [
        'Arms without a partner',
        (['a', 'b'] as const).flatMap((side) =>
          unmatched[side].length > 0
            ? paragraph(`only ${side.toUpperCase()}: ${unmatched[side].join(', ')}`, width)
            : [],
        ),
      ],
    ),
  ];
}

function statusOf(pair: DistilledPair): Status {
  const { difference, significant } = figureOf(pair, 'gain') ?? {};
  if (pair.meaningless !== undefined || !difference) return doubtful('MEANINGLESS');
  if (significant === undefined) return doubtful('NO INTERVAL');
  if (!significant || difference.mean === 0) return { sign: '=', word: 'LEVEL', tone: 'faint' };
  return difference.mean > 0
    ? { sign: '↑', word: 'B GAINS MORE', tone: 'good' }
    : { sign: '↓', word: 'B GAINS LESS', tone: 'bad' };
}
