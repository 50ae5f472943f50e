import type { z } from 'zod';
import { type SourceDocument, validate } from '../foundation/document.ts';
import { didYouMean } from '../foundation/near-name.ts';
import { InputError, type Problem } from '../foundation/problem.ts';
import { addedLeaves, combinations, isWrittenIn, merge, missingEntry, withPath } from './merge.ts';
import { armEntrySchema, maxArms, settingsSchema } from './schema.ts';

/** One arm before it is checked: its name, its fields, and where they came from. */
export interface Variant {
  name: string;
  value: unknown;
  /** Path of the entry in the document; undefined for the only arm of a scenario without `arms`. */
  entry?: PropertyKey[];
  /** The fields of the entry's `vary`, each with the index of the value chosen for this arm. */
  varied: Record<string, number>;
  /** The document as a workload sees it; undefined where that is the scenario's own. */
  document?: SourceDocument;
}

/** What a kind of scenario says about its arms. */
export interface ArmRules {
  entrySchema: z.ZodType;
  /** Settings of the whole scenario, which no arm may change. */
  settingKeys: readonly string[];
  maxArms: number;
}

/** Of the scenarios that ask about serving. */
export const servingRules: ArmRules = {
  entrySchema: armEntrySchema,
  settingKeys: Object.keys(settingsSchema.shape),
  maxArms,
};

/** What a scenario says of its arms beside the fields that they share. */
interface StatedArms {
  arms?: unknown[] | undefined;
  name?: string | undefined;
  baseline?: string | undefined;
}

/**
 * The arms of a scenario, `vary` expanded.
 * @param base the fields that all arms share
 * @throws InputError for an entry that is wrong, too many arms, two of one name, an unknown baseline
 */
export function expandArms(
  document: SourceDocument,
  base: unknown,
  { arms, name, baseline }: StatedArms,
  rules: ArmRules = servingRules,
): Variant[] {
  if (arms?.length === 0) {
    throw new InputError([document.problemAt(['arms'], 'list at least one arm, or leave arms out')]);
  }
  const variants: Variant[] = arms ? [] : [{ name: name ?? 'scenario', value: base, varied: {} }];
  arms?.forEach((entry, index) => {
    const room = rules.maxArms - variants.length;
    const added = expandEntry(document, base, { entry, path: ['arms', index] }, room, rules);
    variants.push(...added);
  });
  checkNames(document, variants, baseline);
  return variants;
}

function expandEntry(
  document: SourceDocument,
  base: unknown,
  { entry, path }: { entry: unknown; path: PropertyKey[] },
  room: number,
  rules: ArmRules,
): Variant[] {
  const problemAt: SourceDocument['problemAt'] = (inner, message) =>
    document.problemAt([...path, ...inner], message);
  checkSettings(entry, rules, problemAt);
  const { vary = {} } = validate({ ...document, value: entry, problemAt }, rules.entrySchema) as {
    vary?: Record<string, unknown[]>;
  };
  const { name, vary: _, ...override } = entry as Record<string, unknown>;
  const merged = merge(base, override);
  const lists = Object.entries(vary);
  if (lists.length === 0) {
    return [{ name: (name as string) ?? nameOf(override), value: merged, entry: path, varied: {} }];
  }
  const missing = lists.flatMap(([key]) => {
    const message = missingEntry(merged, key.split('.'));
    return message ? [problemAt(['vary', key], message)] : [];
  });
  if (missing.length > 0) throw new InputError(missing);
  const count = lists.reduce((product, [, values]) => product * values.length, 1);
  if (count > room) {
    throw new InputError([
      problemAt(['vary'], `makes ${count} arms; a scenario has at most ${rules.maxArms}`),
    ]);
  }
  const indices = lists.map(([key, values]) => [key, values.map((_, index) => index)] as const);
  return combinations(Object.fromEntries(indices)).map((varied) => {
    const chosen = lists.map(([key, values]) => [key, values[varied[key]]] as const);
    return {
      name: [name, nameOfChoice(chosen)].filter(Boolean).join(' '),
      value: chosen.reduce((value, [key, one]) => withPath(value, key.split('.'), one), merged),
      entry: path,
      varied,
    };
  });
}

/** The chosen values, words first; a number or a flag says which field it is of, unless words beside it make that plain. */
function nameOfChoice(chosen: (readonly [key: string, value: unknown])[]): string {
  const bare = chosen.filter(([, value]) => typeof value !== 'string');
  const isPlain = bare.length <= 1 && bare.length < chosen.length;
  const named = ([key, value]: readonly [string, unknown]) =>
    isPlain || typeof value === 'string' ? String(value) : `${key.split('.').at(-1)} ${value}`;
  const words = chosen.filter((choice) => !bare.includes(choice));
  return [...words, ...bare].map(named).join(' ');
}

/** Settings of the whole scenario are told apart from unknown keys: people expect to set them by arm. */
function checkSettings(
  entry: unknown,
  { settingKeys }: ArmRules,
  problemAt: SourceDocument['problemAt'],
): void {
  const { vary, ...fields } = (entry ?? {}) as Record<string, unknown>;
  const settings = settingKeys.filter((key) => key !== 'name');
  const message = (key: string) => `${key} holds for all arms: state it at the top of the scenario`;
  const problems = [
    ...settings.filter((key) => Object.hasOwn(fields, key)).map((key) => problemAt([key], message(key))),
    ...Object.keys(vary ?? {})
      .filter((key) => settings.includes(key.split('.')[0]))
      .map((key) => problemAt(['vary', key], message(key))),
  ];
  if (problems.length > 0) throw new InputError(problems);
}

/** A name for an arm that has none: the values that it changes. */
function nameOf(override: unknown): string {
  const values = addedLeaves({}, override).map(({ value }) => String(value));
  return values.length > 0 ? values.join(' ').slice(0, 60) : 'as it is';
}

function checkNames(document: SourceDocument, variants: Variant[], baseline: string | undefined): void {
  const seen = new Set<string>();
  const problems: Problem[] = [];
  for (const { name, entry } of variants) {
    if (seen.has(name)) problems.push(document.problemAt(entry ?? [], `two arms are called '${name}'`));
    seen.add(name);
  }
  if (baseline !== undefined && !seen.has(baseline)) {
    const message = `no arm is called '${baseline}'${didYouMean(baseline, seen)}; arms: ${[...seen].join(', ')}`;
    problems.push(document.problemAt(['baseline'], message));
  }
  if (problems.length > 0) throw new InputError(problems);
}

/** Where a field of an arm was written: in its entry, in its `vary`, or in the scenario itself. */
export function sourceOf(
  document: SourceDocument,
  { entry, varied }: Variant,
  path: readonly PropertyKey[],
): PropertyKey[] {
  if (!entry) return [...path];
  const wanted = `${path.map(String).join('.')}.`;
  const key = Object.keys(varied).find((one) => wanted.startsWith(`${one}.`) || `${one}.`.startsWith(wanted));
  if (key !== undefined) return [...entry, 'vary', key, varied[key]];
  const [arms, index] = entry as [string, number];
  const scenario = document.value as Record<string, unknown>;
  const override = (scenario[arms] as unknown[])[index];
  return isWrittenIn(override, scenario, path) ? [...entry, ...path] : [...path];
}
