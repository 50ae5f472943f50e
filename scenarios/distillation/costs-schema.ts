import { z } from 'zod';
import { evidenceLevels } from '../../foundation/evidence.ts';
import { mapping, numberIn, oneOf } from '../../foundation/schema.ts';

/** What a distillation costs beside the hosts, whose files state their prices and power. */
export const costsSchema = mapping({
  storage_usd_per_gb_month: numberIn({ min: 0, max: 1e6 }).prefault(0.02),
  moved_usd_per_gb: numberIn({ min: 0, max: 1e6 })
    .prefault(0.002)
    .describe('of label records written and read, and of snapshots published'),
  site_over_power: numberIn({ min: 1, max: 10 })
    .prefault(1.2)
    .describe('power of the site over that of its hosts'),
});

/** Constants of the quality model that a scenario may state, by their names there; a test holds both lists together. */
export const qualityFields = {
  gain_per_quadrupled_compute: 'gainPerQuadrupledCompute',
  gain_per_quadrupled_data: 'gainPerQuadrupledData',
  transfer_at_equal_size: 'transferAtEqualSize',
  quadruplings_to_half_transfer: 'quadruplingsToHalfTransfer',
  representation_transfer: 'representationTransfer',
  auxiliary_head_transfer: 'auxiliaryHeadTransfer',
  auxiliary_head_leak: 'auxiliaryHeadLeak',
  student_adapter_leak: 'studentAdapterLeak',
  loss_of_week_over_day: 'lossOfWeekOverDay',
  freshness_scale_s: 'freshnessScaleS',
  staleness_pass_through: 'stalenessPassThrough',
  adapter_recovery: 'adapterRecovery',
  coverage_power: 'coveragePower',
} as const;

const constantSchema = mapping({
  value: numberIn({ min: 0, max: 1e12 }),
  low: numberIn({ min: 0, max: 1e12 }).describe('least that it may plausibly be'),
  high: numberIn({ min: 0, max: 1e12 }).describe('most that it may plausibly be'),
  evidence: oneOf(evidenceLevels),
  source: z.string().min(1, 'say where the figure comes from'),
}).refine(({ value, low, high }) => low <= value && value <= high, {
  path: ['value'],
  error: 'must lie between low and high',
});

/** Any of the constants of the quality model. */
export const constantsSchema = mapping(
  Object.fromEntries(Object.keys(qualityFields).map((key) => [key, constantSchema.optional()])) as Record<
    keyof typeof qualityFields,
    z.ZodOptional<typeof constantSchema>
  >,
);

export type Constants = z.output<typeof constantsSchema>;

/**
 * Sets of constants by name: those of the literature, published, recollected or assumed; and the same with those in
 * their places that were fitted to an experiment, where it tells them.
 */
export const constantSets = ['fitted', 'literature'] as const;

/** What a scenario says of the constants of the quality model: whose they are, and those that it knows better. */
export const qualitySchema = mapping({
  constants: z
    .string()
    .min(1)
    .max(1000)
    .prefault('fitted')
    .describe('fitted, literature, or a path to a file that rankfleet distil fit wrote'),
  ...constantsSchema.shape,
});
