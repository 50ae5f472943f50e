import { z } from 'zod';
import { intervalSchema, percentileSchema } from '../../result.ts';

const policySchema = z.object({
  policy: z.string(),
  hosts: z.object({
    fewest: z.number(),
    mean: z.number(),
    most: z.number(),
  }),
  hostHours: z.number(),
  usd: z.number(),
  energyJ: z.number(),
  meanUse: z.number().describe('use of the busiest resource, mean over the day'),
  violationS: z.number().describe('time in which the percentile is above its limit'),
  missedShare: z.number().describe('share of the requests that take longer than the limit'),
  worstLatencyS: intervalSchema.describe('the percentile at its worst, backlog included'),
});

const daySchema = z.object({
  day: z.enum(['ordinary', 'surge']),
  policies: z.array(policySchema),
});

/** A day of load: static fleets against one that follows it. */
export const dayResultSchema = z.object({
  alternative: z.string(),
  percentile: percentileSchema,
  limitS: z.number(),
  periodS: z.number(),
  peakPerS: z.number(),
  meanPerS: z.number(),
  surge: z
    .object({ startS: z.number(), durationS: z.number(), factor: z.number(), peakPerS: z.number() })
    .optional(),
  autoscaling: z.object({
    targetUse: z.number(),
    provisioningS: z.number(),
    scaleDownS: z.number(),
    intervalS: z.number(),
  }),
  curve: z
    .array(
      z.object({
        ratePerS: z.number(),
        use: z.number(),
        latencyS: intervalSchema,
        within: z.number().describe('share of requests within the limit'),
      }),
    )
    .describe('simulated: the fleet sized for the peak, at loads from hardly any to nearly full'),
  days: z.array(daySchema),
  usdPerMonth: z
    .array(z.object({ policy: z.string(), usd: z.number() }))
    .describe('of ordinary days, 730 hours'),
  series: z
    .object({
      day: z.enum(['ordinary', 'surge']),
      timeS: z.array(z.number()),
      ratePerS: z.array(z.number()),
      serving: z.array(z.number()),
      paid: z.array(z.number()),
      use: z.array(z.number()),
      latencyS: z.array(z.number()),
      lowS: z.array(z.number()),
      highS: z.array(z.number()),
    })
    .describe('the autoscaled fleet; hosts and latency are the most within each span of time'),
  targets: z
    .array(
      z.object({ targetUse: z.number(), hostHours: z.number(), usd: z.number(), violationS: z.number() }),
    )
    .describe('other target utilisations on the same day'),
  bestTarget: z
    .object({ targetUse: z.number(), holds: z.boolean() })
    .describe('cheapest of those with the least time in violation'),
  delays: z
    .array(z.object({ provisioningS: z.number(), violationS: z.number() }))
    .describe('other provisioning delays on the same day'),
  longestDelayS: z
    .number()
    .optional()
    .describe('the longest provisioning delay with which, and with all shorter ones, the SLA holds all day'),
});

export type DayResult = z.infer<typeof dayResultSchema>;
