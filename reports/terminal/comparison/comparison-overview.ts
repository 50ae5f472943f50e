import type {
  ComparedFigure,
  ComparedPair,
  ComparedSide,
  Comparison,
} from '../../../sim/compare/comparison-result.ts';
import { comparisonInWords } from '../../comparison-in-words.ts';
import { attributionNotes, fieldName } from '../../comparison-tables.ts';
import { timeUnit } from '../../numbers.ts';
import { signedChange } from '../../signed-numbers.ts';
import { type Line, strong } from '../line.ts';
import { facts, paragraph, sections, table } from '../table.ts';

export function pairName({ a, b }: ComparedPair): string {
  return a.name === b.name ? a.name : `${a.name} / ${b.name}`;
}

export function figureOf({ figures }: ComparedPair, key: string): ComparedFigure | undefined {
  return figures.find((figure) => figure.key === key);
}

/** What a pair differs in, in words; what was asked differently, and what that explains. */
export function comparisonOverviewLines(comparison: Comparison, index: number, width: number): Line[] {
  const { pairs, a, b, warnings, unmatched } = comparison;
  const pair = pairs[index];
  const sentences = comparisonInWords(comparison);
  return [
    ...paragraph(sentences[index] ?? sentences[0], width),
    ...warnings.flatMap((text) => paragraph(`Note: ${text}.`, width, 'doubtful')),
    [''],
    ...sideLines('A', a, pair.a, width),
    ...sideLines('B', b, pair.b, width),
    [''],
    ...sections(
      width,
      ['What was asked differently', inputLines(pair, width)],
      ['What explains the difference', attributionLines(pair, comparison, width)],
      ['Arms without a partner', aloneLines(unmatched, width)],
    ),
  ];
}

function sideLines(letter: string, side: ComparedSide, arm: ComparedPair['a'], width: number): Line[] {
  return [
    [strong(`${letter}  ${arm.name}`), `  ${arm.verdict.state}`],
    ...paragraph(
      `${side.source}, ${side.kind}, seed ${side.seed}, ${side.replications} replications; ${arm.verdict.reason}`,
      width,
      'faint',
    ),
  ];
}

function inputLines({ inputs }: ComparedPair, width: number): Line[] {
  if (inputs.length === 0) return [['nothing']];
  return facts(
    inputs.flatMap(({ path, a, b, details }) => [
      [path, `${a} → ${b}`] as const,
      ...details.map((detail) => [`  ${detail.path}`, `${detail.a} → ${detail.b}`] as const),
    ]),
    width,
  );
}

/** What each field contributes to the judged percentile and to the price. */
function attributionLines(pair: ComparedPair, { judged }: Comparison, width: number): Line[] {
  const { attribution, noAttribution, inputs } = pair;
  if (!attribution)
    return noAttribution === undefined ? [] : paragraph(`not simulated: ${noAttribution}`, width);
  const { factors, latency, price } = attribution;
  const unit = timeUnit(latency.parts.map(({ difference }) => Math.abs(difference.mean)));
  return [
    ...table(
      [
        { title: 'changed from A to B', align: 'left' },
        { title: `${judged} ${unit.name}` },
        { title: 'share' },
        { title: 'USD/h', optional: true },
      ],
      factors.map(({ fields }, factor) => {
        const { difference, share } = latency.parts[factor];
        return [
          fields.map((field) => fieldName(field, inputs)).join(' + '),
          signedChange(difference, unit.perS),
          share === undefined ? '–' : `${(share * 100).toFixed(0)} %`,
          signedChange(price.parts[factor].difference),
        ];
      }),
      width,
    ),
    // The first note is a heading, which stands above already.
    ...attributionNotes(pair)
      .slice(1)
      .flatMap((note) => paragraph(note, width, 'faint')),
  ];
}

function aloneLines({ a, b }: Comparison['unmatched'], width: number): Line[] {
  return [
    ...(a.length > 0 ? paragraph(`only A: ${a.join(', ')}`, width) : []),
    ...(b.length > 0 ? paragraph(`only B: ${b.join(', ')}`, width) : []),
  ];
}
