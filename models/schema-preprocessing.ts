import { z } from 'zod';
import { integerIn, mapping, name, numberIn, oneOf } from '../foundation/schema.ts';

/** Most features of one operator, and most entries of its tables. */
const maxFeatures = 100_000;
const maxEntries = 1_000_000_000;

const values = numberIn({ min: 0, max: 1_000_000 });

const common = {
  name: name.optional().describe('default: the operator, numbered where there are several'),
  features: integerIn({ min: 1, max: maxFeatures })
    .prefault(1)
    .describe('features that it transforms, each in the same way'),
  fused: z.boolean().prefault(true).describe('one kernel for all features; false: one for each of them'),
};

const counted = {
  ...common,
  values_per_user: values.optional().describe('values of each feature that a request has once'),
  values_per_candidate: values.optional().describe('values of each feature for each candidate'),
};

const entries = (what: string) => integerIn({ min: 1, max: maxEntries }).describe(what);

const operator = z.discriminatedUnion(
  'operator',
  [
    mapping({ operator: z.literal('bucketise'), ...counted, boundaries: entries('of each feature') }),
    mapping({ operator: z.literal('hash'), ...counted, rows: entries('of the table hashed into') }),
    mapping({
      operator: z.literal('elementwise'),
      ...counted,
      inputs: integerIn({ min: 2, max: 100 }).prefault(2).describe('tensors that are combined'),
    }),
    mapping({ operator: z.literal('map-id'), ...counted, table_ids: entries('known ids of each feature') }),
    mapping({
      operator: z.literal('merge-bucketised-dense'),
      ...counted,
      borders: integerIn({ min: 1, max: 10_000 }).describe('of each feature'),
    }),
    mapping({
      operator: z.literal('batch-event-truncate'),
      ...common,
      events: integerIn({ min: 1, max: 1_000_000 }).describe('events of a history'),
      max_events: integerIn({ min: 1, max: 1_000_000 }).describe('events that are kept'),
      level: oneOf(['user', 'candidate']).prefault('user').describe('whose histories they are'),
    }),
  ],
  {
    error:
      'expected a mapping with operator: bucketise, hash, elementwise, map-id, merge-bucketised-dense or batch-event-truncate',
  },
);

/** What is done to the raw features of a request, in this order. */
export const preprocessingSchema = z
  .array(operator, { error: 'expected a list of operators such as { operator: map-id, … }' })
  .min(1, 'list at least one operator, or leave preprocessing out')
  .max(1000);

export type PreprocessingFile = z.output<typeof operator>;
