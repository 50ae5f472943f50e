import type { ComparedSide, Comparison } from '../../sim/compare/comparison-result.ts';
import { manyPairs } from './comparison-of-arms.ts';
import { onePair } from './comparison-of-pair.ts';
import type { Content, PageTable } from './content.ts';
import { argument } from './shell-argument.ts';

/** What a page says of a comparison. */
export function comparisonContent(comparison: Comparison): Content {
  const { a, b, pairs, product, warnings } = comparison;
  const { answer, figures, sections } = pairs.length === 1 ? onePair(comparison) : manyPairs(comparison);
  return {
    kind: 'comparison',
    question: questionOf(comparison),
    answer,
    figures,
    sections: [
      {
        id: 'sides',
        title: 'What was compared',
        tables: [sidesTable(comparison)],
        points: [...warnings.map((text) => `${text}.`), ...unmatched(comparison)],
      },
      ...sections,
    ],
    evidence: {
      id: 'evidence',
      title: 'What it rests on',
      paragraphs: [
        'A comparison keeps no record of the evidence of its inputs: the result of each side does, and rankfleet support tells it for a scenario beforehand.',
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

function questionOf({ a, b, pairs }: Comparison): string {
  const name = ({ scenario }: ComparedSide, side: 'a' | 'b') =>
    pairs.length === 1 ? `${pairs[0][side].name} of ${scenario}` : scenario;
  return `How does ${name(b, 'b')} (B) differ from ${name(a, 'a')} (A)?`;
}

function commandOf({ a, b, pairs }: Comparison): string {
  const arms =
    pairs.length === 1 ? ` --arm-a ${argument(pairs[0].a.name)} --arm-b ${argument(pairs[0].b.name)}` : '';
  const simulated = a.kind === 'scenario' ? a : b.kind === 'scenario' ? b : undefined;
  const runs = simulated ? ` --seed ${simulated.seed} --replications ${simulated.replications}` : '';
  return `rankfleet compare ${argument(a.source)} ${argument(b.source)}${arms}${runs}`;
}

/** What stands on either side of a comparison. */
export function sidesTable({ a, b }: Pick<Comparison, 'a' | 'b'>): PageTable {
  const row = (letter: string, { source, kind, scenario, seed, replications, product }: ComparedSide) => [
    letter,
    source,
    kind,
    scenario,
    product,
    String(seed),
    String(replications),
  ];
  return {
    caption: 'Sides',
    columns: [
      { title: 'side', align: 'left' },
      { title: 'source', align: 'left' },
      { title: 'kind', align: 'left' },
      { title: 'scenario', align: 'left' },
      { title: 'simulated by', align: 'left' },
      { title: 'seed' },
      { title: 'replications' },
    ],
    rows: [row('A', a), row('B', b)],
  };
}

function unmatched({ unmatched: alone }: Comparison): string[] {
  return (['a', 'b'] as const).flatMap((side) =>
    alone[side].length > 0 ? [`Only ${side.toUpperCase()} has: ${alone[side].join(', ')}.`] : [],
  );
}
