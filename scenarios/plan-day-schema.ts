import { z } from 'zod';
import { mapping, numberIn, quantity } from '../foundation/schema.ts';

const surgeSchema = mapping({
  start: quantity('time').describe('from the beginning of the day'),
  duration: quantity('time', { min: 60 }),
  factor: numberIn({ min: 1, max: 100 }).describe('by which the load of the day is multiplied'),
  ramp: quantity('time')
    .prefault('0 s')
    .describe('time in which the surge builds up, and in which it fades after its duration'),
}).describe('a day unlike the others, as Black Friday');

const autoscalingSchema = mapping({
  target_utilisation: quantity('percent', { min: 0.05, max: 0.98 })
    .prefault('60 %')
    .describe('use of its busiest resource at which each tier is held'),
  tolerance: quantity('percent', { max: 0.5 })
    .prefault('10 %')
    .describe('nothing happens while use is this near to its target, relative to it'),
  interval: quantity('time', { min: 10, max: 3600 })
    .prefault('1 min')
    .describe('time between two looks at the use, which is that of the time since the last look'),
  provisioning_delay: quantity('time', { max: 86_400 })
    .prefault('10 min')
    .describe('from the decision to the first request that a new host serves, its tables loaded'),
  scale_down_delay: quantity('time', { max: 86_400 })
    .prefault('30 min')
    .describe('hosts go when for this long fewer would have done'),
  min_share: quantity('percent', { max: 1 })
    .prefault('10 %')
    .describe('least hosts of each tier, as a share of those for the day’s peak'),
  max_share: quantity('percent', { min: 0.1, max: 100 })
    .prefault('200 %')
    .describe('most hosts of each tier, as a share of those for the day’s peak, a surge included'),
}).describe('how the fleet follows the load');

/** How a day's load is served: statically for its peak, or by a fleet that follows it. */
export const daySchema = mapping({
  peak_to_mean: numberIn({ min: 1, max: 2 })
    .optional()
    .describe('of a day that follows a sine; default: that of the load, or 1.8'),
  shape: z
    .array(numberIn({ min: 0, max: 1e9 }), { error: 'expected a list of loads' })
    .min(2, 'a day needs at least two values')
    .max(1440)
    .refine((shape) => shape.some((value) => value > 0), 'at least one value must be above zero')
    .optional()
    .describe('load at equal steps from the beginning of the day, in any unit: its peak is the target'),
  period: quantity('time', { min: 3600, max: 7 * 86_400 }).prefault('24 h'),
  surge: surgeSchema.optional(),
  autoscaling: autoscalingSchema.prefault({}),
})
  .superRefine(({ peak_to_mean, shape }, context) => {
    if (peak_to_mean === undefined || shape === undefined) return;
    context.addIssue({ code: 'custom', path: ['shape'], message: 'state shape or peak_to_mean, not both' });
  })
  .superRefine(({ surge, period }, context) => {
    if (!surge || surge.start + surge.duration + surge.ramp <= period) return;
    context.addIssue({ code: 'custom', path: ['surge'], message: 'the surge must end within the period' });
  })
  .superRefine(({ autoscaling: { min_share, max_share } }, context) => {
    if (min_share <= max_share) return;
    context.addIssue({
      code: 'custom',
      path: ['autoscaling', 'min_share'],
      message: 'must be at most max_share',
    });
  })
  .describe('a day of load: autoscaling against static provisioning');

export type DaySpec = z.output<typeof daySchema>;
export type AutoscalingSpec = DaySpec['autoscaling'];
