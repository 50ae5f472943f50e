import { z } from 'zod';
import { integerIn, mapping, name, numberIn, oneOf, quantity } from '../../foundation/schema.ts';
import { deepPartial } from '../deep-partial.ts';
import { costsSchema, qualitySchema } from './costs-schema.ts';
import { labellingSchema, snapshotsSchema, teacherFleetSchema } from './fleet-schema.ts';
import { distillationPlanSchema } from './plan-schema.ts';
import { verticalSchema } from './vertical-schema.ts';

/** Most arms of a distillation scenario, `vary` expanded, and most verticals of one arm, copies included. */
export const maxDistillationArms = 100;
export const maxVerticals = 1000;

const share = quantity('percent', { min: 1e-4, max: 1 });

const teacherSchema = mapping({
  model: z.string().min(1).describe('model of the zoo, or a path to a model file'),
  train_share: share
    .prefault('100 %')
    .describe('r_t: share of the unique examples that the teacher trains on'),
  label_share: share.prefault('100 %').describe('r_l: share of the unique examples that the teacher labels'),
  train_after: quantity('time', { min: 1 })
    .optional()
    .describe(
      'from the impression to the moment at which the teacher can train on the example; default: the longest window ' +
        'of the tasks that it labels',
    ),
  fleet: teacherFleetSchema.prefault({}),
  labelling: labellingSchema.prefault({}),
  snapshots: snapshotsSchema.prefault({}),
});

const overlapSchema = z
  .union(
    [
      numberIn({ min: 1, max: 1000 }),
      z.discriminatedUnion('kind', [
        mapping({
          kind: z.literal('shared-part'),
          part: quantity('percent', { max: 1 }).describe(
            'of the traffic of each vertical but the largest, shared with the others',
          ),
        }),
        mapping({ kind: z.literal('union'), unique_examples_per_day: numberIn({ min: 1, max: 1e15 }) }),
      ]),
    ],
    {
      error:
        'expected κ, examples of all verticals over unique ones, or a mapping with kind: shared-part or union',
    },
  )
  .describe('how far verticals share their examples');

const distillationSchema = z
  .discriminatedUnion(
    'kind',
    [
      mapping({
        kind: z.literal('auxiliary-heads'),
        head_width: integerIn({ min: 1, max: 100_000 }).prefault(256),
        adapter_width: integerIn({ min: 1, max: 100_000 })
          .optional()
          .describe('hidden units of the student adapter; default: there is none'),
        loss_weight: numberIn({ min: 0, max: 1000 }).prefault(1),
        transfers: oneOf(['prediction', 'representation']).prefault('prediction'),
      }),
      mapping({
        kind: z.literal('one-head'),
        loss_weight: numberIn({ min: 0, max: 1000 }).prefault(1),
        transfers: oneOf(['prediction', 'representation']).prefault('prediction'),
      }),
    ],
    {
      error:
        'expected a mapping with kind: auxiliary-heads or one-head; every answer compares with no teacher anyway',
    },
  )
  .describe('how vertical models learn from the labels of the teacher, in training only');

const storeSchema = mapping({
  record: quantity('bytes', { positive: true }).prefault('18 B').describe('of one label'),
  representation: quantity('bytes', { positive: true })
    .prefault('64 B')
    .describe('beside it, where representations are transferred'),
  retention: quantity('time', { positive: true }).prefault('30 d'),
});

const trafficSchema = mapping({
  variation: numberIn({ min: 0, max: 2 })
    .prefault(0.05)
    .describe('coefficient of variation of all traffic around its daily course'),
  correlation: quantity('time', { min: 1 }).prefault('1 h').describe('how long deviations last'),
});

/** What an arm may change: every field that decides an answer. */
const armShape = {
  teacher: teacherSchema,
  vertical_defaults: deepPartial(verticalSchema)
    .optional()
    .describe('fields that hold for every vertical that does not state them'),
  verticals: z
    .record(name, verticalSchema, {
      error: ({ code }) =>
        code === 'invalid_type'
          ? 'expected a mapping of verticals by name, such as feed: {model: ads-vm-like, …}'
          : undefined,
    })
    .refine((verticals) => Object.keys(verticals).length > 0, { error: 'needs at least one vertical' }),
  overlap: overlapSchema.prefault(1),
  traffic: trafficSchema.prefault({}),
  join: quantity('time')
    .prefault('1 min')
    .describe('before its window closes a label must be in the store so long'),
  distillation: distillationSchema.prefault({ kind: 'auxiliary-heads' }),
  store: storeSchema.prefault({}),
  costs: costsSchema.prefault({}),
  quality: qualitySchema
    .prefault({})
    .describe('constants of the quality model; default: those of the product'),
};

export const distillationArmSchema = mapping(armShape);

const armName = z.string().min(1).max(60);
const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** One entry of `arms`: a named variation of the scenario, or a grid of them. */
export const distillationArmEntrySchema = mapping({
  name: armName.optional().describe('default: what it changes'),
  vary: z
    .record(z.string().max(100), z.array(scalar).min(1))
    .optional()
    .describe('dotted fields with lists of values; one arm for each combination'),
  ...deepPartial(mapping(armShape)).shape,
});

const horizonSchema = mapping({
  warm_up: quantity('time').optional().describe('simulated before anything is counted; default: 2 d'),
  measured: quantity('time', { positive: true })
    .optional()
    .describe('default: 7 d, or four times the longest window or snapshot interval of any arm'),
  step: quantity('time', { min: 1 })
    .prefault('1 min')
    .describe('examples that arrive in one step are one cohort'),
});

const settingsShape = {
  version: z.literal(1, { error: 'expected version 1, the only one there is' }).prefault(1),
  kind: z.literal('distillation'),
  extends: z.string().min(1).optional().describe('another scenario file that this one changes'),
  name: name.optional(),
  question: z.string().max(2000).prefault('').describe('what this scenario asks, in a sentence'),
  baseline: armName.optional().describe('arm that the others are compared with; default: the first'),
  replications: integerIn({ min: 1, max: 1000 })
    .prefault(5)
    .describe('independent replications of the pipeline of each arm'),
  confidence: quantity('percent', { min: 0.5, max: 0.999 })
    .prefault('95 %')
    .describe('level of every interval over replications'),
  seed: integerIn({ min: 0, max: 2 ** 32 - 1 }).prefault(1),
  horizon: horizonSchema.prefault({}),
  plan: distillationPlanSchema.optional(),
};

/** What a scenario says about all its arms. */
export const distillationSettingsSchema = mapping({
  ...settingsShape,
  arms: z.array(z.unknown()).max(maxDistillationArms, `at most ${maxDistillationArms} arms`).optional(),
});

/** A distillation scenario file, as editors check it. */
export const distillationFileSchema = mapping({
  ...settingsShape,
  ...deepPartial(mapping(armShape)).shape,
  arms: z
    .array(distillationArmEntrySchema)
    .min(1, 'list at least one arm, or leave arms out')
    .max(maxDistillationArms)
    .optional(),
}).describe('a rankfleet scenario of external distillation: one teacher, many vertical models');

export type DistillationFields = z.output<typeof distillationArmSchema>;
export type DistillationSettings = z.output<typeof distillationSettingsSchema>;
