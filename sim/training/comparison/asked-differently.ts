import {
  formatBytes,
  formatPercent,
  formatTime,
  significant,
  withPrefix,
} from '../../../foundation/units.ts';
import type { InputDifference } from '../../compare/comparison-result.ts';
import type { DistillationResult } from '../../training/distillation-result.ts';

/** What two arms were asked differently, by field of a scenario; models, hosts and networks by name, and by content. */
export function askedDifferently(
  a: DistillationResult,
  b: DistillationResult,
  names: { a: string; b: string },
): InputDifference[] {
  const [ofA, ofB] = [fieldsOf(a, names.a), fieldsOf(b, names.b)];
  const paths = [...new Set([...ofA.keys(), ...ofB.keys()])];
  const fields = paths.filter((path) => ofA.get(path) !== ofB.get(path));
  return [
    ...fields.map((path) => ({ path, ...texts(path, ofA.get(path), ofB.get(path)), details: [] })),
    ...contents(a, b, new Set([...ofA.values(), ...ofB.values()].map(String))),
  ];
}

type Leaf = string | number | boolean;

/** Fields of an arm with their values, lists of named things by name. */
function fieldsOf({ scenario }: DistillationResult, name: string): Map<string, Leaf> {
  const arm = scenario.arms.find((one) => isMapping(one) && one.name === name);
  const { name: _, ...fields } = isMapping(arm) ? arm : {};
  return new Map(leaves(fields, []));
}

function leaves(value: unknown, path: readonly string[]): [string, Leaf][] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => {
      const named = isMapping(item) && typeof item.name === 'string';
      const { name, ...rest } = named ? item : { name: undefined };
      return named ? leaves(rest, [...path, String(name)]) : leaves(item, [...path, String(index)]);
    });
  }
  if (isMapping(value)) return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]));
  return [[path.join('.'), value as Leaf]];
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Models, hosts and networks that both use under one name, and that are not the same. */
function contents(
  a: DistillationResult,
  b: DistillationResult,
  used: ReadonlySet<string>,
): InputDifference[] {
  return (['models', 'hosts', 'networks'] as const).flatMap((kind) =>
    Object.keys(a.scenario[kind])
      .filter((name) => used.has(name) && name in b.scenario[kind])
      .filter((name) => JSON.stringify(a.scenario[kind][name]) !== JSON.stringify(b.scenario[kind][name]))
      .map((name) => ({
        path: `${kind.slice(0, -1)} ${name}`,
        a: name,
        b: `${name}, of other content`,
        details: [],
      })),
  );
}

const formats: [path: RegExp, text: (value: number) => string][] = [
  [
    /(every|publish|load|max_fill|window|replay|join|retention|correlation|peak_at|median|mean|offset|scale)$/,
    formatTime,
  ],
  [/_bandwidth$/, (value) => `${formatBytes(value)}/s`],
  [/(record|representation)$/, formatBytes],
  [/(_share|headroom|_reserved|base_rate|part)$/, formatPercent],
];

/** Both values as people write them, with as many digits as tell them apart. */
function texts(path: string, a: Leaf | undefined, b: Leaf | undefined): { a: string; b: string } {
  const short = { a: textOf(path, a), b: textOf(path, b) };
  if (short.a !== short.b) return short;
  return { a: String(a), b: String(b) };
}

function textOf(path: string, value: Leaf | undefined): string {
  if (value === undefined) return 'not set';
  if (typeof value !== 'number') return String(value);
  const [, format] = formats.find(([pattern]) => pattern.test(path)) ?? [];
  if (format) return format(value);
  if (Math.abs(value) >= 1e6) return withPrefix(value).trim();
  return Number.isInteger(value) ? String(value) : significant(value);
}
