import { z } from 'zod';
import { integerIn, mapping, numberIn, quantity } from '../../foundation/schema.ts';

const share = quantity('percent', { min: 1e-4, max: 1 });

/** What a distillation may take at most; each is a constraint of its own. */
const limitsSchema = mapping({
  price: quantity('price', { positive: true })
    .optional()
    .describe('of all hosts, storage and moved bytes, as 20000 USD/day'),
  power: quantity('power', { positive: true }).optional().describe('of all fleets, on average, of the site'),
  hosts: integerIn({ min: 1, max: 10_000_000 }).optional().describe('of all types together'),
});

/** What `rankfleet plan` asks of a distillation; its arms are the alternatives that are sized. */
export const distillationPlanSchema = mapping({
  budget: quantity('price', { positive: true })
    .optional()
    .describe(
      'most that teacher, labels and heads may cost above no teacher, as 5000 USD/day: the teacher of most gain ' +
        'within it is sought; default: the teacher stays as it is',
    ),
  sizes: z
    .array(numberIn({ min: 1e-4, max: 1e4 }))
    .min(1, 'list at least one size')
    .max(100)
    .optional()
    .describe('sizes to choose from, as factors on the teacher; default: from 1/32 to 4, in twofold steps'),
  train_shares: z
    .array(share)
    .min(1, 'list at least one share')
    .max(50)
    .optional()
    .describe('default: from 5 % to 100 %'),
  label_shares: z
    .array(share)
    .min(1, 'list at least one share')
    .max(50)
    .optional()
    .describe('default: from 5 % to 100 %'),
  headroom: quantity('percent', { max: 0.9 })
    .prefault('20 %')
    .describe('share of the capacity of every fleet that the busiest moment of the day leaves free'),
  spares: integerIn({ min: 0, max: 1000 })
    .prefault(0)
    .describe('hosts of each training fleet, and label servers, more than needed (N+k)'),
  miss: quantity('percent', { max: 1 })
    .prefault('0 %')
    .describe('most of its labels that a task may be read without, since they come too late'),
  gain: quantity('percent', { positive: true, max: 1 })
    .optional()
    .describe('least relative NE that vertical models must gain on average, as 0.02 %'),
  limits: limitsSchema.prefault({}),
  stock: z
    .record(z.string(), integerIn({ min: 0, max: 10_000_000 }))
    .prefault({})
    .describe('hosts to be had, by name; those not named are unlimited'),
  snapshot_intervals: z
    .array(quantity('time', { min: 60 }))
    .min(1, 'list at least one interval')
    .max(50)
    .optional()
    .describe('times between two snapshots to choose from; default: the one of teacher.snapshots'),
  snapshot_gain: quantity('percent', { max: 1 })
    .prefault('0.02 %')
    .describe('relative NE that a shorter snapshot interval must add for it to be chosen'),
  sensitivity: quantity('percent', { min: 0.01, max: 0.5 })
    .prefault('20 %')
    .describe('by how much each knob is turned up and down'),
}).describe('what rankfleet plan asks of a distillation: alternatives are the arms');

export type DistillationPlanFields = z.output<typeof distillationPlanSchema>;

/** The plan of a scenario that states none. */
export function distillationPlanDefaults(): DistillationPlanFields {
  return distillationPlanSchema.parse({});
}
