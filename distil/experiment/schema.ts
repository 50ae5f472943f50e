import { z } from 'zod';
import { integerIn, mapping, name, numberIn, oneOf } from '../../foundation/schema.ts';
import { maxVerticals, secondsPerDay } from '../streams/stream.ts';
import { syntheticSchema } from '../streams/synthetic/options.ts';
import { armIds, controlIds } from './arms.ts';

const text = z.string().min(1);

const flightsSchema = mapping({
  kind: z.literal('flights'),
  verticals: z
    .union([
      integerIn({ min: 1, max: maxVerticals }),
      z
        .array(mapping({ name, airports: z.array(text).min(1) }))
        .min(1)
        .max(maxVerticals),
    ])
    .default(8)
    .describe('how many of about equal traffic all airports are dealt to, or the airports of each'),
  reach: oneOf(['departures', 'departures and arrivals']).default('departures'),
  thresholds: z
    .array(integerIn({ min: 0, max: 1440 }))
    .min(1)
    .max(8)
    .default([15, 30])
    .describe('minutes late, beyond which a flight is a positive of a task such as delay>15'),
});

const sourceSchema = z
  .discriminatedUnion('kind', [
    flightsSchema,
    mapping({
      kind: z.literal('synthetic'),
      options: syntheticSchema.prefault({}).describe('of the world that examples are drawn from'),
    }),
    mapping({
      kind: z.literal('csv'),
      file: text.describe('relative to this file'),
      layout: text.describe(
        'criteo, kuai-video or taobao-ad, or the path of a layout of yours, relative to this file',
      ),
    }),
  ])
  .describe('where the examples come from');

const rate = numberIn({ positive: true, max: 10 });
const width = integerIn({ min: 1, max: 4096 });

const shape = (embedding: number, hidden: number) => ({
  fields: z.array(text).min(1).optional().describe('that it reads; default: all of the stream'),
  embedding: width.default(embedding).describe('width of embeddings'),
  hidden: z.array(width).min(1).max(8).default([hidden]).describe('widths of the hidden layers'),
  head_hidden: z.array(width).max(8).default([]).describe('widths of hidden layers inside the serving head'),
});

const adapterSchema = mapping({
  input: oneOf(['probability', 'logit']).default('probability').describe('what of y_F the adapter reads'),
  hidden: z.array(width).max(8).default([8]).describe('none makes it affine'),
  residual: z
    .boolean()
    .default(false)
    .describe('adds the log-odds of y_F: the adapter starts as the identity'),
  learning_rate: rate.default(0.05),
});

const distillationSchema = mapping({
  weight: numberIn({ positive: true, max: 1000 }).default(1).describe('w of the distillation loss'),
  gradient_scale: numberIn({ positive: true, max: 1000 })
    .default(4)
    .describe('β of arms with gradient scaling'),
  label_scale: numberIn({ min: 1, max: 1000 }).default(2).describe('α of arms with label scaling'),
  head_hidden: z
    .array(width)
    .max(8)
    .default([])
    .describe('widths of hidden layers inside a distillation head'),
  raised_rate: numberIn({ positive: true, max: 1000 })
    .default(2)
    .describe("multiple of the backbone's rate of the control raised-rate"),
  adapter: adapterSchema.prefault({}),
});

const days = integerIn({ min: 0, max: 3650 });
const distinct = (values: unknown[]) => new Set(values).size === values.length;
const onceEach = 'lists something twice';

/** An experiment of external distillation, as a person writes it. Models and knobs not stated are [model choice]s. */
export const experimentFileSchema = mapping({
  version: z.literal(1),
  kind: z.literal('distillation-experiment'),
  question: z.string().min(1).optional(),
  source: sourceSchema,
  teacher: mapping({
    task: text.describe('that the teacher is trained on'),
    ...shape(8, 48),
    learning_rate: rate.optional().describe('of Adagrad; default: that of the students'),
    snapshots_per_day: integerIn({ min: 1, max: 288 })
      .refine((count) => secondsPerDay % count === 0, 'leaves snapshots at no whole seconds of a day')
      .default(1)
      .describe('at equal distances from midnight on; each is in use from the moment at which it is taken'),
    sizes: z
      .array(numberIn({ min: 0.01, max: 100 }))
      .min(1)
      .max(16)
      .refine(distinct, onceEach)
      .refine((sizes) => sizes.includes(1), 'leaves out 1, the teacher that all arms have')
      .default([1])
      .describe('multiples of its widths, for the curve of transfer'),
    logs: z
      .array(text)
      .min(1)
      .max(16)
      .refine(distinct, onceEach)
      .optional()
      .describe(
        'what a teacher from elsewhere said, instead of training one: logs as --keep-logs keeps them, or .csv files with columns example, probability, trained_through_s; relative to this file',
      ),
  }),
  student: mapping({
    tasks: z
      .array(text)
      .min(1)
      .max(8)
      .refine(distinct, onceEach)
      .describe('one student each; another than that of the teacher is cross-task'),
    ...shape(4, 16),
  }),
  verticals: mapping({
    grid: z.array(text).min(1).max(maxVerticals).refine(distinct, onceEach).describe('with every arm'),
    all: z
      .array(text)
      .min(1)
      .max(maxVerticals)
      .refine(distinct, onceEach)
      .optional()
      .describe('with base and auxiliary head at least; default: all of the stream'),
  }),
  arms: z
    .array(oneOf(armIds))
    .min(1)
    .refine(distinct, onceEach)
    .default([...armIds])
    .describe('beside base, which is always run'),
  controls: z
    .array(oneOf(controlIds))
    .refine(distinct, onceEach)
    .default([...controlIds])
    .describe('what else may explain a gain'),
  staleness_days: z.array(days).min(1).max(16).refine(distinct, onceEach).default([0, 1, 7, 28]),
  lag_days: z
    .array(days)
    .min(1)
    .max(32)
    .refine(distinct, onceEach)
    .default([0, 1, 2, 3, 5, 7, 10, 14, 21, 28])
    .describe('ages of snapshots at which the teacher is measured'),
  seeds: integerIn({ min: 1, max: 100 }).default(5),
  distillation: distillationSchema.prefault({}),
  training: mapping({
    batch: integerIn({ min: 1, max: 4096 }).default(32),
    learning_rate: rate.default(0.05).describe('of Adagrad, of students'),
    max_table_rows: integerIn({ min: 1, max: 10_000_000 })
      .default(100_000)
      .describe('of a field, beyond which its ids are hashed'),
  }).prefault({}),
  metrics: mapping({
    from_day: days.describe('first day that counts, from 0; after every snapshot has come up'),
    period_days: integerIn({ min: 1, max: 365 }).default(7),
    level: numberIn({ min: 0.5, max: 0.999 }).default(0.95).describe('confidence of intervals'),
    resamples: integerIn({ min: 100, max: 100_000 }).default(2000),
    block_days: integerIn({ min: 1, max: 365 }).default(7).describe('of the bootstrap over days'),
  }),
});

export type ExperimentFile = z.output<typeof experimentFileSchema>;
