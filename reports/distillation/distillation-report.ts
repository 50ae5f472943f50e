import { counted } from '../../foundation/counted.ts';
import type { DistillationResult } from '../../sim/training/distillation-result.ts';
import { wrap } from '../text-table.ts';
import { distillationInWords } from './answer-in-words.ts';
import { gainTable, moneyTable, replicatedTable } from './arm-tables.ts';
import { type AnsweredArm, answeredArms, detailedArms } from './arms.ts';
import { askedTable } from './asked-table.ts';
import { breakEvenInWords, breakEvenTable } from './break-even-table.ts';
import { defaultsInWords, evidenceInWords } from './evidence-lines.ts';
import { fittedTable } from './fitted-table.ts';
import { ageTable, leakNote, pipelineTable, storeTable } from './pipeline-tables.ts';
import { fleetTable, headsInWords, stepTable } from './step-tables.ts';
import { swingsTable } from './swings.ts';
import { memoryNote, resourceTable, systemTable } from './system-tables.ts';
import { gainPartsTable, gapTable, verticalTable } from './vertical-tables.ts';

/** Width that running text is wrapped to. */
const lineWidth = 100;

/** The whole answer to a scenario of external distillation as plain text, at most about 115 columns wide. */
export function distillationReport(result: DistillationResult): string {
  const detailed = detailedArms(result);
  const sections = [
    heading(result),
    fittedTable(gainTable(result)),
    fittedTable(moneyTable(result)),
    fittedTable(askedTable(result)),
    fittedTable(replicatedTable(result)),
    ...doesNotFit(result),
    wrapped(cautions(result)),
    fittedTable(pipelineTable(result)),
    fittedTable(ageTable(result)),
    leaking(result),
    ...details(detailed, result),
    otherArms(result, detailed),
    footer(result),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function heading(result: DistillationResult): string {
  return [result.scenario.question, distillationInWords(result).join(' ')]
    .filter((text) => text !== '')
    .map((text) => wrap(text, lineWidth))
    .join('\n\n');
}

function leaking(result: DistillationResult): string {
  const store = storeTable(result);
  return store ? `${fittedTable(store)}\n${leakNote}` : '';
}

/** All that is told of some arms; what is the same for a later one as for the first is said to be so. */
function details(arms: readonly AnsweredArm[], result: DistillationResult): string[] {
  const [first = []] = arms.map((arm) => detailsOf(arm, result));
  const told = new Map(first);
  return arms.flatMap((arm, index) => {
    const own = index === 0 ? first : detailsOf(arm, result);
    const isSame = ([name, text]: Detail) => index > 0 && told.get(name) === text;
    const same = own.filter(isSame).map(([name]) => name);
    return [
      ...(result.arms.length > 1 ? [armHeading(arm)] : []),
      ...own.filter((detail) => !isSame(detail)).map(([, text]) => text),
      ...(same.length > 0 ? [wrap(`As for ${arms[0].name}: ${same.join(', ')}.`, lineWidth)] : []),
    ];
  });
}

type Detail = [name: string, text: string];

function detailsOf(arm: AnsweredArm, result: DistillationResult): Detail[] {
  const below = (...parts: readonly string[]) => parts.filter((text) => text !== '').join('\n');
  return [
    ['ways to train', fittedTable(systemTable(arm))],
    ['what these take', below(fittedTable(resourceTable(arm)), memoryNote(arm))],
    ['where gains come from', fittedTable(gainPartsTable(arm))],
    ['vertical models', fittedTable(verticalTable(arm))],
    ['freshness', fittedTable(gapTable(arm))],
    [
      'training steps',
      below(fittedTable(stepTable(arm)), wrapped(headsInWords(arm).slice(0, mostSentences))),
    ],
    ['fleets', fittedTable(fleetTable(arm))],
    ['break-even', below(fittedTable(breakEvenTable(arm)), wrap(breakEvenInWords(arm), lineWidth))],
    ['what moves the gain', fittedTable(swingsTable(arm, result))],
  ];
}

/** `── Arm 6 h, STABLE ───`, above all that is told of it. */
function armHeading({ name, verdict }: AnsweredArm): string {
  const start = `── Arm ${name}, ${verdict.state} `;
  return start + '─'.repeat(Math.max(3, lineWidth - start.length));
}

/** Vertical models of which a text says what their heads take. */
const mostSentences = 6;

function otherArms(result: DistillationResult, detailed: readonly AnsweredArm[]): string {
  const others = answeredArms(result).length - detailed.length;
  if (others === 0) return '';
  return wrap(
    `In detail above: ${detailed.map(({ name }) => name).join(', ')}. A page (rankfleet report, --html) and tables of data (--csv) tell the other ${counted(others, 'arm')}, too.`,
    lineWidth,
  );
}

/** Why arms do not fit, with their remedies. */
export function doesNotFit({ arms }: DistillationResult): string[] {
  return arms
    .filter(({ verdict }) => verdict.state === 'DOES NOT FIT')
    .map(({ name, verdict }) => `${name} DOES NOT FIT. ${verdict.reasons.map(sentence).join('\n')}`);
}

function sentence(text: string): string {
  return text === '' ? text : `${text[0].toUpperCase()}${text.slice(1)}`;
}

/** Why arms are not STABLE, and what else to know before believing a figure. */
export function cautions({ arms }: DistillationResult): string[] {
  const verdicts = arms.flatMap(({ name, verdict }) =>
    verdict.state === 'SATURATED' || verdict.state === 'UNDER-SAMPLED'
      ? [`${name} is ${verdict.state}: ${verdict.reasons.join('; ')}.`]
      : [],
  );
  const warned = new Map<string, string[]>();
  for (const { name, warnings } of arms) {
    for (const warning of warnings) warned.set(warning, [...(warned.get(warning) ?? []), name]);
  }
  const who = (names: readonly string[]) =>
    names.length === arms.length && names.length > 1 ? 'All arms' : names.join(', ');
  return [
    ...verdicts,
    ...[...warned].map(([warning, names]) => `${who(names)}: ${warning}${/[.!]$/.test(warning) ? '' : '.'}`),
  ];
}

function wrapped(lines: readonly string[]): string {
  return lines.map((line) => wrap(line, lineWidth)).join('\n');
}

function footer(result: DistillationResult): string {
  const { fingerprint } = result;
  return [
    wrap(defaultsInWords(result), lineWidth),
    wrap(evidenceInWords(result), lineWidth),
    `${fingerprint.product}, seed ${fingerprint.seed}, input ${fingerprint.inputHash}`,
  ].join('\n');
}
