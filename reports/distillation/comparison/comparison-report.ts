import { counted } from '../../../foundation/counted.ts';
import { significant } from '../../../foundation/units.ts';
import type { ComparedSide } from '../../../sim/compare/comparison-result.ts';
import type {
  DistillationComparison,
  DistilledPair,
} from '../../../sim/training/comparison/distillation-comparison-result.ts';
import { wrap } from '../../text-table.ts';
import { fittedTable } from '../fitted-table.ts';
import { distillationComparisonInWords, intervalNote } from './comparison-in-words.ts';
import { figureTables, inputTable, overviewTable, pairName } from './figure-tables.ts';

/** Width that running text is wrapped to. */
const lineWidth = 100;

/** Most answers in words; beyond, the table of all arms says it. */
const maxSentences = 4;

/** Two answers about distillation side by side, as plain text. */
export function distillationComparisonReport(comparison: DistillationComparison): string {
  const { pairs, confidence, warnings } = comparison;
  const level = `${significant(confidence * 100, 2)} %`;
  const [only] = pairs;
  const sections = [
    answer(comparison),
    warnings.map((text) => wrap(`Note: ${text}.`, lineWidth)).join('\n'),
    sidesAndArms(comparison),
    ...misfits(comparison),
    ...(pairs.length === 1
      ? onePair(only, confidence)
      : [
          fittedTable(overviewTable(comparison, level)),
          ...inputTexts(pairs),
          'One arm in full: --arm NAME, or --arm-a NAME --arm-b NAME.',
        ]),
    `${comparison.product}; input ${comparison.a.inputHash} (A), ${comparison.b.inputHash} (B)`,
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function answer(comparison: DistillationComparison): string {
  const sentences = distillationComparisonInWords(comparison);
  const shown = sentences.slice(0, maxSentences);
  const rest = sentences.length - shown.length;
  return [...shown, ...(rest > 0 ? [`… and ${counted(rest, 'more arm')}: see the table.`] : [])]
    .map((sentence) => wrap(sentence, lineWidth))
    .join('\n');
}

function sidesAndArms({ a, b, unmatched, pairs }: DistillationComparison): string {
  const only = pairs.length === 1 ? pairs[0] : undefined;
  const line = (letter: string, side: ComparedSide, arm: DistilledPair['a'] | undefined) =>
    `${letter}  ${side.source} (${side.kind}, seed ${side.seed}, ${counted(side.replications, 'replication')})` +
    (arm ? `, arm ${arm.name}: ${arm.verdict.state}` : '');
  const alone = (['a', 'b'] as const).flatMap((side) =>
    unmatched[side].length > 0
      ? [
          `Only ${side.toUpperCase()} has: ${unmatched[side].join(', ')}; --arm-a and --arm-b compare arms of other names.`,
        ]
      : [],
  );
  return [line('A', a, only?.a), line('B', b, only?.b), ...alone.map((text) => wrap(text, lineWidth))].join(
    '\n',
  );
}

/** Why arms do not fit, with their remedies. */
export function misfits({ pairs }: DistillationComparison): string[] {
  return pairs.flatMap(({ a, b }) =>
    [['A', a] as const, ['B', b] as const].flatMap(([side, { name, verdict }]) =>
      verdict.state === 'DOES NOT FIT'
        ? [`${side} (${name}) DOES NOT FIT: ${verdict.reasons.join('\n')}`]
        : [],
    ),
  );
}

function onePair(pair: DistilledPair, confidence: number): string[] {
  return [
    fittedTable(inputTable(pair)) || 'Nothing differs in what was asked.',
    ...(pair.figures.length > 0
      ? [wrap(intervalNote(pair, confidence), lineWidth), ...figureTables(pair).map(fittedTable)]
      : []),
  ];
}

/** What was asked differently, once for arms that share it. */
function inputTexts(pairs: readonly DistilledPair[]): string[] {
  const alike = new Map<string, DistilledPair[]>();
  for (const pair of pairs) {
    const key = JSON.stringify(pair.inputs);
    alike.set(key, [...(alike.get(key) ?? []), pair]);
  }
  return [...alike.values()].flatMap((group) => {
    const table = inputTable(group[0]);
    if (!table) return alike.size === 1 ? ['Nothing differs in what was asked.'] : [];
    const names = alike.size === 1 ? '' : ` (${group.map(pairName).join(', ')})`;
    return [fittedTable({ ...table, title: `${table.title}${names}` })];
  });
}
