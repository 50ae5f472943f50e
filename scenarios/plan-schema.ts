import { z } from 'zod';
import { integerIn, mapping, oneOf, quantity } from '../foundation/schema.ts';
import { daySchema } from './plan-day-schema.ts';
import { growthSchema } from './plan-growth-schema.ts';
import { workloadSchema } from './plan-workload-schema.ts';

/** What a fleet may cost at most; each is a constraint of its own. */
const limitsSchema = mapping({
  price: quantity('price', { positive: true }).optional().describe('of the whole fleet'),
  power: quantity('power', { positive: true }).optional().describe('of the whole fleet at the target'),
  hosts: integerIn({ min: 1, max: 10_000_000 }).optional().describe('of all types together'),
});

const refreshSchema = mapping({
  every: quantity('time', { min: 1 }).describe('time between two snapshots of the model'),
  load_bandwidth: quantity('bandwidth', { positive: true }).describe(
    'at which one host loads its tables, as 1 GB/s',
  ),
  mode: oneOf(['double-memory', 'rolling', 'cheaper'])
    .prefault('cheaper')
    .describe(
      'double-memory: the old tables serve while the new ones load beside them; rolling: hosts leave service while ' +
        'they load; cheaper: whichever costs less',
    ),
}).describe('how a new snapshot of the model gets into the fleet');

/** What is asked of the fleet, of one model or of several. */
const fleetShape = {
  target: quantity('rate', { min: 1e-3 })
    .optional()
    .describe('requests per second to serve; default: the load’s rate'),
  headroom: quantity('percent', { max: 0.9 })
    .prefault('20 %')
    .describe('share of the fleet’s capacity that the target leaves free; a failure may use it up'),
  max_utilisation: quantity('percent', { min: 0.1, max: 0.98 })
    .prefault('90 %')
    .describe('most that any resource may be used, whatever the latency: beyond, small errors grow large'),
  spares: integerIn({ min: 0, max: 1000 })
    .prefault(0)
    .describe('hosts more than needed of the main tier and of every shard (N+k)'),
  survive: oneOf(['nothing', 'host', 'rack', 'region'])
    .prefault('nothing')
    .describe('failure domain that may be down while the target is served within the SLA'),
  hosts_per_rack: integerIn({ min: 1, max: 1000 }).prefault(16),
  regions: integerIn({ min: 2, max: 100 })
    .prefault(3)
    .describe('regions that share the load; read by survive: region'),
  objective: oneOf(['price', 'power', 'hosts'])
    .prefault('price')
    .describe('what the best fleet has least of'),
  precision: quantity('percent', { min: 0.001, max: 0.5 })
    .prefault('5 %')
    .describe('half interval of a capacity, relative to it, at which replications end'),
  limits: limitsSchema.prefault({}),
  stock: z
    .record(z.string(), integerIn({ min: 0, max: 10_000_000 }))
    .prefault({})
    .describe('hosts to be had, by name; those not named are unlimited'),
  sensitivity: quantity('percent', { min: 0.01, max: 0.5 })
    .prefault('20 %')
    .describe('by how much each knob is turned up and down'),
  refresh: refreshSchema.optional(),
  day: daySchema.optional(),
  growth: growthSchema.optional(),
};

/**
 * What `rankfleet plan` asks of a scenario; its arms are the alternatives that are sized.
 * @param armFields every field of an arm, optional: workloads may state them
 */
export const planSchema = (armFields: z.ZodRawShape) =>
  mapping({
    ...fleetShape,
    workloads: z
      .array(workloadSchema(armFields))
      .min(1, 'list at least one workload, or leave workloads out')
      .max(50)
      .optional()
      .describe('several models that share the stock: each runs on whichever arms cost least together'),
  }).describe('what rankfleet plan asks: alternatives are the arms');

export type PlanSpec = z.output<ReturnType<typeof planSchema>>;

/** The plan of a scenario that states none. */
export function planDefaults(): PlanSpec {
  return planSchema({}).parse({});
}
