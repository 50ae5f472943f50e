import type { z } from 'zod';
import { didYouMean } from './near-name.ts';
import { written } from './units.ts';

/** What is expected of a type of value, in words. */
const nouns: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

/**
 * What is wrong with a value, in the words of this product, for schemas that say nothing of their own.
 * Undefined leaves it to the schema library.
 */
export function wording(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue);
    case 'invalid_value':
      return wrongWord(issue.values.map(String), issue.input);
    case 'invalid_union':
      return noBranch(issue);
    case 'too_small':
      return outOfRange(issue.origin, 'at least', issue.minimum, issue);
    case 'too_big':
      return outOfRange(issue.origin, 'at most', issue.maximum, issue);
    case 'invalid_key':
      return `cannot be a key here: ${issue.issues.map(({ message }) => message).join(', ')}`;
    default:
      return undefined;
  }
}

type Raw<Code> = Extract<z.core.$ZodRawIssue, { code: Code }>;

function wrongType(issue: Raw<'invalid_type'>): string {
  const kinds = kindsOf(issue.inst);
  const noun = kinds ? `a mapping with kind: one of ${kinds.join(', ')}` : nouns[issue.expected];
  const expected = noun ?? issue.expected;
  if (issue.input !== undefined) return `expected ${expected}, got ${show(issue.input)}`;
  const { description } = (issue.inst ?? {}) as { description?: string };
  return `required, but missing: ${description ?? expected}`;
}

/** The kinds of a union whose branches are told apart by a field. */
function kindsOf(schema: unknown): string[] | undefined {
  const { def, propValues } = (schema as { _zod?: Internals } | undefined)?._zod ?? {};
  const values = def?.discriminator === undefined ? undefined : propValues?.[def.discriminator];
  return values && [...values].map(String);
}

interface Internals {
  def?: { discriminator?: string };
  propValues?: Record<string, Set<unknown>>;
}

function noBranch(issue: Raw<'invalid_union'>): string | undefined {
  const kinds = kindsOf(issue.inst);
  const key = issue.inst && (issue.inst as { _zod?: Internals })._zod?.def?.discriminator;
  if (kinds && key !== undefined) {
    return wrongWord(kinds, (issue.input as Record<string, unknown> | null)?.[key]);
  }
  const messages = issue.errors.flatMap(([first]) => (first ? [first.message] : []));
  return messages.length > 0 ? [...new Set(messages)].join('; or ') : undefined;
}

/** The answer to a word that is not one of those known, with the nearest of them. */
export function wrongWord(words: readonly string[], input: unknown): string {
  const expected = words.length === 1 ? words[0] : `one of ${words.join(', ')}`;
  if (input === undefined) return `required, but missing: ${expected}`;
  const near = typeof input === 'string' ? didYouMean(input, words) : '';
  return `expected ${expected}, got ${show(input)}${near}`;
}

function outOfRange(
  origin: string,
  bound: 'at least' | 'at most',
  limit: number | bigint,
  { inclusive, input }: { inclusive?: boolean; input?: unknown },
): string {
  if (origin === 'string') {
    return limit === 1 && bound === 'at least'
      ? 'must not be empty'
      : `must have ${bound} ${limit} characters`;
  }
  if (origin === 'array') {
    return `needs ${bound} ${limit} ${limit === 1 ? 'entry' : 'entries'}, got ${(input as unknown[]).length}`;
  }
  const strict = bound === 'at least' ? 'above' : 'below';
  return `must be ${inclusive === false ? strict : bound} ${written(Number(limit))}, got ${show(input)}`;
}

/** A value as it is quoted in an error: short, whatever it is. */
export function show(value: unknown): string {
  if (typeof value === 'number') return written(value);
  if (typeof value === 'boolean' || value === null) return String(value);
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return `'${value.length > 60 ? `${value.slice(0, 57)}...` : value}'`;
  return Array.isArray(value) ? 'a list' : 'a mapping';
}
