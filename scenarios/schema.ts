import { z } from 'zod';
import { integerIn, mapping, name, numberIn, oneOf, quantity } from '../foundation/schema.ts';
import { kernelNames } from '../hardware-profiles/kernels.ts';
import { deepPartial } from './deep-partial.ts';
import { loadSchema } from './load-schema.ts';
import { planSchema } from './plan-schema.ts';
import { slaSchema } from './sla-schema.ts';
import { sweepSchema } from './sweep-schema.ts';
import { pruningSchema, tableTypesSchema } from './tables-schema.ts';

/** Sparse shards that a scenario may state; beyond, none are proposed either. */
export const mostShards = 1024;

export const strategies = [
  'singular',
  'one-shard',
  'capacity-balanced',
  'load-balanced',
  'nsbp',
  'best',
  'size-greedy',
  'lookup-greedy',
  'size-lookup-greedy',
  'dim-greedy',
  'random',
] as const;

const policies = ['random', 'round-robin', 'least-outstanding', 'power-of-two'] as const;

const replicas = integerIn({ min: 1, max: 10_000 });

const shardingSchema = mapping({
  strategy: oneOf(strategies).prefault('capacity-balanced'),
  shards: integerIn({ min: 1, max: mostShards }).prefault(1).describe('sparse shards; singular has none'),
  placement: z
    .string()
    .min(1)
    .optional()
    .describe('JSON file with a placement of your own; replaces strategy and shards'),
  row_wise: z
    .array(z.string())
    .prefault([])
    .describe('tables to split row-wise (modulus hash) over all shards; no effect on singular and one-shard'),
  column_wise: z
    .record(z.string(), integerIn({ min: 2, max: 1024 }))
    .prefault({})
    .describe(
      'tables to split column-wise, with their number of slices; no effect on singular and one-shard',
    ),
});

const tierSchema = mapping({
  host: z.string().min(1).prefault('sc-large').describe('host of the catalogue, or a path to a host file'),
  replicas: replicas.prefault(1),
  workers: integerIn({ min: 1, max: 4096 })
    .optional()
    .describe('worker threads; default: one per physical core'),
  policy: oneOf(policies).prefault('least-outstanding').describe('how a replica is chosen'),
});

const sparseTierSchema = mapping({
  ...tierSchema.shape,
  replicas: z
    .union([replicas, z.array(replicas).min(1)], {
      error: 'expected a number of replicas, or one number per shard',
    })
    .prefault(1)
    .describe('replicas of every shard, or a list with one number per shard'),
});

const mainTierSchema = mapping({
  ...tierSchema.shape,
  accelerators_used: integerIn({ min: 1, max: 1024 })
    .optional()
    .describe('accelerators of each main host that serve; default: all that it has'),
});

/** The tier in front that preprocesses what the main hosts cannot, as its fields come without being stated. */
export const preprocessingTierSchema = mapping(tierSchema.shape);

const fleetSchema = mapping({
  main: mainTierSchema.prefault({}),
  sparse: sparseTierSchema.prefault({}),
  preprocessing: preprocessingTierSchema
    .optional()
    .describe('CPU hosts in front of the main ones, for preprocessing that these lack a kernel for'),
  network: z
    .string()
    .min(1)
    .prefault('datacentre-tcp')
    .describe('network of the catalogue, or a path to a network file'),
  dram_reserved: quantity('percent', { max: 0.95 })
    .prefault('10 %')
    .describe('share of DRAM that tables may not use'),
  accelerator_reserved: quantity('percent', { max: 0.95 })
    .optional()
    .describe('share of accelerator memory that tables may not use; default: 10 %'),
});

const batchingSchema = mapping({
  max_candidates: integerIn({ min: 1, max: 100_000_000 }).describe(
    'most candidates of a batch; larger requests are split, others stay whole',
  ),
  max_wait: quantity('time')
    .prefault('0 s')
    .describe('a batch that is not full starts when its oldest request has waited this long'),
}).describe(
  'merges the requests that wait at a main replica into batches; takes the place of batch_size. A batch starts as ' +
    'soon as a slot is idle, once it is full or max_wait is over',
);

const servingSchema = mapping({
  batch_size: z
    .union([integerIn({ min: 1, max: 1_000_000 }), z.literal('whole-request')], {
      error: "expected a number of candidates, or 'whole-request'",
    })
    .prefault(64)
    .describe('candidates of a batch'),
  scheduling: oneOf(['fifo', 'continuations-first'])
    .prefault('fifo')
    .describe('who gets a free core: first come, or batches that have begun before new ones'),
  dense_on: oneOf(['cpu', 'accelerator'])
    .optional()
    .describe('where dense operators run; default: on accelerators where the main host has them'),
  tables_on: oneOf(['host', 'accelerator'])
    .optional()
    .describe(
      'where the main host keeps its tables; default: host. accelerator needs sharding.strategy singular',
    ),
  accelerator_tables: oneOf(['replicated', 'sharded', 'cached'])
    .optional()
    .describe(
      'replicated (default): every accelerator holds all tables; sharded: each holds a part and all of them serve ' +
        'each batch together, exchanging pooled vectors; cached: the host holds them, each accelerator the hottest rows',
    ),
  accelerator_cache: quantity('bytes', { positive: true })
    .optional()
    .describe('memory of each accelerator for cached rows; default: what is free'),
  cache_policy: oneOf(['static', 'lru'])
    .optional()
    .describe('static (default): the rows read most often per byte stay in the cache; lru: those read last'),
  streams: integerIn({ min: 1, max: 1024 })
    .optional()
    .describe('batches that one accelerator has in hand at a time, copies included; default: 2'),
  offload_threshold: integerIn({ min: 1, max: 100_000_000 })
    .optional()
    .describe(
      'requests of fewer candidates stay on CPU cores, in batches of batch_size; others go to an accelerator whole, ' +
        'or by dynamic_batching',
    ),
  dynamic_batching: batchingSchema.optional(),
  preprocessing_on: oneOf(['main', 'tier'])
    .optional()
    .describe(
      'where raw features are preprocessed; default: main, where the main host has all kernels, else the tier of ' +
        'fleet.preprocessing',
    ),
  split_overhead: mapping({ from: quantity('time').optional(), to: quantity('time').optional() })
    .optional()
    .describe('what a tier in front adds to each request beside its work, uniform; default: 10 ms to 20 ms'),
  assume_kernels: z
    .array(oneOf(kernelNames))
    .optional()
    .describe('kernels that the main device lacks, taken as written: what would they bring?'),
  rpc_service: quantity('time')
    .prefault('25 us')
    .describe('CPU of service boilerplate per RPC on the sparse shard, and per batch on the main shard'),
  net_overhead: quantity('time').prefault('30 us').describe('CPU to schedule one net once'),
});

/** What an arm may change: every field that decides an answer. */
const armShape = {
  model: z.string().min(1).describe('model of the zoo, or a path to a model file'),
  table_data_type: tableTypesSchema.optional(),
  pruning: pruningSchema.optional(),
  dense_data_type: oneOf(['fp32', 'tf32', 'bf16', 'fp16', 'fp8', 'int8'])
    .optional()
    .describe('computes every dense operator in this type instead of its own'),
  pooling_scale: numberIn({ positive: true, max: 1000 })
    .prefault(1)
    .describe('multiplies every pooling factor'),
  load: loadSchema.prefault({}),
  serving: servingSchema.prefault({}),
  fleet: fleetSchema.prefault({}),
  sharding: shardingSchema.prefault({}),
};

export const armSchema = mapping(armShape);

/** Most arms of a scenario, `vary` expanded. */
export const maxArms = 500;

const armName = z.string().min(1).max(60);

const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** One entry of `arms`: a named variation of the scenario, or a grid of them. */
const armEntrySchema = mapping({
  name: armName.optional().describe('default: what it changes'),
  vary: z
    .record(z.string().max(100), z.array(scalar).min(1))
    .optional()
    .describe('dotted fields with lists of values; one arm for each combination'),
  ...deepPartial(mapping(armShape)).shape,
});

const settingsShape = {
  version: z.literal(1, { error: 'expected version 1, the only one there is' }).prefault(1),
  kind: z.literal('serving').optional().describe('what the scenario asks about; default: serving'),
  extends: z.string().min(1).optional().describe('another scenario file that this one changes'),
  name: name.optional(),
  question: z.string().max(2000).prefault('').describe('what this scenario asks, in a sentence'),
  sla: slaSchema.optional(),
  baseline: armName.optional().describe('arm that the others are compared with; default: the first'),
  replications: integerIn({ min: 1, max: 10_000 })
    .prefault(10)
    .describe('independent replications of each arm'),
  confidence: quantity('percent', { min: 0.5, max: 0.999 })
    .prefault('95 %')
    .describe('level of every interval'),
  seed: integerIn({ min: 0, max: 2 ** 32 - 1 }).prefault(1),
  plan: planSchema(deepPartial(mapping(armShape)).shape).optional(),
  sweep: sweepSchema.optional(),
};

/** What a scenario says about all its arms. */
export const settingsSchema = mapping({
  ...settingsShape,
  arms: z.array(z.unknown()).max(maxArms, `at most ${maxArms} arms`).optional(),
});

/** A scenario file, as editors check it. */
export const scenarioFileSchema = mapping({
  ...settingsShape,
  ...armShape,
  model: armShape.model
    .optional()
    .describe('model of the zoo, or a path to a model file; workloads may each state theirs'),
  arms: z.array(armEntrySchema).min(1, 'list at least one arm, or leave arms out').max(maxArms).optional(),
}).describe('a rankfleet scenario');

export { armEntrySchema };

export type ArmSpec = z.output<typeof armSchema>;
export type ScenarioSettings = z.output<typeof settingsSchema>;
export type ServingSpec = ArmSpec['serving'];
export type FleetSpec = ArmSpec['fleet'];
export type ShardingSpec = ArmSpec['sharding'];
