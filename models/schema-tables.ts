import { z } from 'zod';
import { integerIn, mapping, name, numberIn, oneOf, quantity, show } from '../foundation/schema.ts';

/** Limits that turn an absurd model into a message instead of a hang. */
export const limits = {
  tables: 100_000,
  rows: 1e13,
  embeddingDim: 65_536,
  poolingFactor: 1e6,
  mlpWidth: 1_000_000,
  mlpLayers: 100,
  nets: 20,
  blocks: 200,
  encoders: 20,
} as const;

/** A wider spread would lie beyond the 256 quantiles by which lookups are drawn. */
const coefficientOfVariation = numberIn({ min: 0, max: 10 });

const poolingDistribution = z.discriminatedUnion(
  'kind',
  [
    mapping({ kind: z.literal('fixed') }),
    mapping({ kind: z.literal('poisson') }),
    mapping({ kind: z.literal('geometric') }),
    mapping({ kind: z.literal('gamma'), coefficient_of_variation: coefficientOfVariation }),
    mapping({ kind: z.literal('lognormal'), coefficient_of_variation: coefficientOfVariation }),
  ],
  { error: 'expected a mapping with kind: fixed, poisson, geometric, gamma or lognormal' },
);

const skew = z.discriminatedUnion(
  'kind',
  [
    mapping({ kind: z.literal('uniform') }),
    mapping({ kind: z.literal('zipf'), exponent: numberIn({ min: 0, max: 10 }) }),
  ],
  { error: 'expected a mapping with kind: uniform or zipf' },
);

const numEmbeddings = integerIn({ min: 1, max: limits.rows });
const embeddingDim = integerIn({ min: 1, max: limits.embeddingDim });
const poolingFactor = numberIn({ positive: true, max: limits.poolingFactor });
const presence = numberIn({ min: 0, max: 1 });
const tableCount = integerIn({ min: 1, max: limits.tables });

/** What a table says beside its size; each may come from the net's `table_defaults` instead. */
const traits = {
  data_type: oneOf(['fp32', 'fp16', 'bf16', 'int8', 'int4']).optional(),
  pooling: oneOf(['sum', 'none']).optional(),
  pooling_distribution: poolingDistribution.optional(),
  level: oneOf(['user', 'candidate']).optional(),
  skew: skew.optional(),
};

/** `table_defaults` of a net. */
export const tableDefaultsSchema = mapping({
  ...traits,
  embedding_dim: embeddingDim.optional(),
  pooling_factor: poolingFactor.optional(),
  presence: presence.optional(),
});

/** One table, as in a list or as one row of a CSV file. */
export const listedTableSchema = mapping({
  ...traits,
  name,
  num_embeddings: numEmbeddings,
  embedding_dim: embeddingDim.optional(),
  pooling_factor: poolingFactor.optional(),
  presence: presence.optional(),
});

/** One value for every table of a group, or a list with one for each. */
function oneOrEach<Schema extends z.ZodType>(schema: Schema, what: string) {
  return z.union([schema, z.array(schema).min(1)], {
    error: (issue) =>
      issue.input === undefined
        ? `required, but missing: ${what}, or a list of them`
        : `expected ${what}, or a list of them, got ${show(issue.input)}`,
  });
}

/** Several tables alike: `<group>-0`, `<group>-1` and so on. */
export const tableGroupSchema = mapping({
  ...traits,
  group: name,
  count: tableCount.optional(),
  num_embeddings: oneOrEach(numEmbeddings, 'a whole number of rows from 1'),
  embedding_dim: oneOrEach(embeddingDim, 'a whole number from 1').optional(),
  pooling_factor: oneOrEach(poolingFactor, 'a number above zero').optional(),
  presence: oneOrEach(presence, 'a probability').optional(),
});

const spread = z.discriminatedUnion(
  'kind',
  [
    mapping({ kind: z.literal('equal') }),
    mapping({ kind: z.literal('exponential') }),
    mapping({ kind: z.literal('lognormal'), sigma: numberIn({ positive: true, max: 10 }) }),
  ],
  { error: 'expected a mapping with kind: equal, exponential or lognormal' },
);

const sizeDistribution = z.discriminatedUnion(
  'kind',
  [
    mapping({ kind: z.literal('truncated-exponential') }),
    mapping({ kind: z.literal('lognormal'), sigma: numberIn({ positive: true, max: 10 }) }),
  ],
  { error: 'expected a mapping with kind: truncated-exponential or lognormal' },
);

const totalPooling = numberIn({ positive: true, max: limits.poolingFactor * limits.tables });

/** Tables drawn by a seeded generator and pinned to totals. */
export const generatedTablesSchema = mapping({
  ...traits,
  name: name.optional(),
  seed: integerIn({ min: 0, max: 2 ** 32 - 1 }),
  count: tableCount,
  total_size: quantity('bytes', { positive: true, max: 1e18 }),
  largest_table: quantity('bytes', { positive: true, max: 1e18 }).optional(),
  size_distribution: sizeDistribution,
  embedding_dims: z
    .array(mapping({ dim: embeddingDim, weight: numberIn({ positive: true }) }))
    .min(1)
    .max(100),
  user_share: numberIn({ min: 0, max: 1 }).optional(),
  total_pooling: mapping({ user: totalPooling.optional(), candidate: totalPooling.optional() }),
  pooling_spread: spread.optional(),
  presence: z
    .union([presence, mapping({ from: presence, to: presence })], {
      error: (issue) => `expected a probability or { from, to }, got ${show(issue.input)}`,
    })
    .optional(),
});

/**
 * A branch of a union that is chosen by the presence of a key. Without its key the branch fails at its root,
 * so the error of the branch that was meant, which lies deeper, is the one that is reported.
 */
function chosenBy<Schema extends z.ZodType>(key: string, schema: Schema) {
  return z.preprocess((value, context) => {
    if (typeof value === 'object' && value !== null && Object.hasOwn(value, key)) return value;
    context.issues.push({ code: 'custom', message: `expected a mapping with '${key}'`, input: value });
    return z.NEVER;
  }, schema);
}

/** An entry of a net's `tables`. */
export const tableEntrySchema = z.union(
  [
    chosenBy('generate', mapping({ generate: generatedTablesSchema })),
    chosenBy('csv', mapping({ csv: z.string().min(1) })),
    chosenBy('group', tableGroupSchema),
    chosenBy('name', listedTableSchema),
  ],
  {
    error: (issue) =>
      `expected a table with 'name', a 'group' with 'count', 'generate', or 'csv'; got ${show(issue.input)}`,
  },
);

export type TableDefaults = z.output<typeof tableDefaultsSchema>;
export type ListedTable = z.output<typeof listedTableSchema>;
export type TableGroup = z.output<typeof tableGroupSchema>;
export type GeneratedTables = z.output<typeof generatedTablesSchema>;
export type TableEntry = z.output<typeof tableEntrySchema>;
