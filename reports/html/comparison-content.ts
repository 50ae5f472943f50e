import { significant } from '../../foundation/units.ts';
import type {
  ComparedFigure,
  ComparedPair,
  ComparedSide,
  Comparison,
} from '../../sim/compare/comparison-result.ts';
import { comparisonInWords } from '../comparison-in-words.ts';
import { inputTable, intervalNote, overviewTable } from '../comparison-report.ts';
import { attributionNotes, attributionTable, figureTables } from '../comparison-tables.ts';
import { timeUnit } from '../numbers.ts';
import { plainFigure, signedPercentChange } from '../signed-numbers.ts';
import type { Content, KeyFigure, PageTable, Section } from './content.ts';
import { argument } from './shell-argument.ts';
import { stateBadge } from './state-badge.ts';
import { pageTable } from './table-of-items.ts';

/** What a page says of a comparison. */
export function comparisonContent(comparison: Comparison): Content {
  const { a, b, pairs, product, warnings } = comparison;
  const [first, ...others] = comparisonInWords(comparison);
  return {
    kind: 'comparison',
    question: questionOf(comparison),
    answer: [first],
    figures: pairs.length === 1 ? keyFigures(pairs[0], comparison) : countFigures(comparison),
    sections: [
      {
        id: 'sides',
        title: 'What was compared',
        tables: [sidesTable(comparison), armsTable(comparison)],
        points: [...warnings.map(fullStop), ...unmatched(comparison)],
      },
      ...(pairs.length === 1 ? onePair(pairs[0], comparison) : manyPairs(comparison, others)),
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

function questionOf({ a, b, pairs: [pair, ...others] }: Comparison): string {
  const name = ({ scenario }: ComparedSide, arm: string) =>
    others.length === 0 ? `${arm} of ${scenario}` : scenario;
  return `How does ${name(b, pair.b.name)} (B) differ from ${name(a, pair.a.name)} (A)?`;
}

function commandOf({ a, b, pairs }: Comparison): string {
  const arms =
    pairs.length === 1 ? ` --arm-a ${argument(pairs[0].a.name)} --arm-b ${argument(pairs[0].b.name)}` : '';
  const simulated = a.kind === 'scenario' ? a : b.kind === 'scenario' ? b : undefined;
  const runs = simulated ? ` --seed ${simulated.seed} --replications ${simulated.replications}` : '';
  return `rankfleet compare ${argument(a.source)} ${argument(b.source)}${arms}${runs}`;
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

function countFigures({ pairs, judged }: Comparison): KeyFigure[] {
  const told = pairs
    .map(({ figures }) => figures.find(({ key }) => key === judged))
    .filter((one) => one?.significant);
  const lower = told.filter((one) => one!.difference!.mean < 0).length;
  const unsound = pairs.filter(({ meaningless }) => meaningless !== undefined).length;
  return [
    { label: 'Arms compared', value: String(pairs.length) },
    {
      label: `B has a lower ${judged}`,
      value: String(lower),
      unit: `of ${pairs.length}`,
      note: 'by the interval of the difference',
    },
    {
      label: `B has a higher ${judged}`,
      value: String(told.length - lower),
      unit: `of ${pairs.length}`,
      note: 'by the interval of the difference',
    },
    {
      label: 'Cannot be compared',
      value: String(unsound),
      unit: `of ${pairs.length}`,
      note: 'saturated, or without figures',
    },
  ];
}

function sidesTable({ a, b }: Comparison): PageTable {
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

/** Every pair with its verdicts and the judged percentile of both sides. */
function armsTable({ pairs, judged }: Comparison): PageTable {
  const latency = ({ figures }: ComparedPair) => figures.find(({ key }) => key === judged);
  const unit = timeUnit(pairs.map((pair) => latency(pair)?.a?.mean ?? 0));
  const figure = (value: ComparedFigure['a']) => (value ? plainFigure(value, unit.perS) : '–');
  return {
    caption: 'Arms, their verdicts, and the latency that decides',
    columns: [
      { title: 'A', align: 'left' },
      { title: 'verdict of A', align: 'left' },
      { title: 'B', align: 'left' },
      { title: 'verdict of B', align: 'left' },
      { title: `A`, group: `${judged}, ${unit.name}` },
      { title: `B`, group: `${judged}, ${unit.name}` },
      { title: `B over A, %`, group: `${judged}, ${unit.name}` },
    ],
    rows: pairs.map((pair) => [
      pair.a.name,
      stateBadge(pair.a.verdict.state),
      pair.b.name,
      stateBadge(pair.b.verdict.state),
      figure(latency(pair)?.a),
      figure(latency(pair)?.b),
      latency(pair)?.relative ? signedPercentChange(latency(pair)!.relative!) : '–',
    ]),
  };
}

function unmatched({ unmatched: alone }: Comparison): string[] {
  return (['a', 'b'] as const).flatMap((side) =>
    alone[side].length > 0 ? [`Only ${side.toUpperCase()} has: ${alone[side].join(', ')}.`] : [],
  );
}

function onePair(pair: ComparedPair, comparison: Comparison): Section[] {
  const inputs = inputTable(pair, 'What differs in what was asked');
  const attribution = attributionTable(pair, comparison);
  return [
    {
      id: 'inputs',
      title: 'What was asked differently, and what explains the difference',
      paragraphs: [
        ...(inputs ? [] : ['Nothing differs in what was asked.']),
        ...(pair.noAttribution === undefined
          ? []
          : [`Which field explains how much was not simulated: ${pair.noAttribution}.`]),
      ],
      points: attributionNotes(pair),
      tables: [inputs, attribution].filter((table) => table !== undefined).map(pageTable),
    },
    {
      id: 'figures',
      title: 'Every figure, side by side',
      paragraphs:
        pair.figures.length > 0
          ? [intervalNote(pair, comparison)]
          : ['No figures: one of the arms does not fit.'],
      points: misfits(pair),
      tables: figureTables(pair).map(pageTable),
    },
  ];
}

function manyPairs(comparison: Comparison, sentences: readonly string[]): Section[] {
  const { pairs } = comparison;
  const alike = new Map<string, ComparedPair[]>();
  for (const pair of pairs) {
    const key = JSON.stringify(pair.inputs);
    alike.set(key, [...(alike.get(key) ?? []), pair]);
  }
  const inputs = [...alike.values()].flatMap((group) => {
    const names = group.map(({ b }) => b.name).join(', ');
    return (
      inputTable(group[0], `What differs in what was asked${alike.size === 1 ? '' : ` (${names})`}`) ?? []
    );
  });
  const explained = pairs.filter(({ attribution }) => attribution && attribution.factors.length > 1);
  return [
    {
      id: 'pairs',
      title: `The ${pairs.length} arms`,
      points: [...sentences, ...pairs.flatMap(misfits)],
      tables: [pageTable(overviewTable(comparison))],
    },
    { id: 'inputs', title: 'What was asked differently', tables: inputs.map(pageTable) },
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
  ];
}

/** Why an arm does not fit, with its remedies. */
function misfits({ a, b }: ComparedPair): string[] {
  return [['A', a] as const, ['B', b] as const].flatMap(([side, { name, verdict }]) =>
    verdict.state === 'DOES NOT FIT' ? [`${side} (${name}) does not fit: ${verdict.reason}`] : [],
  );
}

function fullStop(text: string): string {
  return `${text}.`;
}
