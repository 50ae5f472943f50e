import { z } from 'zod';
import { intervalSchema, percentileSchema } from '../../result.ts';

const quarter = z.number().describe('1 is the first');

const hostsByType = z.record(z.string(), z.number()).describe('hosts by type');

const factorsSchema = z
  .object({
    rate: z.number(),
    candidates: z.number(),
    tables: z.number(),
    rows: z.number(),
    embeddingDim: z.number(),
    pooling: z.number(),
    denseWidth: z.number(),
  })
  .describe('growth to the end of the quarter; 1 is as today');

const pointSchema = z.object({
  quarter,
  state: z.enum(['SERVES', 'DOES NOT FIT', 'MISSES SLA']),
  reason: z.string().optional(),
  tableBytes: z.number(),
  ratePerS: z.number().optional().describe('capacity of each main host within the SLA, in a pool of some'),
  measured: z.boolean().describe('simulated for this quarter; else between two quarters that were'),
  hosts: hostsByType.optional().describe('that the whole demand needs on this alternative alone'),
});

const runsOutSchema = z
  .object({ quarter, reason: z.string() })
  .describe('first quarter that the hosts in place cannot serve');

const quarterPlanSchema = z.object({
  quarter,
  hosts: hostsByType.describe('in the fleet'),
  atWork: hostsByType.describe('that the demand needs, headroom, spares and failures included'),
  shares: z.array(
    z.object({
      alternative: z.string(),
      share: z.number(),
      hosts: z.array(z.object({ group: z.string(), host: z.string(), count: z.number() })),
    }),
  ),
  usdPerHour: z.number(),
  usd: z.number().describe('in this quarter'),
  watts: z.number().describe('at the demand'),
  unservedPerS: z.number(),
});

const proofSchema = z.object({
  quarter,
  alternative: z.string(),
  ratePerS: z.number().describe('its share of the demand, the headroom used up'),
  hosts: z.number().describe('without spares'),
  sliceOf: z.number().describe('the fleet was simulated as one of this many equal slices'),
  latencyS: intervalSchema,
  met: z.enum(['yes', 'no', 'uncertain']),
});

/** When fleets run out, what to order when, and what it costs. */
export const growthResultSchema = z.object({
  state: z.enum(['PLANNED', 'INFEASIBLE']),
  reason: z.string(),
  percentile: percentileSchema,
  commitment: z.enum(['horizon', 'quarter']),
  demand: z.array(
    z.object({ quarter, ratePerS: z.number(), factors: factorsSchema, tableBytes: z.number() }),
  ),
  hostTypes: z.array(
    z.object({
      host: z.string(),
      owned: z.number(),
      usdPerHour: z.number(),
      leadQuarters: z.number(),
      firstOrder: quarter,
      stock: z.number().optional(),
      perQuarter: z.number().optional(),
    }),
  ),
  alternatives: z.array(
    z.object({
      name: z.string(),
      points: z.array(pointSchema),
      runsOut: runsOutSchema.optional().describe('on the hosts in place, alone'),
    }),
  ),
  presentFleet: z.object({
    capacityPerS: z
      .array(z.number())
      .describe('by quarter: what the hosts in place serve at most, shared as well as can be'),
    runsOut: runsOutSchema.optional(),
  }),
  plan: z.array(quarterPlanSchema).describe('without unserved demand where there is such a plan'),
  orders: z.array(
    z.object({
      ordered: quarter,
      delivered: quarter,
      host: z.string(),
      count: z.number(),
      usdToEnd: z.number().describe('price from delivery to the end of the plan'),
    }),
  ),
  returns: z.array(z.object({ quarter, host: z.string(), count: z.number() })),
  money: z.object({
    totalUsd: z.number(),
    boundUsd: z.number().describe('no plan costs less'),
    gap: z.number().describe('share by which another plan may be cheaper'),
  }),
  strategies: z.array(
    z.object({
      name: z.string(),
      totalUsd: z.number().optional(),
      failsIn: quarter.optional(),
    }),
  ),
  proofs: z.array(proofSchema),
  relaxations: z
    .array(z.object({ constraint: z.string(), from: z.string(), to: z.string(), effect: z.string() }))
    .describe('where it is infeasible: the least change of each constraint alone'),
  notes: z.array(z.string()),
});

export type GrowthResult = z.infer<typeof growthResultSchema>;
export type GrowthRelaxation = GrowthResult['relaxations'][number];
