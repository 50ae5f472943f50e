import type { Interval } from '../../../sim/result.ts';
import type {
  DistillationComparison,
  DistilledFigure,
  DistilledPair,
} from '../../../sim/training/comparison/distillation-comparison-result.ts';
import {
  bytes,
  deviceHours,
  examples,
  examplesPerS,
  flops,
  plain,
  type Quantity,
  share,
  signedInterval,
  time,
  usdPerDay,
  watts,
} from '../../charts/quantity.ts';
import { differenceCells } from '../../charts/relative-differences.ts';
import type { TitledTable } from '../../text-table.ts';
import { flopText } from '../figures.ts';

/** Figures by what they are about, in the order in which they are read. */
export const figureGroups = [
  ['gain', 'Gain in NE'],
  ['freshness', 'Freshness of labels'],
  ['queues', 'Queues and store'],
  ['cost', 'Cost'],
  ['training', 'Training steps'],
] as const;

export const figureQuantities: Record<DistilledFigure['unit'], Quantity> = {
  s: time,
  B: bytes,
  W: watts,
  'USD/day': usdPerDay,
  FLOP: { format: (flop) => `${flopText(flop)}FLOP`.replace('-', '−'), unitFor: flops.unitFor },
  'examples/s': examplesPerS,
  examples,
  'device-hours': deviceHours,
  share,
  count: plain,
};

/** Every figure of a pair, side by side, a table for each group. */
export function figureTables({ figures }: DistilledPair): TitledTable[] {
  return figureGroups.flatMap(([group, title]) => {
    const own = figures.filter((figure) => figure.group === group);
    if (own.length === 0) return [];
    return [
      {
        title,
        columns: [
          { title: 'figure', align: 'left' as const },
          { title: 'A' },
          { title: 'B' },
          { title: 'B − A' },
          { title: 'relative' },
          { title: 'differs', align: 'left' as const },
        ],
        rows: own.map((figure) => differenceCells(figure, figureQuantities[figure.unit])),
      },
    ];
  });
}

/** One figure of a pair. */
export function figureOf({ figures }: DistilledPair, key: string): DistilledFigure | undefined {
  return figures.find((figure) => figure.key === key);
}

/** All pairs in a line each. */
export function overviewTable({ pairs }: DistillationComparison, level: string): TitledTable {
  const change = (pair: DistilledPair, key: string) => {
    const figure = figureOf(pair, key);
    return figure?.difference ? signedInterval(figure.difference, figureQuantities[figure.unit]) : '–';
  };
  const side = (value: Interval | undefined) => (value ? share.format(value.mean) : '–');
  return {
    title: `Differences B − A (± ${level} interval)`,
    columns: [
      { title: 'arm', align: 'left' },
      { title: 'A', group: 'gain in NE' },
      { title: 'B', group: 'gain in NE' },
      { title: 'B − A', group: 'gain in NE' },
      { title: 'mean gap' },
      { title: 'missed' },
      { title: 'cost above no teacher' },
      { title: 'verdicts', align: 'left' },
    ],
    rows: pairs.map((pair) => [
      pairName(pair),
      side(figureOf(pair, 'gain')?.a),
      side(figureOf(pair, 'gain')?.b),
      ...['gain', 'gap', 'missShare', 'extraUsdPerDay'].map((key) => change(pair, key)),
      verdictsOf(pair),
    ]),
  };
}

export function pairName({ a, b }: DistilledPair): string {
  return a.name === b.name ? a.name : `${a.name} / ${b.name}`;
}

function verdictsOf({ a, b }: DistilledPair): string {
  return a.verdict.state === b.verdict.state ? a.verdict.state : `${a.verdict.state} / ${b.verdict.state}`;
}

/** What differs in what was asked; nothing where nothing does. */
export function inputTable({ inputs }: DistilledPair): TitledTable | undefined {
  if (inputs.length === 0) return undefined;
  return {
    title: 'What differs in what was asked, defaults included',
    columns: [
      { title: 'field', align: 'left' },
      { title: 'A', align: 'left' },
      { title: 'B', align: 'left' },
    ],
    rows: inputs.map(({ path, a, b }) => [path, brief(a), brief(b)]),
  };
}

/** Most characters of a value in the table of inputs. */
const maxCharacters = 40;

function brief(text: string): string {
  return text.length > maxCharacters ? `${text.slice(0, maxCharacters - 1)}…` : text;
}
