import { z } from 'zod';
import { evidenceLevels } from '../foundation/evidence.ts';

const evidenceSchema = z.enum(evidenceLevels);

const measuredKindSchema = z.object({
  operator: z.string().describe('as the harness names it: gemm, embedding-bag, …'),
  dataType: z.string(),
});

export const operatorSchema = z
  .object({
    device: z.string().describe('key of its roofline'),
    net: z.string().optional().describe('of a model with several'),
    name: z.string(),
    kind: z.string(),
    dataType: z.string(),
    shape: z.string().describe('at a typical batch, in words'),
    isPreprocessing: z.literal(true).optional().describe('transforms raw features'),
    flops: z
      .number()
      .describe(
        'of all launches in the batch, as are bytes and seconds; integer steps of feature transforms',
      ),
    bytes: z.number().describe('least bytes from and to where bytesFrom says'),
    bytesFrom: z.enum(['memory', 'cache', 'host link', 'peer link']),
    cachedBytes: z.number().optional().describe('read from cache beside those'),
    seconds: z.number(),
    logError: z.number().describe('standard deviation of its error in log time; 0: nothing is known of it'),
    evidence: evidenceSchema,
    speedOfLightS: z
      .number()
      .describe('the least time that the roofs allow; over seconds: share of roofline'),
    measuredAs: z.array(measuredKindSchema).optional().describe('measured kinds that price it'),
    shares: z
      .record(z.string(), z.number())
      .describe('by arm that runs it: share of the operator time of one batch'),
  })
  .describe('an operator of a typical batch: one user, means of all that is random');

const roofSchema = z.object({ value: z.number(), evidence: evidenceSchema, source: z.string() });

const column = z.array(z.number());

const measuredSchema = measuredKindSchema
  .extend({
    implementation: z.string(),
    points: z.number().describe('measured in all; those below are a sample, even in arithmetic intensity'),
    rates: z
      .object({ latencyS: z.number(), flopPerS: z.number().optional(), bytesPerS: z.number().optional() })
      .describe('fitted: what is reached where nothing else limits; absent where it never does'),
    flops: column.describe('column by column, as are the next three; four significant digits'),
    bytes: column.describe('least bytes from and to memory'),
    seconds: column.describe('measured medians'),
    predictedS: column.describe('by the fit to all other points'),
  })
  .describe('measured points of one operator and data type');

export const rooflineSchema = z
  .object({
    unit: z.enum(['core', 'accelerator']).describe('one physical core of a CPU, or a whole accelerator'),
    peakFlopPerS: z
      .record(z.string(), roofSchema)
      .describe('by data type, FLOP/s or integer operations per second'),
    memoryBytesPerS: roofSchema.describe('of a core: what it alone draws of random rows'),
    cacheBytesPerS: roofSchema.optional().describe('of a core: from which its dense operators read'),
    calibratedLike: z
      .string()
      .optional()
      .describe(
        'device whose measured efficiencies stand for this one; its measured points are with its roofline',
      ),
    measured: z.array(measuredSchema).optional(),
  })
  .describe('what bounds a device, and what was measured on it of the kinds that the arms run');

export type OperatorResult = z.infer<typeof operatorSchema>;
export type RooflineResult = z.infer<typeof rooflineSchema>;
export type MeasuredSample = z.infer<typeof measuredSchema>;
