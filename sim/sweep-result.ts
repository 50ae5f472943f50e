import { z } from 'zod';
import { evidenceLevels } from '../foundation/evidence.ts';
import { percentileSchema } from './result.ts';

/** Version of the format of a sweep in one file; it changes when a field changes its meaning. */
export const sweepResultVersion = 1;

const fieldValueSchema = z.union([z.string(), z.number(), z.boolean()]);

const taskSchema = z.object({
  index: z.number().describe('position in the sweep, from 0'),
  key: z.string().describe('hash of all that decides the rows, product version included'),
  values: z.array(fieldValueSchema).describe('of the swept fields, in their order'),
});

const estimateSchema = z
  .object({ mean: z.number(), low: z.number().optional(), high: z.number().optional() })
  .describe('mean over replications with the bounds of its interval; no bounds from a single replication');

/** Why a row has figures, or has none. */
export const rowStates = [
  'STABLE',
  'SATURATED',
  'UNDER-SAMPLED',
  'DOES NOT FIT',
  'BAD INPUT',
  'FAILED',
] as const;
export type RowState = (typeof rowStates)[number];

const armRowSchema = z
  .object({
    arm: z.string().describe('empty where the point is wrong before it has arms'),
    verdict: z.enum(rowStates),
    reason: z.string(),
    dominated: z
      .boolean()
      .describe(
        'another arm of the point was surely better in cost and latency, so this one got the pilot only',
      ),
    replications: z.number(),
    latencyS: z
      .object({
        mean: estimateSchema,
        p50: estimateSchema,
        p90: estimateSchema,
        p95: estimateSchema,
        p99: estimateSchema,
        'p99.9': estimateSchema,
      })
      .optional(),
    busiest: z
      .object({ where: z.string(), utilisation: estimateSchema })
      .optional()
      .describe('demand on the busiest resource over its capacity, and which that is'),
    throughputPerS: estimateSchema.optional(),
    slaMet: z.enum(['yes', 'no', 'uncertain']).optional(),
    mainHosts: z.number().optional(),
    sparseHosts: z.number().optional(),
    usdPerHour: z.number().optional(),
    usdPerMillionRequests: z.number().optional(),
    powerW: z.number().optional(),
    cpuSPerRequest: estimateSchema.optional(),
    evidence: z
      .partialRecord(z.enum(evidenceLevels), z.number())
      .optional()
      .describe('shares of a typical latency by the evidence for its weakest input'),
  })
  .describe('one arm of one point; times in seconds, per-request figures per measured request');

const pointSchema = taskSchema.extend({ rows: z.array(armRowSchema) });

const fieldColumnSchema = z.object({
  field: z.string(),
  column: z.string(),
  type: z.enum(['INTEGER', 'DOUBLE', 'BOOLEAN', 'VARCHAR']).describe('of SQL'),
  unit: z.string().optional().describe('of the numbers, where the field has one'),
});

const sweepSchema = z.object({
  name: z.string(),
  method: z.string(),
  product: z.string(),
  key: z.string().describe('hash of all that decides the rows'),
  total: z.number().describe('points of the whole sweep; those below may be fewer'),
  fields: z.array(fieldColumnSchema),
  judged: percentileSchema.describe('percentile that rows are judged by'),
  money: z.enum(['usdPerHour', 'usdPerMillionRequests']).describe('that rows are compared in'),
  sla: z
    .object({ percentile: percentileSchema, limitS: z.number() })
    .optional()
    .describe('the limit that the scenario states for all its points'),
  points: z.array(pointSchema),
});

/** A sweep in one file. */
export const sweepResultSchema = sweepSchema
  .extend({ format: z.literal('rankfleet-sweep-result'), version: z.literal(sweepResultVersion) })
  .describe('a rankfleet sweep, whole or as far as it is done');

/** What a swept field may hold, as a scenario would write it: `'10 GB'`, `4`, `true`. */
export type FieldValue = z.infer<typeof fieldValueSchema>;
/**
 * One point of the design space: plain data of a few hundred bytes, made lazily and in order of `index`, which tells
 * points apart, as two of a random sample may be alike in all else. Evaluating a `key` again gives the same rows, byte
 * for byte, on any machine.
 */
export type PointTask = z.infer<typeof taskSchema>;
export type Estimate = z.infer<typeof estimateSchema>;
export type ArmRow = z.infer<typeof armRowSchema>;
/** A finished point: its task and one row for each arm, in the order of the scenario. Plain data. */
export type PointResult = z.infer<typeof pointSchema>;
/** A column for a swept field: plain data, kept in the folder of the sweep. */
export type FieldColumn = z.infer<typeof fieldColumnSchema>;
/** A sweep as reports read it: finished points, in their order. */
export type SweepResult = z.infer<typeof sweepSchema>;
