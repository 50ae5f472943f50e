import { stringify } from 'yaml';
import { significant } from '../../../foundation/units.ts';
import type { Language } from '../../artifact.ts';
import type { Advice } from '../../operator.ts';
import { knobKinds, type Platform } from '../vocabulary.ts';
import { type Change, type Evidence, meanFactor } from './evidence.ts';

/** Where a skill applies. */
export interface SkillScope {
  operator: string;
  language: Language;
  platform: Platform;
}

/** Mean factor from which a change is worth an advice. */
const worthwhile = 1.03;
const mostChanges = 12;

/** Kinds whose knobs made kernels faster when they were turned one way, the strongest first. */
export function adviceOf({ changes }: Pick<Evidence, 'changes'>): Advice[] {
  const kinds = [...new Set(changes.map(({ kind }) => kind))].filter((kind) =>
    Object.hasOwn(knobKinds, kind),
  );
  return kinds
    .map((kind) => ({ kind, factor: meanFactor(changes.filter((change) => change.kind === kind)) }))
    .filter(({ factor }) => strength(factor) >= worthwhile)
    .sort((a, b) => strength(b.factor) - strength(a.factor))
    .map(({ kind, factor }) => ({ kind, direction: factor > 1 ? 'up' : 'down' }));
}

/** A skill as a document of the knowledge base. */
export function skillText(evidence: Evidence, { operator, language, platform }: SkillScope): string {
  const { device, data_type: dataType } = evidence;
  const marks = {
    title: `What made ${operator} of ${dataType} fast on ${device} in ${language}`,
    platforms: [platform],
    languages: [language],
    bottlenecks: 'any',
    phases: 'any',
    operators: [operator],
    advises: adviceOf(evidence).map(({ kind, direction }) => `${kind} ${direction}`),
    evidence,
  };
  return `---\n${stringify(marks, { lineWidth: 0 })}---\n\n${body(evidence)}\n`;
}

function body({ best, changes, failures, reference, shapes, searches }: Evidence): string {
  const knobs = Object.entries(best.knobs).map(([name, value]) => `${name} = ${value}`);
  return [
    `Measured by ${searches.length === 1 ? 'a search' : `${searches.length} searches`} on ${shapes.join('; ')}.`,
    `The fastest kernel, ${best.kernel}${knobs.length > 0 ? ` with ${knobs.join(', ')}` : ''}, was ${significant(best.factor)} × as fast as ${reference}.`,
    ...(changes.length > 0 ? [table(changes)] : []),
    ...failures.map(
      ({ knob, value, signature, trials }) =>
        `- ${knob} = ${value} made ${trials === 1 ? 'a working kernel' : `${trials} working kernels`} fail: ${signature}`,
    ),
  ].join('\n\n');
}

function table(changes: readonly Change[]): string {
  const rows = [...changes]
    .sort((a, b) => strength(b.factor) - strength(a.factor))
    .slice(0, mostChanges)
    .map(
      ({ knob, kind, from, to, factor, trials }) =>
        `| ${knob} | ${kind} | ${from} → ${to} | ${significant(factor)} × | ${trials} |`,
    );
  return ['| knob | kind | turned | faster by | pairs |', '|-|-|-|-|-|', ...rows].join('\n');
}

/** How far a factor is from 1, either way. */
function strength(factor: number): number {
  return Math.max(factor, 1 / factor);
}
