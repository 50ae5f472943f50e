import type { EmbeddingTable, Model } from '../../models/model.ts';
import { Unsupported } from '../device.ts';

/** Interactions that the Python program builds. */
const interactions: readonly string[] = ['cat', 'dot', 'dcnv2', 'fm', 'wukong'];

/** A model as the Python program reads it. */
export interface WorkerModel {
  features: number;
  bottom: readonly number[];
  /** Width of what the bottom hands on. */
  dense: number;
  interaction: Record<string, unknown>;
  top: readonly number[];
  tables: readonly WorkerTable[];
}

interface WorkerTable {
  rows: number;
  dim: number;
  type: string;
  pooling: number;
  distribution: string;
  variation?: number;
  presence: number;
  /** Zipf's exponent, 0: uniform. */
  skew: number;
}

/** @throws Unsupported with why the program cannot train the model */
export function workerModel(model: Model): WorkerModel {
  const [net, ...others] = model.nets;
  if (others.length > 0) {
    throw new Unsupported(`${model.nets.length} nets: a model does not say what one hands to the next`);
  }
  const { structure, tables } = net;
  if (!structure) throw new Unsupported(`net '${net.name}' says nothing of its structure`);
  if (structure.sequence_encoders?.length) {
    throw new Unsupported('sequence encoders: the program has none');
  }
  if (structure.activations === 'separate') {
    throw new Unsupported('activations that are operators of their own: the program has ReLU behind layers');
  }
  if (!interactions.includes(structure.interaction.kind)) {
    throw new Unsupported(
      `interaction ${structure.interaction.kind}: the program has ${interactions.join(', ')}`,
    );
  }
  if (structure.top_mlp.at(-1) !== 1) {
    throw new Unsupported(`${structure.top_mlp.at(-1)} outputs: a loss reads one logit`);
  }
  const bottom = structure.bottom_mlp ?? [];
  return {
    features: net.denseFeatures,
    bottom,
    dense: bottom.at(-1) ?? net.denseFeatures,
    interaction: structure.interaction,
    top: structure.top_mlp,
    tables: tables.map(workerTable),
  };
}

function workerTable(table: EmbeddingTable): WorkerTable {
  const { name, dataType, poolingDistribution, presence, skew } = table;
  if (dataType === 'int8' || dataType === 'int4') {
    throw new Unsupported(`${dataType} rows of table '${name}': gradients are applied to fp32, fp16 or bf16`);
  }
  if (table.pruning) throw new Unsupported(`table '${name}' is pruned, which is done for serving`);
  return {
    rows: table.numEmbeddings,
    dim: table.embeddingDim,
    type: dataType,
    pooling: table.poolingFactor,
    distribution: poolingDistribution.kind,
    ...('coefficientOfVariation' in poolingDistribution && {
      variation: poolingDistribution.coefficientOfVariation,
    }),
    presence,
    skew: skew.kind === 'zipf' ? skew.exponent : 0,
  };
}
