import { z } from 'zod';
import { evidenceLevels } from '../foundation/evidence.ts';
import { operatorSchema, rooflineSchema } from './roofline-result.ts';
import { components } from './serving/components.ts';

export { embedded as embeddedComponents } from './serving/components.ts';

/** Version of the result format; it changes when a field changes its meaning. */
export const resultVersion = 1;

export const intervalSchema = z
  .object({
    mean: z.number(),
    low: z.number().optional(),
    high: z.number().optional(),
    cost: z
      .number()
      .optional()
      .describe('half-width owed to the error of measured costs, which the interval holds beside sampling'),
  })
  .describe('mean of the replications with its confidence interval; no interval from a single replication');

export const percentileSchema = z.enum(['p50', 'p90', 'p95', 'p99', 'p99.9']);

const byPercentile = z.object({
  p50: intervalSchema,
  p90: intervalSchema,
  p95: intervalSchema,
  p99: intervalSchema,
  'p99.9': intervalSchema,
});

const byComponent = z.object(
  Object.fromEntries(components.map((name) => [name, z.number()])) as Record<
    (typeof components)[number],
    z.ZodNumber
  >,
);

const byEvidence = z.partialRecord(z.enum(evidenceLevels), z.number());

const shardSchema = z.object({
  sizeBytes: z.number(),
  tables: z.number().describe('tables and parts of tables'),
  lookupsPerCandidate: z.number().describe('estimated pooling: mean rows per candidate'),
  lookupsPerUser: z.number(),
  replicas: z.number(),
  busyS: intervalSchema.describe('CPU seconds per request'),
  bounding: z.number().describe('share of (request, net) pairs whose critical path went through this shard'),
});

const acceleratorSchema = z.object({
  device: z.string(),
  used: z.number().describe('accelerators of each main host that serve'),
  streams: z.number().describe('batches that one accelerator has in hand at a time'),
  tables: z.enum(['host', 'replicated', 'sharded', 'cached']),
  capacityBytes: z.number().describe('memory of one accelerator that tables may take'),
  tableBytes: z
    .array(z.number())
    .describe('of each accelerator that holds a part; one number where all hold the same'),
  cache: z
    .object({
      policy: z.enum(['static', 'lru']),
      sizeBytes: z.number(),
      hitShare: z.number().describe('share of all lookups that find their row in the cache'),
      curve: z.object({ sizeBytes: z.array(z.number()), hitShare: z.array(z.number()) }),
    })
    .optional(),
});

const storedTablesSchema = z
  .object({
    originalBytes: z.number().describe('as the model file has them'),
    bytes: z.number(),
    byType: z.array(z.object({ type: z.string(), tables: z.number(), bytes: z.number() })),
    pruning: z
      .object({
        tables: z.number(),
        rowShare: z.number().describe('rows that went, of those of all tables'),
        lookupShare: z.number().describe('lookups whose row went, of those of all tables'),
        remapBytes: z.number().describe('remap vectors, which are part of the bytes'),
      })
      .optional(),
    notes: z.array(z.string()).describe('what had no effect'),
  })
  .describe('embedding tables as stored, one copy of the model; accuracy is not modelled');

/** Most replications whose figures a result keeps one by one. */
export const maxSampledReplications = 100;

const samplesSchema = z.object({
  mean: z.array(z.number()).describe('latency, s; so are the percentiles'),
  p50: z.array(z.number()),
  p90: z.array(z.number()),
  p95: z.array(z.number()),
  p99: z.array(z.number()),
  'p99.9': z.array(z.number()),
  throughputPerS: z.array(z.number()),
  mainCpuS: z.array(z.number()).describe('CPU seconds per request on the main tier'),
  shardCpuS: z.array(z.number()),
  acceleratorS: z.array(z.number()),
  rpcs: z.array(z.number()).describe('per request'),
  networkBytes: z.array(z.number()).describe('per request'),
  rho: z.array(z.number()).describe('of the resource that is busiest on the mean'),
  powerW: z.array(z.number()),
});

const perReplicationSchema = z
  .object({ nominal: samplesSchema, perturbed: samplesSchema.optional() })
  .describe(
    'figures of each replication, for paired differences to other results of the same seed; perturbed: the same ' +
      `replications with the cost model off by its error. Of up to ${maxSampledReplications} replications`,
  );

const preprocessingSchema = z.object({
  on: z.enum(['main', 'tier']),
  device: z.string().describe('device of the main hosts that serves'),
  missing: z.array(z.string()).describe('kernels that it lacks and that preprocessing needs'),
  assumed: z.array(z.string()).describe('kernels that it lacks and that were taken as written'),
  overheadS: z
    .object({ from: z.number(), to: z.number(), evidence: z.enum(evidenceLevels) })
    .optional()
    .describe('what the tier adds to a request beside its work, uniform'),
});

const armSchema = z.object({
  name: z.string(),
  verdict: z.object({
    state: z.enum(['STABLE', 'SATURATED', 'UNDER-SAMPLED', 'DOES NOT FIT']),
    reason: z.string(),
  }),
  sla: z
    .object({
      percentile: percentileSchema,
      limitS: z.number(),
      met: z.enum(['yes', 'no', 'uncertain']).describe('uncertain: the interval holds the limit'),
    })
    .optional(),
  measured: z
    .object({
      requests: z.number().describe('measured requests of all replications'),
      replications: z.number(),
      events: z.number(),
      latencyS: z.object({ mean: intervalSchema, max: z.number(), ...byPercentile.shape }),
      overBaseline: z
        .object({ ...byPercentile.shape, compute: intervalSchema })
        .optional()
        .describe('relative differences to the baseline, paired by replication: 0.1 is 10 % more'),
      breakdownS: z.object({ typical: byComponent, tail: byComponent }),
      computeS: z.object({
        cpu: intervalSchema.describe('CPU seconds per request, all tiers'),
        mainCpu: intervalSchema.describe('all but the sparse tier'),
        tierCpu: intervalSchema
          .optional()
          .describe('the part of mainCpu on a tier that preprocesses in front of the main hosts'),
        shardCpu: intervalSchema,
        accelerator: intervalSchema,
        byComponent,
      }),
      rpcsPerRequest: intervalSchema,
      networkBytesPerRequest: intervalSchema,
      utilisation: z.array(
        z.object({
          group: z.string(),
          resource: z.string(),
          mean: intervalSchema.describe('busy share seen in the run'),
          busiest: z.number().describe('of one replica in one replication'),
          offered: intervalSchema
            .optional()
            .describe('work that an open load offers, over capacity; may pass 1'),
        }),
      ),
      throughputPerS: intervalSchema,
      curve: z.object({ probability: z.array(z.number()), latencyS: z.array(z.number()) }),
      perReplication: perReplicationSchema.optional(),
    })
    .optional(),
  offeredPerS: z.number().optional().describe('requests per second of an open load'),
  shards: z.array(shardSchema),
  tables: storedTablesSchema.optional().describe('where the arm changes how tables are stored'),
  preprocessing: preprocessingSchema.optional().describe('where raw features are preprocessed'),
  accelerator: acceleratorSchema.optional().describe('what the accelerators of the main hosts do'),
  placement: z
    .object({ objectiveS: z.number(), lowerBoundS: z.number(), gap: z.number(), method: z.string() })
    .optional()
    .describe('what an optimising strategy proved'),
  fleet: z.object({
    mainHost: z.string(),
    mainHosts: z.number(),
    sparseHost: z.string(),
    sparseHosts: z.number(),
    preprocessingHost: z
      .string()
      .optional()
      .describe('of a tier that preprocesses in front of the main hosts'),
    preprocessingHosts: z.number().optional(),
    dramBytes: z.number().describe('installed in all hosts'),
    tableBytes: z.number().describe('tables in all replicas'),
    pricePerHourUsd: z.number(),
    usdPerMillionRequests: z.number().optional().describe('of an open load that is not saturated'),
    powerW: z.number().optional(),
  }),
  evidence: z.object({
    figures: byEvidence.describe('number of input figures of hosts, network and model'),
    typicalTime: byEvidence.optional().describe('share of a typical latency by its weakest input'),
    tailTime: byEvidence.optional().describe('the same for the slowest 1 % of requests'),
  }),
});

/** The answer to a scenario: everything that reports read. */
export const resultSchema = z
  .object({
    format: z.literal('rankfleet-result'),
    version: z.literal(resultVersion),
    fingerprint: z.object({
      product: z.string(),
      inputHash: z.string().describe('of the resolved scenario; not cryptographic'),
      seed: z.number(),
    }),
    scenario: z.object({
      name: z.string(),
      question: z.string(),
      baseline: z.string(),
      replications: z.number(),
      confidence: z.number(),
      sla: z.object({ percentile: percentileSchema, limitS: z.number() }).optional(),
      models: z.record(z.string(), z.unknown()),
      hosts: z.record(z.string(), z.unknown()),
      networks: z.record(z.string(), z.unknown()),
      arms: z.array(z.unknown()).describe('the resolved arms; models, hosts and networks by name'),
    }),
    defaults: z.array(z.object({ path: z.string(), value: z.union([z.string(), z.number(), z.boolean()]) })),
    arms: z.array(armSchema),
    operators: z
      .array(operatorSchema)
      .optional()
      .describe(
        'what the arms that were simulated run, each operator once; absent from results of earlier versions',
      ),
    rooflines: z.record(z.string(), rooflineSchema).optional().describe('by device of the operators'),
  })
  .describe('a rankfleet result');

export type { Interval } from './statistics/interval.ts';

export type Percentile = z.infer<typeof percentileSchema>;
export type Result = z.infer<typeof resultSchema>;
export type ArmResult = z.infer<typeof armSchema>;
export type Measured = NonNullable<ArmResult['measured']>;
export type StoredTables = z.infer<typeof storedTablesSchema>;
export type ShardResult = z.infer<typeof shardSchema>;
export type Samples = z.infer<typeof samplesSchema>;
export type PerReplication = z.infer<typeof perReplicationSchema>;
