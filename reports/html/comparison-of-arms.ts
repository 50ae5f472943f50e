import { counted } from '../../foundation/counted.ts';
import type { ComparedPair, Comparison } from '../../sim/compare/comparison-result.ts';
import { comparisonInWords } from '../comparison-in-words.ts';
import { inputTable, overviewTable } from '../comparison-report.ts';
import { attributionNotes, attributionTable } from '../comparison-tables.ts';
import { misfits } from './comparison-of-pair.ts';
import type { Content, KeyFigure, PageTable } from './content.ts';
import { html } from './markup.ts';
import { stateBadge } from './state-badge.ts';
import { pageTable } from './table-of-items.ts';

/** What a page says of two sides with several arms: how many differ how, then each of them. */
export function manyPairs(comparison: Comparison): Pick<Content, 'answer' | 'figures' | 'sections'> {
  const { pairs } = comparison;
  const sentences = comparisonInWords(comparison);
  const isSame = sentences.length < pairs.length;
  const inputs = inputTables(pairs);
  const explained = pairs.filter(({ attribution }) => attribution && attribution.factors.length > 1);
  return {
    answer: isSame ? sentences : [countsInWords(comparison)],
    figures: countFigures(comparison),
    sections: [
      {
        id: 'pairs',
        title: `The ${pairs.length} arms`,
        points: [...(isSame ? [] : sentences), ...pairs.flatMap(misfits)],
        tables: [withBadges(pageTable(overviewTable(comparison)))],
      },
      {
        id: 'inputs',
        title: 'What was asked differently',
        paragraphs: inputs.length > 0 ? [] : ['Nothing differs in what was asked.'],
        tables: inputs,
      },
      ...(explained.length > 0
        ? [
            {
              id: 'attribution',
              title: 'What explains the differences',
              points: explained.flatMap(attributionNotes),
              tables: explained.map((pair) => {
                const table = attributionTable(pair, comparison)!;
                return pageTable({ ...table, title: `${pair.b.name}: ${table.title}` });
              }),
            },
          ]
        : []),
    ],
  };
}

/** Arms by what the interval of their difference says. */
function countsOf({ pairs, judged }: Comparison) {
  const unsound = pairs.filter(({ meaningless }) => meaningless !== undefined).length;
  const told = pairs
    .filter(({ meaningless }) => meaningless === undefined)
    .map(({ figures }) => figures.find(({ key }) => key === judged))
    .filter((figure) => figure?.significant);
  const lower = told.filter((figure) => figure!.difference!.mean < 0).length;
  return { lower, higher: told.length - lower, unsound };
}

function countsInWords(comparison: Comparison): string {
  const { pairs, judged } = comparison;
  const { lower, higher, unsound } = countsOf(comparison);
  const level = pairs.length - lower - higher - unsound;
  if (unsound === pairs.length) return `None of ${counted(pairs.length, 'arm')} can be compared.`;
  const clauses = [
    ...(lower > 0 ? [`lower in ${lower}`] : []),
    ...(higher > 0 ? [`higher in ${higher}`] : []),
    ...(level > 0 ? [`not surely different in ${level}`] : []),
  ];
  const others = unsound > 0 ? `; ${unsound} cannot be compared` : '';
  return `Of ${counted(pairs.length, 'arm')}, the ${judged} of B is ${clauses.join(', ')}${others}.`;
}

function countFigures(comparison: Comparison): KeyFigure[] {
  const { pairs, judged } = comparison;
  const { lower, higher, unsound } = countsOf(comparison);
  const unit = `of ${pairs.length}`;
  const byInterval = 'by the interval of the difference';
  return [
    { label: `B has a lower ${judged}`, value: String(lower), unit, note: byInterval },
    { label: `B has a higher ${judged}`, value: String(higher), unit, note: byInterval },
    { label: 'Cannot be compared', value: String(unsound), unit, note: 'saturated, or without figures' },
  ];
}

/** What was asked differently, once for arms that share it. */
function inputTables(pairs: readonly ComparedPair[]): PageTable[] {
  const alike = new Map<string, ComparedPair[]>();
  for (const pair of pairs) {
    const key = JSON.stringify(pair.inputs);
    alike.set(key, [...(alike.get(key) ?? []), pair]);
  }
  return [...alike.values()].flatMap((group) => {
    const names = alike.size === 1 ? '' : ` (${group.map(({ b }) => b.name).join(', ')})`;
    const table = inputTable(group[0], `What differs in what was asked${names}`);
    return table ? [pageTable(table)] : [];
  });
}

/** The last column holds one verdict, or those of both sides. */
function withBadges(table: PageTable): PageTable {
  const badges = (states: string) =>
    states.split(' / ').map((state, index) => html`${index > 0 ? ' / ' : ''}${stateBadge(state)}`);
  return {
    ...table,
    rows: table.rows.map((row) => [...row.slice(0, -1), html`${badges(String(row.at(-1)))}`]),
  };
}
