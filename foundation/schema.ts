import { z } from 'zod';
import { type Evidenced, evidenceLevels } from './evidence.ts';
import { didYouMean } from './near-name.ts';
import {
  type Dimension,
  exampleOf,
  inFittingUnit,
  parseQuantity,
  quantityPattern,
  withArticle,
  written,
} from './units.ts';
import { show, wrongWord } from './wording.ts';

export { show } from './wording.ts';

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
        : `expected a mapping with ${known.join(', ')}, got ${show(issue.input)}`;
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

/** Largest quantity of each dimension: beyond anything real, and far from where sums overflow or lose their digits. */
const largest: Record<Dimension, number> = {
  time: 1e9,
  bytes: 1e18,
  bandwidth: 1e18,
  rate: 1e9,
  compute: 1e24,
  power: 1e12,
  price: 1e9,
  frequency: 1e15,
  percent: 1e6,
  'time per byte': 1,
};

/** Smallest quantity, in any SI base unit, that counts as above zero: divisions by less overflow. */
const smallest = 1e-12;

/** A quantity with its unit, read into SI base units: `quantity('time')` reads `30 ms` as 0.03. */
export function quantity(
  dimension: Dimension,
  { min = 0, max = largest[dimension], positive = false }: Range = {},
) {
  const noun = withArticle(dimension);
  const error = ({ input }: { input?: unknown }) =>
    input === undefined
      ? `required, but missing: ${noun} such as '${exampleOf(dimension)}'`
      : `expected ${noun} with its unit, such as '${exampleOf(dimension)}', got ${show(input)}`;
  const text = z
    .union([z.string().regex(new RegExp(quantityPattern), { error }), z.literal(0)], { error })
    .meta({ description: `${dimension} with its unit, such as '${exampleOf(dimension)}'` });
  return text.transform((value, context): number => {
    try {
      const number = value === 0 ? 0 : parseQuantity(value, dimension);
      const bad = number < min || number > max || (positive && number < smallest);
      if (bad) throw new Error(`${value} is out of range: ${describeRange(dimension, min, max, positive)}`);
      return number;
    } catch (error) {
      context.issues.push({ code: 'custom', message: (error as Error).message, input: value });
      return z.NEVER;
    }
  });
}

function describeRange(dimension: Dimension, min: number, max: number, positive: boolean): string {
  const low = positive && min === 0 ? 'above zero' : `at least ${inFittingUnit(min, dimension)}`;
  return `it must be ${low} and at most ${inFittingUnit(max, dimension)}`;
}

/** A finite number inside a range. */
export function numberIn({ min = -Number.MAX_VALUE, max = Number.MAX_VALUE, positive = false }: Range = {}) {
  let schema = z
    .number({ error: (issue) => expectedNumber('a number', issue) })
    .min(min)
    .max(max);
  if (positive) schema = schema.positive();
  return schema;
}

/** A whole number inside a range. */
export function integerIn({ min = 0, max = Number.MAX_SAFE_INTEGER }: Range = {}) {
  return z
    .int({ error: (issue) => expectedNumber('a whole number', issue) })
    .min(min, { error: (issue) => `must be at least ${written(min)}, got ${show(issue.input)}` })
    .max(max, { error: (issue) => `must be at most ${written(max)}, got ${show(issue.input)}` });
}

/** One of a fixed set of words; a wrong one is answered with the nearest. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, { error: ({ input }) => wrongWord(words, input) });
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

/** Says what type is expected; a number out of range is left to the general wording. */
function expectedNumber(
  what: string,
  { code, input }: { code: string; input?: unknown },
): string | undefined {
  if (code !== 'invalid_type') return undefined;
  return input === undefined ? `required, but missing: ${what}` : `expected ${what}, got ${show(input)}`;
}
