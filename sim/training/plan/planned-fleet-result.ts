import { z } from 'zod';

/** Hosts of one role, and what decides about their number. */
export const plannedFleetSchema = z.object({
  role: z.enum(['teacher training', 'labelling', 'vertical training']),
  verticals: z.array(z.string()).describe('of vertical training: whose runs it takes'),
  host: z.string(),
  network: z.string(),
  needed: z.number().describe('hosts without spares'),
  spares: z.number().describe('idle hosts'),
  hosts: z.number(),
  copies: z
    .number()
    .describe('fleets like this, one for each run that has hosts of its own; all figures are of all of them'),
  servers: z
    .object({ needed: z.number(), spares: z.number(), hostsEach: z.number() })
    .optional()
    .describe('of labelling: copies of the teacher'),
  limitedBy: z
    .enum(['throughput', 'memory', 'deadline'])
    .describe('memory: the fewest hosts that hold the models already keep up'),
  examplesPerDevice: z.number().optional().describe('of a step or a batch; absent where runs share hosts'),
  capacityPerS: z
    .number()
    .optional()
    .describe('examples per second of all needed hosts; absent where runs share hosts'),
  peakPerS: z.number().describe('examples per second at the busiest moment of the day, the weather aside'),
  meanPerS: z.number(),
  peakUse: z.number().describe('of the needed hosts'),
  use: z.number().describe('mean, of the needed hosts'),
  memory: z
    .object({ usedBytes: z.number(), capacityBytes: z.number() })
    .optional()
    .describe('of the fullest accelerator; absent where runs share hosts'),
  oneLess: z
    .object({ fits: z.boolean(), capacityPerS: z.number().optional() })
    .optional()
    .describe('one host less: too little memory, or too slow; of labelling the proof says it'),
  usdPerDay: z.number(),
  watts: z.number().describe('mean power of the site'),
});

export type PlannedFleet = z.infer<typeof plannedFleetSchema>;
