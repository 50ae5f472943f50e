import { z } from 'zod';
import { evidenceLevels } from '../../foundation/evidence.ts';
import { intervalSchema, percentileSchema } from '../result.ts';
import { dayResultSchema } from './day/day-result.ts';
import { growthResultSchema } from './growth/growth-result.ts';
import { mixResultSchema } from './mix/mix-result.ts';
import { sensitivityResultSchema } from './sensitivity/sensitivity-result.ts';

/** Version of the plan format; it changes when a field changes its meaning. */
export const planResultVersion = 1;

const useSchema = z.object({
  group: z.string(),
  resource: z.string(),
  offered: z.number().describe('work offered over capacity'),
});

const capacitySchema = z
  .object({
    ratePerS: intervalSchema,
    limitedBy: z.enum(['latency', 'utilisation', 'unloaded-latency']),
    unloadedS: z.number().describe('the judged percentile at hardly any load'),
    utilisation: z.array(useSchema).describe('at that rate, busiest first'),
    curve: z
      .array(z.object({ ratePerS: z.number(), latencyS: z.number() }))
      .describe('the judged percentile over load'),
    replications: z.number(),
  })
  .describe('latency-bounded throughput of one replica set: one main host and one of every shard');

/** Hosts of one role: what the load needs, and what failures and spares add. */
const tierSchema = z.object({
  group: z.string().describe('main, preprocessing, or shard n'),
  host: z.string(),
  needed: z.number().describe('that serve the target with its headroom'),
  total: z.number(),
});

/** One simulated state of a fleet. */
const stateSchema = z.object({
  state: z.string().describe('normal operation, or which domain is down'),
  ratePerS: z.number(),
  hosts: z.array(z.object({ group: z.string(), serving: z.number() })),
  sliceOf: z.number().describe('the fleet was simulated as one of this many equal slices'),
  latencyS: z.object({
    p50: intervalSchema,
    p90: intervalSchema,
    p95: intervalSchema,
    p99: intervalSchema,
    'p99.9': intervalSchema,
  }),
  met: z.enum(['yes', 'no', 'uncertain']),
  verdict: z.enum(['STABLE', 'SATURATED', 'UNDER-SAMPLED', 'DOES NOT FIT']),
  utilisation: z.array(useSchema).describe('busiest first'),
});

const alternativeSchema = z.object({
  name: z.string(),
  workload: z.string().optional(),
  state: z.enum(['SIZED', 'REPLICA SET', 'DOES NOT FIT', 'MISSES SLA', 'EXCEEDS LIMITS']),
  reason: z.string(),
  capacity: capacitySchema.optional(),
  fleet: z
    .object({
      tiers: z.array(tierSchema),
      hosts: z.number(),
      hostsByType: z.record(z.string(), z.number()),
      regions: z.number(),
      refresh: z
        .object({ mode: z.enum(['double-memory', 'rolling']), loadS: z.number(), extraHosts: z.number() })
        .optional(),
    })
    .optional(),
  states: z.array(stateSchema).describe('the simulations that prove it'),
  money: z
    .object({
      usdPerHour: z.number(),
      usdPerMonth: z.number(),
      usdPerMillionRequests: z.number().describe('at the mean load'),
    })
    .optional(),
  power: z.object({ watts: z.number(), requestsPerJoule: z.number() }).optional().describe('at the target'),
  headroom: z
    .object({
      rate: z.number().describe('share of the capacity that the target leaves free'),
      memory: z.array(
        z.object({ group: z.string(), usedBytes: z.number(), capacityBytes: z.number(), kind: z.string() }),
      ),
      nic: z.array(z.object({ group: z.string(), free: z.number() })),
    })
    .optional(),
  bottleneck: useSchema.optional(),
  evidence: z
    .partialRecord(z.enum(evidenceLevels), z.number())
    .optional()
    .describe('share of a tail latency by its weakest input'),
});

const relaxationSchema = z.object({
  constraint: z.string().describe('the field that would change'),
  from: z.string(),
  to: z.string(),
  alternative: z.string(),
  effect: z.string(),
});

/** The answer to a planning question: everything that its reports read. */
export const planResultSchema = z
  .object({
    format: z.literal('rankfleet-plan'),
    version: z.literal(planResultVersion),
    fingerprint: z.object({ product: z.string(), inputHash: z.string(), seed: z.number() }),
    scenario: z.object({
      name: z.string(),
      question: z.string(),
      sla: z
        .object({ percentile: percentileSchema, limitS: z.number() })
        .optional()
        .describe('absent where every workload has its own'),
      targetPerS: z.number().optional(),
      meanPerS: z.number().optional().describe('mean load, which money per request is divided by'),
      headroom: z.number(),
      maxUtilisation: z.number(),
      spares: z.number(),
      survive: z.enum(['nothing', 'host', 'rack', 'region']),
      objective: z.enum(['price', 'power', 'hosts']),
      confidence: z.number(),
    }),
    defaults: z.array(z.object({ path: z.string(), value: z.union([z.string(), z.number(), z.boolean()]) })),
    alternatives: z.array(alternativeSchema),
    best: z.string().optional(),
    frontier: z.array(
      z.object({
        alternative: z.string(),
        oversize: z.number().describe('hosts over those that the target needs'),
        usdPerHour: z.number(),
        latencyS: intervalSchema,
        watts: z.number(),
        isEfficient: z.boolean().describe('no other point is at least as good in money, latency and power'),
      }),
    ),
    notes: z.array(z.string()).describe('what of the scenario the plan does not go by'),
    relaxations: z
      .array(relaxationSchema)
      .describe('of an infeasible plan: the least change of each constraint'),
    sensitivity: sensitivityResultSchema.optional(),
    mix: mixResultSchema.optional(),
    growth: growthResultSchema.optional(),
    day: dayResultSchema.optional(),
  })
  .describe('a rankfleet plan');

export type PlanResult = z.infer<typeof planResultSchema>;
export type Alternative = PlanResult['alternatives'][number];
export type FleetState = z.infer<typeof stateSchema>;
export type Relaxation = z.infer<typeof relaxationSchema>;
