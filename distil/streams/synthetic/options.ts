import { z } from 'zod';
import { formatPath } from '../../../foundation/document.ts';
import { InputError, type Problem } from '../../../foundation/problem.ts';
import { integerIn, mapping, name, numberIn } from '../../../foundation/schema.ts';
import { wording } from '../../../foundation/wording.ts';
import { maxVerticals } from '../stream.ts';

const taskSchema = mapping({
  name,
  base_rate: numberIn({ min: 1e-4, max: 0.9999 })
    .default(0.2)
    .describe('probability of a positive where all effects are zero'),
  label_noise: numberIn({ min: 0, max: 0.5 })
    .default(0)
    .describe('probability that a label is the other than what it should be'),
  alike: numberIn({ min: -1, max: 1 })
    .default(1)
    .describe('correlation of the effects of this task with those of the first; 1 for the first itself'),
  mean_delay_s: numberIn({ min: 0, max: 1e8 })
    .default(0)
    .describe('mean of the exponential time from an impression to its label'),
});

/** A world that examples are drawn from, and all that is known of it. Every figure of it is a [model choice]. */
export const syntheticSchema = mapping({
  seed: integerIn().default(1),
  days: integerIn({ min: 1, max: 3650 }).default(30),
  examples_per_day: integerIn({ min: 1, max: 10_000_000 }).default(5000),
  cardinalities: z
    .array(integerIn({ min: 2, max: 1_000_000 }))
    .min(1)
    .default([200, 200, 50, 24])
    .describe('ids of each field; few of them make up most of the traffic'),
  verticals: integerIn({ min: 1, max: maxVerticals }).default(4),
  overlap: numberIn({ min: 0, max: 1 })
    .default(0)
    .describe('share of the examples that a second vertical has too: κ = 1 + overlap'),
  signal: numberIn({ min: 0, max: 10 })
    .default(1)
    .describe('standard deviation of the logit over examples, effects of verticals left out'),
  interaction: numberIn({ min: 0, max: 1 })
    .default(0.3)
    .describe(
      'share of that variance that no sum over fields explains: an interaction of the first two fields',
    ),
  drift_days: numberIn({ min: 0.1, max: 1e6 })
    .nullable()
    .default(60)
    .describe(
      'days after which effects are correlated by 1/e with what they were; null where nothing ever changes',
    ),
  vertical_bias: numberIn({ min: 0, max: 10 })
    .default(0.3)
    .describe(
      'standard deviation over verticals of what each adds to the logit: the bias of who does not see them apart',
    ),
  tasks: z
    .array(taskSchema)
    .min(1)
    .max(8)
    .prefault([{ name: 'click' }]),
});

export type SyntheticOptions = z.output<typeof syntheticSchema>;
export type SyntheticTask = SyntheticOptions['tasks'][number];

/** @throws InputError listing all that is wrong */
export function syntheticOptions(given: z.input<typeof syntheticSchema> = {}): SyntheticOptions {
  const result = syntheticSchema.safeParse(given, { error: wording });
  if (!result.success) {
    const problems = result.error.issues.map(
      ({ path, message }): Problem => ({ path: formatPath(path), message }),
    );
    throw new InputError(problems);
  }
  const { days, examples_per_day, interaction, cardinalities, tasks } = result.data;
  if (days * examples_per_day > 2 ** 27)
    throw new InputError(`${days * examples_per_day} examples are more than memory is for: at most 2²⁷`);
  if (interaction > 0 && cardinalities.length < 2)
    throw new InputError('interaction: one field has none to interact with; expected two cardinalities or 0');
  if (tasks[0].alike !== 1) throw new InputError('tasks[0].alike: the first task is like itself; expected 1');
  if (new Set(tasks.map((task) => task.name)).size < tasks.length)
    throw new InputError('tasks: two of them have the same name');
  return result.data;
}
