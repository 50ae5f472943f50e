import { formatTime, significant } from '../foundation/units.ts';
import type { ComparedPair, ComparedSide, Comparison } from '../sim/compare/comparison-result.ts';
import { comparisonInWords } from './comparison-in-words.ts';
import { attributionNotes, attributionTable, figureTables, stackTables } from './comparison-tables.ts';
import { timeUnit } from './numbers.ts';
import { plainFigure, signedPercentChange } from './signed-numbers.ts';
import { type Column, type TitledTable, titledTable, wrap } from './text-table.ts';

/** Width that running text is wrapped to. */
const lineWidth = 100;

/** Most differing figures of a host or a model that are listed; the JSON has all. */
const maxDetails = 8;

/** Most characters of a value in the table of inputs. */
const maxCharacters = 40;

/** Most answers in words; beyond, the table of all arms says it. */
const maxSentences = 5;

/** A comparison as plain text: the answer first, then what differs, then what explains it. */
export function comparisonReport(comparison: Comparison): string {
  const { pairs } = comparison;
  const sections = [
    answer(comparison),
    ...warnings(comparison),
    sidesAndArms(comparison),
    ...(pairs.length === 1 ? onePair(pairs[0], comparison) : manyPairs(comparison)),
    footer(comparison),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function answer(comparison: Comparison): string {
  const sentences = comparisonInWords(comparison);
  const shown = sentences.slice(0, maxSentences);
  const rest = sentences.length - shown.length;
  return [...shown, ...(rest > 0 ? [`… and ${rest} more arms: see the table.`] : [])]
    .map((sentence) => wrap(sentence, lineWidth))
    .join('\n');
}

function warnings({ warnings: list }: Comparison): string[] {
  return list.length === 0 ? [] : [list.map((text) => wrap(`Note: ${text}.`, lineWidth)).join('\n')];
}

function sidesAndArms({ a, b, unmatched, pairs }: Comparison): string {
  const arms = pairs.length === 1 ? { a: pairs[0].a, b: pairs[0].b } : undefined;
  const line = (letter: string, side: ComparedSide, arm = arms?.a) =>
    `${letter}  ${side.source} (${side.kind}, seed ${side.seed}, ${side.replications} ${side.replications === 1 ? 'replication' : 'replications'})` +
    (arm ? `, arm ${arm.name}: ${arm.verdict.state}${slaText(arm)}` : '');
  const alone = (['a', 'b'] as const).flatMap((side) =>
    unmatched[side].length > 0
      ? [
          `Only ${side.toUpperCase()} has: ${unmatched[side].join(', ')}; --arm-a and --arm-b compare arms of other names.`,
        ]
      : [],
  );
  return [line('A', a), line('B', b, arms?.b), ...alone.map((text) => wrap(text, lineWidth))].join('\n');
}

function slaText({ sla }: ComparedPair['a']): string {
  if (!sla) return '';
  const met = { yes: 'met', no: 'missed', uncertain: 'not certain' }[sla.met] ?? sla.met;
  return `, ${sla.percentile} ≤ ${formatTime(sla.limitS)} ${met}`;
}

function onePair(pair: ComparedPair, comparison: Comparison): string[] {
  return [
    ...doesNotFit(pair),
    inputText(pair, 'What differs in what was asked'),
    ...(pair.figures.length > 0
      ? [wrap(intervalNote(pair, comparison), lineWidth), ...figureTables(pair).map(titledTable)]
      : []),
    ...stackTables(pair),
    stackNote(pair),
    attributionSection(pair, comparison),
  ];
}

/** Why an arm does not fit, with its remedies. */
function doesNotFit({ a, b }: ComparedPair): string[] {
  return [['A', a] as const, ['B', b] as const].flatMap(([side, { name, verdict }]) =>
    verdict.state === 'DOES NOT FIT' ? [`${side} (${name}) DOES NOT FIT: ${verdict.reason}`] : [],
  );
}

function stackNote({ breakdown }: ComparedPair): string {
  const isSampled = breakdown === undefined || breakdown.tail.differenceS.low !== undefined;
  const text =
    'The parts of a latency have no interval here: that takes two scenarios and several replications; a result does not keep them by replication.';
  return isSampled ? '' : wrap(text, lineWidth);
}

/** What the intervals of the figures mean. */
export function intervalNote({ paired, figures, a, b }: ComparedPair, { confidence }: Comparison): string {
  const level = `${significant(confidence * 100, 2)} %`;
  if (figures.every(({ sampled, difference }) => !sampled || difference?.low === undefined)) {
    return 'No figure has an interval: that takes at least two replications.';
  }
  const hasCost = figures.some((figure) => figure.difference?.cost !== undefined);
  const how = paired ? 'paired by replication' : 'A and B as if independent';
  const cost = hasCost ? ', the error of measured costs included' : '';
  const busiest = a.busiest === b.busiest ? a.busiest : `${a.busiest} in A, ${b.busiest} in B`;
  return `± is the ${level} interval; differences are ${how}${cost}. "no": the interval of the difference holds zero. ρ is that of ${busiest}.`;
}

function inputText(pair: ComparedPair, title: string): string {
  return titledTable(inputTable(pair, title)) || 'Nothing differs in what was asked.';
}

/** What was asked differently, what differs inside hosts and models too; nothing where nothing does. */
export function inputTable({ inputs }: ComparedPair, title: string): TitledTable | undefined {
  if (inputs.length === 0) return undefined;
  const columns: Column[] = [
    { title: '', align: 'left' },
    { title: 'A', align: 'left' },
    { title: 'B', align: 'left' },
  ];
  const brief = (text: string) =>
    text.length > maxCharacters ? `${text.slice(0, maxCharacters - 1)}…` : text;
  const rows = inputs.flatMap(({ path, a, b, details }) => [
    [path, brief(a), brief(b)],
    ...details.slice(0, maxDetails).map((detail) => [`  ${detail.path}`, brief(detail.a), brief(detail.b)]),
    ...(details.length > maxDetails
      ? [[`  … and ${details.length - maxDetails} more figures (--json lists them)`, '', '']]
      : []),
  ]);
  return { title: `${title}, defaults included`, columns, rows };
}

function attributionSection(pair: ComparedPair, comparison: Comparison): string {
  if (pair.noAttribution !== undefined) {
    return wrap(`Which field explains how much was not simulated: ${pair.noAttribution}.`, lineWidth);
  }
  const table = attributionTable(pair, comparison);
  if (!table) return '';
  return [titledTable(table), ...attributionNotes(pair).map((text) => wrap(text, lineWidth))].join('\n');
}

/** All arms in a line each, then what was asked differently, once for arms that share it. */
function manyPairs(comparison: Comparison): string[] {
  const { pairs } = comparison;
  const groups = new Map<string, ComparedPair[]>();
  for (const pair of pairs) {
    const key = JSON.stringify(pair.inputs);
    groups.set(key, [...(groups.get(key) ?? []), pair]);
  }
  const isOne = groups.size === 1;
  return [
    titledTable(overviewTable(comparison)),
    ...pairs.flatMap(doesNotFit),
    ...[...groups.values()]
      .filter(([{ inputs }]) => isOne || inputs.length > 0)
      .map((alike) =>
        inputText(
          alike[0],
          `What differs in what was asked${isOne ? '' : ` (${alike.map(({ b }) => b.name).join(', ')})`}`,
        ),
      ),
    ...attributions(comparison),
    'One arm in full: --arm NAME, or --arm-a NAME --arm-b NAME.',
  ];
}

/** What explains each arm, where the sentences above do not say it all; a reason why not is told once. */
function attributions(comparison: Comparison): string[] {
  const { pairs } = comparison;
  const name = ({ a, b }: ComparedPair) => (a.name === b.name ? a.name : `${a.name} / ${b.name}`);
  const tables = pairs
    .filter(({ attribution }) => attribution && attribution.factors.length > 1)
    .map((pair) => `${name(pair)}\n${attributionSection(pair, comparison)}`);
  const reasons = new Set(pairs.flatMap(({ noAttribution }) => noAttribution ?? []));
  const missing = [...reasons].map((reason) => {
    const without = pairs.filter(({ noAttribution }) => noAttribution === reason).map(name);
    return wrap(`Not simulated field by field: ${without.join(', ')}; ${reason}.`, lineWidth);
  });
  return [...tables, ...missing];
}

/** All pairs in a line each. */
export function overviewTable({ pairs, judged, confidence }: Comparison): TitledTable {
  const percentiles = judged === 'p50' || judged === 'p99' ? ['p50', 'p99'] : ['p50', judged, 'p99'];
  const keys = [...percentiles, 'cpuS', 'usdPerHour'];
  const titles: Record<string, string> = { cpuS: 'CPU', usdPerHour: 'price' };
  const find = ({ figures }: ComparedPair, key: string) => figures.find((figure) => figure.key === key);
  const unit = timeUnit(pairs.map((pair) => find(pair, judged)?.a?.mean ?? 0));
  const columns: Column[] = [
    { title: 'arm', align: 'left' },
    { title: `A ${judged} ${unit.name}` },
    { title: `B ${judged} ${unit.name}` },
    ...keys.map((key) => ({ title: `${titles[key] ?? key} %` })),
    { title: 'ρ A' },
    { title: 'ρ B' },
    { title: 'verdicts', align: 'left' },
  ];
  const rows = pairs.map((pair) => {
    const rho = find(pair, 'rho');
    const latency = find(pair, judged);
    const change = (key: string) => {
      const { relative } = find(pair, key) ?? {};
      return relative ? signedPercentChange(relative) : '–';
    };
    return [
      pair.a.name === pair.b.name ? pair.a.name : `${pair.a.name} / ${pair.b.name}`,
      latency?.a ? plainFigure(latency.a, unit.perS) : '–',
      latency?.b ? plainFigure(latency.b, unit.perS) : '–',
      ...keys.map(change),
      rho?.a ? rho.a.mean.toFixed(2) : '–',
      rho?.b ? rho.b.mean.toFixed(2) : '–',
      pair.a.verdict.state === pair.b.verdict.state
        ? pair.a.verdict.state
        : `${pair.a.verdict.state} / ${pair.b.verdict.state}`,
    ];
  });
  const level = `${significant(confidence * 100, 2)} %`;
  const how = pairs.every(({ paired, figures }) => paired || figures.length === 0)
    ? 'paired by replication'
    : 'A and B as if independent';
  return { title: `Differences B over A (± ${level} interval, ${how})`, columns, rows };
}

function footer({ a, b, product }: Comparison): string {
  return `${product}; input ${a.inputHash} (A), ${b.inputHash} (B)`;
}
