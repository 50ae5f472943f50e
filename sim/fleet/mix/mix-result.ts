import { z } from 'zod';
import { intervalSchema, percentileSchema } from '../../result.ts';

const totalsSchema = z.object({
  usdPerHour: z.number(),
  watts: z.number().describe('at the targets'),
  hosts: z.number(),
});

const hostsSchema = z.record(z.string(), z.number()).describe('hosts by type');

const workloadSchema = z.object({
  name: z.string(),
  model: z.string(),
  targetPerS: z.number(),
  sla: z.object({ percentile: percentileSchema, limitS: z.number() }),
});

const pairSchema = z.object({
  workload: z.string(),
  alternative: z.string(),
  host: z.string().optional().describe('type of the main hosts; absent where the pair contradicts itself'),
  isPossible: z.boolean(),
  reason: z
    .string()
    .describe(
      'why it is impossible, or what it took to make it possible; empty where there is nothing to say',
    ),
  capacity: z
    .object({
      ratePerS: intervalSchema,
      limitedBy: z.enum(['latency', 'utilisation', 'unloaded-latency']),
      unloadedS: z.number().describe('the judged percentile at hardly any load'),
      replications: z.number(),
    })
    .optional()
    .describe('of one main host in a pool, with so many of every other role that none waits for another'),
  alone: totalsSchema
    .extend({ hostsByType: hostsSchema })
    .optional()
    .describe('if it served the whole target, whatever the stock'),
});

const stateSchema = z.object({
  state: z.string().describe('normal operation with the headroom used up, or which domain is down'),
  ratePerS: z.number(),
  sliceOf: z.number().describe('simulated as one of this many equal slices'),
  latencyS: intervalSchema.describe('the judged percentile'),
  met: z.enum(['yes', 'no', 'uncertain']),
  busiest: z.object({ group: z.string(), resource: z.string(), offered: z.number() }),
});

const shareSchema = z.object({
  workload: z.string(),
  alternative: z.string(),
  host: z.string().describe('type of the main hosts'),
  ratePerS: z.number(),
  share: z.number().describe('of the target'),
  tiers: z.array(z.object({ groups: z.array(z.string()), host: z.string(), hosts: z.number() })),
  totals: totalsSchema,
  oversize: z
    .number()
    .describe('most of any role over the hosts of the operating point, raised until the simulation held'),
  states: z.array(stateSchema).describe('the simulations that prove it'),
});

const comparisonSchema = z.object({
  name: z.string(),
  totals: totalsSchema.optional().describe('absent where some workload cannot run so'),
  hostsByType: hostsSchema,
  isPossible: z.boolean(),
  reason: z.string().describe('what it lacks'),
});

/** Which model runs where, at the least cost. */
export const mixResultSchema = z
  .object({
    state: z.enum(['SOLVED', 'UNPROVEN', 'INFEASIBLE']).describe('unproven: simulations still miss an SLA'),
    objective: z.enum(['price', 'power', 'hosts']),
    headroom: z.number(),
    spares: z.number(),
    survive: z.enum(['nothing', 'host', 'rack', 'region']),
    workloads: z.array(workloadSchema),
    pairs: z.array(pairSchema),
    solution: z
      .object({
        value: z.number().describe('of the objective: USD/h, W or hosts'),
        bound: z.number().describe('no mix of these operating points has less'),
        gap: z.number().describe('what the value may be above the best, relative to it'),
        method: z.enum(['branch and bound', 'greedy']),
        isTimeLimited: z.boolean().describe('the clock stopped the search'),
        totals: totalsSchema,
        atLowerEnds: totalsSchema
          .optional()
          .describe(
            'of the best mix if every capacity were at the lower end of its interval; absent where none is left',
          ),
        rounds: z.number().describe('times that hosts were raised after a simulation missed'),
      })
      .optional(),
    shares: z.array(shareSchema),
    stock: z.array(
      z.object({
        host: z.string(),
        stock: z.number().optional().describe('absent: unlimited'),
        used: z.number(),
        worth: z
          .number()
          .optional()
          .describe('how much less of the objective the mix would take with any number of this type'),
      }),
    ),
    comparisons: z.array(comparisonSchema),
    relaxations: z
      .array(z.object({ constraint: z.string(), from: z.string(), to: z.string(), effect: z.string() }))
      .describe('of an infeasible mix: the least change of each constraint, the others kept'),
  })
  .describe('several models on several host types with finite stock');

export type MixResult = z.infer<typeof mixResultSchema>;
export type MixTotals = z.infer<typeof totalsSchema>;
