import { z } from 'zod';
import { integerIn, mapping, name, numberIn, quantity } from '../../foundation/schema.ts';
import { verticalFleetSchema } from './fleet-schema.ts';

/** Share strictly between 0 and 1, as a positive rate must be. */
const rate = quantity('percent', { min: 1e-6, max: 0.999999 });

export const delaySchema = z
  .discriminatedUnion('kind', [
    mapping({
      kind: z.literal('weibull'),
      median: quantity('time', { positive: true }),
      shape: numberIn({ min: 0.05, max: 20 }).describe(
        'below 1: a long tail, as of conversions; 1: exponential',
      ),
    }),
    mapping({ kind: z.literal('constant'), time: quantity('time') }),
  ])
  .describe('from the impression to its positive label');

/** One binary label of a vertical: a click, a conversion. */
export const taskSchema = mapping({
  window: quantity('time', { min: 1 })
    .prefault('15 min')
    .describe(
      'waiting window: from the impression to the moment at which the vertical model reads the example',
    ),
  delay: delaySchema.prefault({ kind: 'weibull', median: '2 min', shape: 0.7 }),
  distilled: z
    .boolean()
    .prefault(true)
    .describe(
      'whether the teacher labels this task; the first task that it labels is the one a vertical is judged by',
    ),
  base_rate: rate.describe('positive rate of its labels'),
  base_ne: numberIn({ positive: true, max: 2 })
    .prefault(0.85)
    .describe('normalized entropy of the vertical model without a teacher'),
  teacher_calibration: numberIn({ min: 0.01, max: 100 })
    .prefault(1.1)
    .describe('mean prediction of a shared teacher over the positive rate: cross-domain bias; 1 has none'),
  drift: numberIn({ min: 0, max: 100 })
    .prefault(1)
    .describe('how fast it ages a teacher: factor on the loss by staleness; 1 is as ads clicks were seen to'),
}).refine(({ base_rate, teacher_calibration }) => base_rate * teacher_calibration < 1, {
  path: ['teacher_calibration'],
  error: 'with this base rate the teacher would predict 100 % or more on the mean',
});

/** A vertical model and its traffic. */
export const verticalSchema = mapping({
  model: z.string().min(1).describe('model of the zoo, or a path to a model file'),
  count: integerIn({ min: 1, max: 1000 })
    .prefault(1)
    .describe('so many verticals alike, each with this traffic'),
  examples_per_day: numberIn({ min: 1, max: 1e15 }).describe('mean over a day'),
  peak_to_mean: numberIn({ min: 1, max: 2 })
    .prefault(1.5)
    .describe('busiest moment of the day over the mean: a cosine'),
  peak_at: quantity('time', { max: 86_400 }).prefault('20 h').describe('time of the day of the peak'),
  runs: integerIn({ min: 1, max: 10_000 })
    .prefault(1)
    .describe('training runs at a time: the model in production and the experiments beside it'),
  replay: quantity('time').prefault('0 d').describe('how far back a run may start'),
  fleet: verticalFleetSchema.prefault({}),
  tasks: z
    .record(name, taskSchema, {
      error: 'expected a mapping of tasks by name, such as click: {base_rate: 2 %}',
    })
    .refine((tasks) => Object.values(tasks).some(({ distilled }) => distilled), {
      error: 'needs at least one task that the teacher labels',
    }),
});

export type VerticalFields = z.output<typeof verticalSchema>;
export type TaskFields = z.output<typeof taskSchema>;
