import { z } from 'zod';
import { estimateSchema, evidenceSchema, priceOfGainSchema } from './figure-result.ts';

/** Ways to train the same vertical models, the scenario's own last. */
export const systemNames = ['no-teacher', 'co-distillation', 'own-teachers', 'shared-teacher'] as const;

export const qualitySchema = z.object({
  parts: z
    .object({
      teacher: estimateSchema.describe('by which the teacher is better than the vertical model'),
      transferRatio: estimateSchema.describe('a ratio; the others are relative NE'),
      transferred: estimateSchema,
      bias: estimateSchema,
      freshness: estimateSchema,
      gain: estimateSchema,
    })
    .describe('relative NE: gain = transferred − bias − freshness'),
  ne: estimateSchema,
  significance: z
    .enum(['significant', 'uncertain', 'insignificant'])
    .describe('of the gain against 0.02 % of NE: its range above, across or below it'),
  swings: z
    .array(z.object({ constant: z.string(), atLow: z.number(), atHigh: z.number() }))
    .describe('gain with one constant at either end of its range, widest first'),
  evidence: evidenceSchema.optional().describe('weakest among the constants that move the gain'),
  extrapolated: z
    .number()
    .describe('share of the way from student to teacher outside of the scaling law’s range'),
});

const costItemSchema = z.object({
  kind: z.enum(['teacher training', 'labelling', 'vertical training']),
  flopPerDay: z.number(),
  busyDevices: z.number(),
  heldDevices: z.number().describe('with headroom, or for memory where that is more; not rounded up'),
  isMemoryBound: z.boolean(),
  deviceHoursPerDay: z.number(),
  usdPerDay: z.number(),
  watts: z.number().describe('mean power of the site'),
});

const costSchema = z.object({
  items: z.array(costItemSchema),
  flopPerDay: z.number(),
  deviceHoursPerDay: z.number(),
  storedBytes: z.number(),
  recordBytesPerDay: z.number().describe('label records written and read'),
  publishedBytesPerDay: z.number(),
  storageUsdPerDay: z.number(),
  movedUsdPerDay: z.number(),
  usdPerDay: z.number(),
  watts: z.number(),
});

/** One way to train the arm’s vertical models. */
export const systemSchema = z.object({
  system: z.enum(systemNames),
  cost: costSchema,
  extraUsdPerDay: z.number().describe('above no teacher'),
  meanGain: estimateSchema.describe('relative NE, mean over verticals'),
  usdPerDayPerStep: priceOfGainSchema.optional(),
  verticals: z
    .array(
      z.object({
        name: z.string(),
        extraUsdPerDay: z
          .object({ equal: z.number(), byExamples: z.number() })
          .describe('of one vertical: an equal part of the cost above no teacher, and one by examples'),
        quality: qualitySchema.optional(),
        usdPerDayPerStep: priceOfGainSchema.optional(),
      }),
    )
    .describe('of verticals alike, one of them; quality is that of the first task that the teacher labels'),
});

const closedSchema = z
  .object({
    ratio: z.number().describe('teacher FLOPs of a shared teacher over those of co-distillation'),
    overlap: z.number(),
    runs: z.number(),
    trainShare: z.number(),
    labelShare: z.number(),
    verticals: z.number().nullable().describe('null: no number of them overlaps enough'),
  })
  .describe(
    'values at which both take the same teacher FLOPs, the others staying; may lie outside of what can be',
  );

const foundSchema = z
  .object({
    figure: z.enum(['usdPerDay', 'flopPerDay', 'deviceHoursPerDay', 'watts']),
    ratio: z.number().describe('as the systems are'),
    overlap: z.number().optional(),
    trainShare: z.number().optional(),
    labelShare: z.number().optional(),
    runs: z.number().optional(),
    verticals: z.number().optional(),
  })
  .describe(
    'by search over whole costs, with fleets that load and memory need; a value is absent where there is no break-even',
  );

/** Where a shared teacher costs as much as co-distillation. */
export const breakEvenSchema = z.object({
  inputs: z.object({
    overlap: z.number().describe('κ'),
    runs: z.number().describe('E'),
    trainShare: z.number().describe('r_t'),
    labelShare: z.number().describe('r_l'),
    sharedPart: z
      .number()
      .describe('part of the traffic of each vertical past the largest that is shared, as overlap says'),
  }),
  closed: closedSchema,
  found: z.array(foundSchema),
});

export type SystemName = (typeof systemNames)[number];
export type Quality = z.infer<typeof qualitySchema>;
export type Cost = z.infer<typeof costSchema>;
export type CostItem = z.infer<typeof costItemSchema>;
export type SystemResult = z.infer<typeof systemSchema>;
export type BreakEvenResult = z.infer<typeof breakEvenSchema>;
