import { significant } from '../../foundation/units.ts';
import type {
  DistillationComparison,
  DistilledPair,
} from '../../sim/training/comparison/distillation-comparison-result.ts';
import { signedInterval } from '../charts/quantity.ts';
import {
  distillationComparisonInWords,
  intervalNote,
} from '../distillation/comparison/comparison-in-words.ts';
import { misfits } from '../distillation/comparison/comparison-report.ts';
import {
  figureOf,
  figureQuantities,
  figureTables,
  inputTable,
  overviewTable,
  pairName,
} from '../distillation/comparison/figure-tables.ts';
import { sidesTable } from './comparison-content.ts';
import type { Content, KeyFigure, Section } from './content.ts';
import { argument } from './shell-argument.ts';
import { pageTable } from './table-of-items.ts';

/** What a page says of two answers about distillation side by side. */
export function distillationComparisonContent(comparison: DistillationComparison): Content {
  const { a, b, pairs, product, warnings, unmatched, confidence } = comparison;
  const level = `${significant(confidence * 100, 2)} %`;
  const alone = (['a', 'b'] as const).flatMap((side) =>
    unmatched[side].length > 0 ? [`Only ${side.toUpperCase()} has: ${unmatched[side].join(', ')}.`] : [],
  );
  return {
    kind: 'comparison of distillation',
    question: `How does ${nameOf(comparison, 'b')} (B) differ from ${nameOf(comparison, 'a')} (A)?`,
    answer: distillationComparisonInWords(comparison),
    figures: pairs.length === 1 ? keyFigures(pairs[0]) : [],
    sections: [
      {
        id: 'sides',
        title: 'What was compared',
        tables: [sidesTable(comparison), pageTable(overviewTable(comparison, level))],
        points: [...warnings.map((text) => `${text}.`), ...alone, ...misfits(comparison)],
      },
      ...pairs.map((pair, index) => pairSection(pair, confidence, index)),
    ],
    evidence: {
      id: 'evidence',
      title: 'What it rests on',
      paragraphs: [
        'A comparison keeps no record of the evidence of its inputs: the result of each side does.',
      ],
    },
    defaults: [],
    fingerprint: [
      ['compared by', product],
      ['hash of the input, A', a.inputHash],
      ['hash of the input, B', b.inputHash],
      ['seeds', `${a.seed} (A), ${b.seed} (B)`],
    ],
    reproduce: {
      commands: [commandOf(comparison)],
      note: 'A and B stand where they stood when they were compared.',
    },
  };
}

function nameOf(comparison: DistillationComparison, side: 'a' | 'b'): string {
  const { scenario } = comparison[side];
  const [only, ...others] = comparison.pairs;
  return others.length === 0 ? `${only[side].name} of ${scenario}` : scenario;
}

function commandOf({ a, b, pairs }: DistillationComparison): string {
  const [only, ...others] = pairs;
  const arms =
    others.length === 0 ? ` --arm-a ${argument(only.a.name)} --arm-b ${argument(only.b.name)}` : '';
  const simulated = a.kind === 'scenario' ? a : b.kind === 'scenario' ? b : undefined;
  const runs = simulated ? ` --seed ${simulated.seed} --replications ${simulated.replications}` : '';
  return `rankfleet compare ${argument(a.source)} ${argument(b.source)}${arms}${runs}`;
}

const keys = [
  ['gain', 'Gain in NE'],
  ['gap', 'Mean freshness gap'],
  ['missShare', 'Labels missed'],
  ['extraUsdPerDay', 'Cost above no teacher'],
  ['power', 'Power'],
] as const;

function keyFigures(pair: DistilledPair): KeyFigure[] {
  return keys.flatMap(([key, title]) => {
    const figure = figureOf(pair, key);
    if (!figure?.difference || !figure.a || !figure.b) return [];
    const quantity = figureQuantities[figure.unit];
    const [from, to] = [figure.a, figure.b].map(({ mean }) => quantity.format(mean));
    return [
      {
        label: `${title}, B − A`,
        value: signedInterval(figure.difference, quantity),
        note: `${from} → ${to}${figure.significant === false ? ', no significant difference' : ''}`,
      },
    ];
  });
}

function pairSection(pair: DistilledPair, confidence: number, index: number): Section {
  const inputs = inputTable(pair);
  return {
    id: `pair-${index + 1}`,
    title: pairName(pair),
    paragraphs: [
      ...(inputs ? [] : ['Nothing differs in what was asked.']),
      ...(pair.meaningless === undefined
        ? []
        : [`Gains and freshness cannot be compared. ${pair.meaningless}`]),
      pair.figures.length > 0 ? intervalNote(pair, confidence) : 'No figures: one of the arms does not fit.',
    ],
    tables: [...(inputs ? [inputs] : []), ...figureTables(pair)].map(pageTable),
  };
}
