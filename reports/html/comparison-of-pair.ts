import { significant } from '../../foundation/units.ts';
import type { ComparedFigure, ComparedPair, Comparison } from '../../sim/compare/comparison-result.ts';
import { comparisonInWords } from '../comparison-in-words.ts';
import { inputTable, intervalNote } from '../comparison-report.ts';
import { attributionNotes, attributionTable, figureTables } from '../comparison-tables.ts';
import { timeUnit } from '../numbers.ts';
import { signedPercentChange } from '../signed-numbers.ts';
import type { Content, KeyFigure, PageTable, Section } from './content.ts';
import { stateBadge } from './state-badge.ts';
import { pageTable } from './table-of-items.ts';

/** What a page says of two arms side by side. */
export function onePair(comparison: Comparison): Pick<Content, 'answer' | 'figures' | 'sections'> {
  const [pair] = comparison.pairs;
  return {
    answer: comparisonInWords(comparison),
    figures: keyFigures(pair, comparison),
    sections: [inputSection(pair, comparison), figureSection(pair, comparison)],
  };
}

const keyTitles: Record<string, string> = {
  cpuS: 'CPU per request',
  usdPerHour: 'Price',
  rho: 'ρ of the busiest resource',
};

function keyFigures({ figures }: ComparedPair, { judged }: Comparison): KeyFigure[] {
  const keys = [...new Set([judged, 'p50', 'p99', 'cpuS', 'usdPerHour', 'rho'])];
  return keys.flatMap((key) => {
    const figure = figures.find((one) => one.key === key);
    if (!figure?.a || !figure.b) return [];
    const { relative, significant: isTold } = figure;
    return [
      {
        label: `${keyTitles[key] ?? key}, B over A`,
        ...(relative ? { value: signedPercentChange(relative), unit: '%' } : { value: sides(figure) }),
        note: `${sides(figure)}${isTold === false ? ', no significant difference' : ''}`,
      },
    ];
  });
}

function sides({ a, b, unit }: ComparedFigure): string {
  const time = timeUnit([Math.max(a!.mean, b!.mean)]);
  const scale = unit === 's' ? time.perS : 1;
  const name = unit === 's' ? ` ${time.name}` : unit === 'count' || unit === 'share' ? '' : ` ${unit}`;
  return `${significant(a!.mean * scale)} → ${significant(b!.mean * scale)}${name}`;
}

function inputSection(pair: ComparedPair, comparison: Comparison): Section {
  const inputs = inputTable(pair, 'What differs in what was asked');
  const attribution = attributionTable(pair, comparison);
  const { noAttribution } = pair;
  return {
    id: 'inputs',
    title: 'What was asked differently, and what explains the difference',
    paragraphs: [
      ...(inputs ? [] : ['Nothing differs in what was asked.']),
      ...(noAttribution === undefined
        ? []
        : [`Which field explains how much was not simulated: ${noAttribution}.`]),
    ],
    points: attributionNotes(pair),
    tables: [inputs, attribution].filter((table) => table !== undefined).map(pageTable),
  };
}

function figureSection(pair: ComparedPair, comparison: Comparison): Section {
  const hasFigures = pair.figures.length > 0;
  return {
    id: 'figures',
    title: 'Every figure, side by side',
    paragraphs: [hasFigures ? intervalNote(pair, comparison) : 'No figures: one of the arms does not fit.'],
    points: misfits(pair),
    tables: [verdictTable(pair), ...figureTables(pair).map(pageTable)],
  };
}

function verdictTable({ a, b }: ComparedPair): PageTable {
  const row = (side: string, { name, verdict, sla }: ComparedPair['a']) => [
    side,
    name,
    stateBadge(verdict.state),
    sla ? stateBadge(sla.met) : '–',
    verdict.state === 'DOES NOT FIT' ? 'see below' : verdict.reason,
  ];
  return {
    caption: 'Verdicts',
    columns: ['side', 'arm', 'verdict', 'SLA met', 'why'].map((title) => ({ title, align: 'left' })),
    rows: [row('A', a), row('B', b)],
  };
}

/** Why an arm does not fit, with its remedies. */
export function misfits({ a, b }: ComparedPair): string[] {
  return [['A', a] as const, ['B', b] as const].flatMap(([side, { name, verdict }]) =>
    verdict.state === 'DOES NOT FIT' ? [`${side} (${name}) does not fit: ${verdict.reason}`] : [],
  );
}
