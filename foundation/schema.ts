import { z } from 'zod';
import { type Evidenced, evidenceLevels } from './evidence.ts';
import { didYouMean } from './near-name.ts';
import { type Dimension, exampleOf, parseQuantity, quantityPattern } from './units.ts';

/** A mapping that rejects unknown keys and names the nearest known one. */
export function mapping<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code === 'unrecognized_keys') {
        return (issue.keys as string[])
          .map((key) => `unknown key '${key}'${didYouMean(key, known)}`)
          .join('; ');
      }
      return issue.input === undefined
        ? 'required, but missing'
        : `expected a mapping with ${known.join(', ')}`;
    },
  });
}

interface Range {
  /** Smallest accepted value, in SI base units. */
  min?: number;
  /** Largest accepted value, in SI base units. */
  max?: number;
  /** Whether zero itself is refused. */
  positive?: boolean;
}

/** A quantity with its unit, read into SI base units: `quantity('time')` reads `30 ms` as 0.03. */
export function quantity(
  dimension: Dimension,
  { min = 0, max = Number.MAX_VALUE, positive = false }: Range = {},
) {
  const text = z
    .union([z.string().regex(new RegExp(quantityPattern)), z.literal(0)], {
      error: (issue) =>
        issue.input === undefined
          ? `required, but missing: a ${dimension} such as '${exampleOf(dimension)}'`
          : `expected a ${dimension} with its unit, such as '${exampleOf(dimension)}', got ${show(issue.input)}`,
    })
    .meta({ description: `${dimension} with its unit, such as '${exampleOf(dimension)}'` });
  return text.transform((value, context): number => {
    try {
      const number = value === 0 ? 0 : parseQuantity(value, dimension);
      const bad = number < min || number > max || (positive && number <= 0);
      if (bad) throw new Error(`${value} is out of range: ${describeRange(dimension, min, max, positive)}`);
      return number;
    } catch (error) {
      context.issues.push({ code: 'custom', message: (error as Error).message, input: value });
      return z.NEVER;
    }
  });
}

function describeRange(dimension: Dimension, min: number, max: number, positive: boolean): string {
  const low = positive ? 'it must be above zero' : `it must be at least ${min}`;
  const high = max === Number.MAX_VALUE ? '' : ` and at most ${max}`;
  return `${low}${high} (SI base unit of a ${dimension})`;
}

/** A finite number inside a range. */
export function numberIn({ min = -Number.MAX_VALUE, max = Number.MAX_VALUE, positive = false }: Range = {}) {
  let schema = z
    .number({ error: (issue) => expectedNumber('a number', issue.input) })
    .min(min)
    .max(max);
  if (positive) schema = schema.positive();
  return schema;
}

/** A whole number inside a range. */
export function integerIn({ min = 0, max = Number.MAX_SAFE_INTEGER }: Range = {}) {
  return z
    .int({ error: (issue) => expectedNumber('a whole number', issue.input) })
    .min(min, { error: (issue) => `must be at least ${min}, got ${show(issue.input)}` })
    .max(max, { error: (issue) => `must be at most ${max}, got ${show(issue.input)}` });
}

/** One of a fixed set of words; a wrong one is answered with the nearest. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, {
    error: (issue) =>
      issue.input === undefined
        ? `required, but missing: one of ${words.join(', ')}`
        : `expected one of ${words.join(', ')}, got ${show(issue.input)}${
            typeof issue.input === 'string' ? didYouMean(issue.input, words) : ''
          }`,
  });
}

/** A name: letters, digits, dot, dash, underscore. */
export const name = z
  .string({ error: (issue) => `expected a name, got ${show(issue.input)}` })
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'a name has letters, digits, dots, dashes and underscores');

/** `{ value: 3.35 TB/s, evidence: datasheet, source: ... }`: a quantity that says where it comes from. */
export function evidenced<Value extends z.ZodType<number>>(value: Value): z.ZodType<Evidenced> {
  return mapping({
    value,
    evidence: oneOf(evidenceLevels),
    source: z.string().min(1, 'say where the figure comes from'),
  }) as unknown as z.ZodType<Evidenced>;
}

function expectedNumber(what: string, input: unknown): string {
  return input === undefined ? `required, but missing: ${what}` : `expected ${what}, got ${show(input)}`;
}

/** A value as it is quoted in an error: short, whatever it is. */
export function show(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return `'${value.length > 60 ? `${value.slice(0, 57)}...` : value}'`;
  return Array.isArray(value) ? 'a list' : 'a mapping';
}
