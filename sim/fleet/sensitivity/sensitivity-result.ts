import { z } from 'zod';
import { intervalSchema, percentileSchema } from '../../result.ts';

export const knobKinds = ['load', 'model', 'serving', 'hosts', 'network', 'accelerators'] as const;
export type KnobKind = (typeof knobKinds)[number];

const answers = ['throughput', 'latency', 'money', 'power'] as const;

const sideSchema = z
  .object({
    value: z.string().optional().describe('the knob as it was turned'),
    cannot: z.string().optional().describe('why it cannot be turned so far'),
    misfit: z.string().optional().describe('the tables no longer fit'),
    throughput: intervalSchema.optional(),
    latency: intervalSchema.optional(),
    overloaded: z.boolean().optional().describe('at the judged rate more is asked than there is'),
    money: intervalSchema.optional().describe('price of the hosts over their throughput'),
    price: z.number().optional().describe('of the hosts, relative; absent where it stays'),
    power: intervalSchema.optional(),
  })
  .describe('relative changes of the answers, paired by replication: 0.1 is 10 % more');

const knobSchema = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(knobKinds),
  value: z.string().optional(),
  down: sideSchema,
  up: sideSchema,
  effect: z.number().describe('the larger change of throughput of both sides, without its sign'),
  moves: z.array(z.enum(answers)).describe('answers whose change has an interval without zero'),
  state: z.enum(['moves', 'explained', 'unexplained']),
  reason: z.string().optional().describe('why it moves nothing, or hardly anything'),
});

const reliefSchema = z.object({
  knob: z.string(),
  side: z.enum(['down', 'up']),
  throughput: intervalSchema.describe('relative'),
  morePerS: z.number().describe('requests per second gained by the whole fleet'),
  moreUsdPerHour: z.number().optional().describe('absent where it has no price here'),
  perUsd: z.number().optional().describe('requests per second gained for each USD per hour'),
});

export const sensitivityResultSchema = z
  .object({
    alternative: z.string(),
    turnedBy: z.number(),
    percentile: percentileSchema,
    limitS: z.number(),
    fleet: z.array(z.object({ group: z.string(), hosts: z.number() })).describe('held fixed, as simulated'),
    copies: z.number().describe('how many of these the whole fleet has'),
    isReplicaSet: z.boolean().describe('no target: hosts as the scenario states them'),
    replications: z.number(),
    confidence: z.number(),
    base: z.object({
      judgedPerS: z.number().describe('rate of the whole fleet at which latency and power are compared'),
      throughputPerS: intervalSchema.describe('of the whole fleet'),
      limitedBy: z.enum(['latency', 'utilisation', 'unloaded-latency']),
      latencyS: intervalSchema.describe('the judged percentile at the judged rate'),
      usdPerHour: z.number(),
      watts: z.number(),
    }),
    bottleneck: z.object({
      group: z.string(),
      resource: z.string(),
      offered: z.number().describe('at the judged rate'),
      atCapacity: z.number(),
      component: z.string().describe('largest part of the latency of the slowest 1 %'),
      componentShare: z.number(),
      best: reliefSchema.optional().describe('what of hardware or serving relieves most'),
      idle: z
        .object({ group: z.string(), resource: z.string(), offered: z.number() })
        .optional()
        .describe('the kind of resource that is used least'),
    }),
    knobs: z.array(knobSchema).describe('largest effect first'),
    relief: z.array(reliefSchema).describe('what raises throughput surely, most first'),
    unexplained: z.array(z.string()),
  })
  .describe('what the answer is sensitive to; changes hold the noise of sampling, paired by replication');

export type SensitivityResult = z.infer<typeof sensitivityResultSchema>;
export type KnobResult = SensitivityResult['knobs'][number];
export type KnobSide = z.infer<typeof sideSchema>;
export type Relief = z.infer<typeof reliefSchema>;
