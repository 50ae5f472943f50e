import { z } from 'zod';
import { integerIn, mapping, oneOf } from '../foundation/schema.ts';

/** Most points of a sweep: where the line of each finished one begins is kept in memory, 14 bytes a point. */
export const maxPoints = 10_000_000;

/** Most fields of a sweep: so many dimensions have direction numbers. */
export const maxSweptFields = 32;

const scalar = z.union([z.string(), z.number(), z.boolean()], {
  error: 'expected a number, a text such as 100 QPS, true or false',
});

const bound = z.union([z.string(), z.number()], { error: 'expected a number, with its unit if it has one' });

const rangeSchema = mapping({
  from: bound.describe('first value, with its unit if it has one'),
  to: bound.describe('last value, in the same unit'),
  step: bound.optional().describe('only from, from + step, ... up to `to`; linear ranges'),
  count: integerIn({ min: 2, max: 100_000 }).optional().describe('only so many values, evenly spread'),
  scale: oneOf(['linear', 'log']).optional().describe('linear (default), or log: evenly spread ratios'),
  integer: z.boolean().optional().describe('only whole numbers'),
});

/** The values of one field: a list, or a range. */
const fieldSchema = z.union([z.array(scalar).min(1, 'list at least one value').max(10_000), rangeSchema], {
  error: 'expected a list of values, or a range such as { from: 1, to: 8, integer: true }',
});

/** What `rankfleet sweep` reads; without defaults of its own, so that no other command lists them. */
export const sweepSchema = mapping({
  method: oneOf(['grid', 'random', 'latin-hypercube', 'sobol'])
    .optional()
    .describe('grid (default): every combination; the others: a sample of `points`'),
  points: integerIn({ min: 1, max: maxPoints })
    .optional()
    .describe('points of a sample; a grid has its own number'),
  seed: integerIn({ min: 0, max: 2 ** 32 - 1 })
    .optional()
    .describe("of the sample; default: the scenario's. sobol with 0 is the sequence as published"),
  early_stop: z
    .boolean()
    .optional()
    .describe('true (default): arms of a point that are surely dominated get no replications beyond a pilot'),
  fields: z
    .record(z.string().min(1).max(100), fieldSchema)
    .refine((fields) => Object.keys(fields).length > 0, 'name at least one field to sweep')
    .describe('dotted fields of the scenario, each with a list of values or a range'),
}).describe(
  'a design space over any fields of the scenario, for rankfleet sweep; other commands pass over it',
);

export type SweepSpec = z.output<typeof sweepSchema>;
export type RangeSpec = z.output<typeof rangeSchema>;
export type SweptField = SweepSpec['fields'][string];
