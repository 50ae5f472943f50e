import { z } from 'zod';
import { evidenceLevels } from '../foundation/evidence.ts';
import { integerIn, mapping, name, oneOf } from '../foundation/schema.ts';
import { preprocessingSchema } from './schema-preprocessing.ts';
import { limits, tableDefaultsSchema, tableEntrySchema } from './schema-tables.ts';

const count = (max: number) => integerIn({ min: 1, max });
const width = count(limits.mlpWidth);
const mlp = z
  .array(width, { error: 'expected a list of layer widths such as [512, 256, 1]' })
  .max(limits.mlpLayers);
const level = oneOf(['user', 'candidate']);

const interaction = z.discriminatedUnion(
  'kind',
  [
    mapping({ kind: z.literal('cat') }),
    mapping({ kind: z.literal('dot'), itself: z.boolean().optional() }),
    mapping({ kind: z.literal('dcnv2'), layers: count(limits.blocks), rank: width }),
    mapping({ kind: z.literal('fm') }),
    mapping({ kind: z.literal('neumf'), product_tables: z.array(name).min(2), mlp }),
    mapping({
      kind: z.literal('wukong'),
      layers: count(limits.blocks),
      fm_embeddings: count(10_000),
      compressed_embeddings: count(10_000),
      rank: count(10_000),
      mlp,
      projection_mlp: mlp.optional(),
    }),
  ],
  { error: 'expected a mapping with kind: cat, dot, dcnv2, fm, neumf or wukong' },
);

const sequenceEncoder = z.discriminatedUnion(
  'kind',
  [
    mapping({
      kind: z.literal('din'),
      name: name.optional(),
      behaviours: name,
      candidate: name,
      attention_mlp: mlp,
      unit_output: oneOf(['weight', 'vector']).optional(),
      shared_weights: z.boolean().optional(),
    }),
    mapping({
      kind: z.literal('hstu'),
      name: name.optional(),
      table: name,
      model_dim: count(limits.embeddingDim).optional(),
      layers: count(limits.blocks),
      heads: count(1_000),
      qk_dim: count(limits.embeddingDim),
      v_dim: count(limits.embeddingDim),
      causal: z.boolean().optional(),
      padded_to: count(1_000_000).optional(),
      score_candidates: z.boolean().optional(),
    }),
  ],
  { error: 'expected a mapping with kind: din or hstu' },
);

const denseDataType = oneOf(['fp32', 'tf32', 'bf16', 'fp16', 'fp8', 'int8']);

const net = mapping({
  name,
  data_type: denseDataType.optional(),
  dense_features: integerIn({ min: 0, max: limits.mlpWidth }),
  dense_level: level.optional(),
  bottom_mlp: mlp.optional(),
  table_defaults: tableDefaultsSchema.optional(),
  tables: z
    .array(tableEntrySchema, { error: 'expected a list of tables' })
    .min(1, 'a net needs at least one table')
    .max(limits.tables),
  sequence_encoders: z.array(sequenceEncoder).max(limits.encoders).optional(),
  interaction,
  top_mlp: mlp,
  activations: oneOf(['fused', 'separate']).optional(),
});

const importSource = mapping({
  dlrm_args: z.string().min(1, 'expected the arguments of dlrm_s_pytorch.py'),
  data_type: denseDataType.optional(),
  table_defaults: tableDefaultsSchema.optional(),
});

/** A model file: nets written out, or a model imported from another tool's description. */
export const modelFileSchema = mapping({
  name,
  description: z.string().optional(),
  evidence: oneOf(evidenceLevels).optional(),
  source: z.string().optional(),
  preprocessing: preprocessingSchema.optional(),
  nets: z.array(net).min(1, 'a model needs at least one net').max(limits.nets).optional(),
  import: importSource.optional(),
}).superRefine((file, context) => {
  if ((file.nets === undefined) === (file.import === undefined)) {
    context.addIssue({ code: 'custom', path: ['nets'], message: "expected either 'nets' or 'import'" });
  }
});

export type NetFile = z.output<typeof net>;
/** What the dense operators of a net are made from, but for its tables. */
export type NetStructure = Omit<NetFile, 'name' | 'tables' | 'table_defaults'>;
export type InteractionFile = NetFile['interaction'];
export type SequenceEncoderFile = z.output<typeof sequenceEncoder>;
export type ImportFile = z.output<typeof importSource>;
