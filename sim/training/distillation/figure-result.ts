import { z } from 'zod';
import { evidenceLevels } from '../../../foundation/evidence.ts';
import { intervalSchema } from '../../result.ts';

export const evidenceSchema = z.enum(evidenceLevels);

export const sharesByEvidence = z.partialRecord(evidenceSchema, z.number());

/** A figure that rests on uncertain constants. */
export const estimateSchema = z
  .object({ value: z.number(), low: z.number(), high: z.number() })
  .describe('with all constants at their values, and the range of 95 % of the draws from their ranges');

/** Money for a gain, which has no end where nothing is gained. */
export const priceOfGainSchema = z
  .object({
    value: z.number().nullable(),
    low: z.number().nullable(),
    high: z.number().nullable(),
  })
  .describe('USD per day for each 0.01 % of NE; null: nothing is gained for it');

export const distributionSchema = z
  .object({
    mean: intervalSchema,
    p05: intervalSchema,
    p50: intervalSchema,
    p90: intervalSchema,
    p99: intervalSchema,
  })
  .describe('weighted by examples; intervals are over replications');

export type Estimate = z.infer<typeof estimateSchema>;
export type PriceOfGain = z.infer<typeof priceOfGainSchema>;
export type ReplicatedDistribution = z.infer<typeof distributionSchema>;
