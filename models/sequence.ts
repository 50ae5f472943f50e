import type { Vector } from './interaction.ts';
import type { DenseDataType, DenseOperator, EmbeddingTable } from './model.ts';
import { addAffine, affine, elementwise, fullyConnected, normalisation, siteOf } from './operators.ts';
import { type LengthMoments, localActivationUnit, pointwiseAttention } from './operators-sequence.ts';
import type { SequenceEncoderFile } from './schema.ts';

/** What a sequence encoder does: the tables it consumes become one vector. */
export interface Encoded {
  operators: DenseOperator[];
  output: Vector;
  consumed: EmbeddingTable[];
}

/** Why a sequence encoder cannot read its tables; `key` is the key of the encoder at fault. */
export class UnfitSequence extends Error {
  readonly key: string;

  constructor(key: string, message: string) {
    super(message);
    this.key = key;
  }
}

/**
 * Operators of a sequence encoder over the embeddings of a history.
 * @throws UnfitSequence for unknown tables, tables that are not sequences, or unequal dimensions.
 */
export function encodeSequence(
  encoder: SequenceEncoderFile,
  tables: readonly EmbeddingTable[],
  dataType: DenseDataType,
): Encoded {
  return encoder.kind === 'din' ? din(encoder, tables, dataType) : hstu(encoder, tables, dataType);
}

function din(
  encoder: Extract<SequenceEncoderFile, { kind: 'din' }>,
  tables: readonly EmbeddingTable[],
  dataType: DenseDataType,
): Encoded {
  const { behaviours, candidate, name = 'din' } = encoder;
  const item = tables.find((table) => table.name === candidate);
  if (!item) throw new UnfitSequence('candidate', `no table is named '${candidate}'`);
  const consumed = tables.filter((table) => table.name === behaviours || isMember(table.name, behaviours));
  if (consumed.length === 0) {
    throw new UnfitSequence('behaviours', `no table and no group of tables is named '${behaviours}'`);
  }
  const odd = consumed.find(({ embeddingDim }) => embeddingDim !== item.embeddingDim);
  if (odd) {
    const message = `table '${odd.name}' has dimension ${odd.embeddingDim}, '${candidate}' ${item.embeddingDim}`;
    throw new UnfitSequence('behaviours', message);
  }
  const d = item.embeddingDim;
  const unit = localActivationUnit(siteOf('after', 'candidate', dataType), name, {
    length: consumed.reduce((sum, table) => sum + (table.pooling === 'none' ? lengthOf(table).mean : 1), 0),
    d,
    hidden: encoder.attention_mlp,
    output: encoder.unit_output ?? 'weight',
    shared: encoder.shared_weights ?? true,
  });
  return { operators: [unit], output: { name, dim: d }, consumed };
}

/** Whether a table is `<group>-<index>`. */
function isMember(table: string, group: string): boolean {
  return table.startsWith(`${group}-`) && /^\d+$/.test(table.slice(group.length + 1));
}

/**
 * A stack of HSTU layers (Zhai et al. 2024): norm, one projection to U, V, Q, K with SiLU, pointwise attention,
 * norm, gate by U, projection back, residual. The history is encoded once per batch; with `score_candidates`
 * every candidate is one more token that attends to it. `model_dim` puts a linear layer in front that widens the
 * embeddings. With `padded_to` every history costs that length, otherwise histories are jagged.
 */
function hstu(
  encoder: Extract<SequenceEncoderFile, { kind: 'hstu' }>,
  tables: readonly EmbeddingTable[],
  dataType: DenseDataType,
): Encoded {
  const { heads, qk_dim: qkDim, v_dim: vDim, name = 'hstu', causal = true } = encoder;
  const history = tables.find((table) => table.name === encoder.table);
  if (!history) throw new UnfitSequence('table', `no table is named '${encoder.table}'`);
  if (history.pooling !== 'none') {
    throw new UnfitSequence('table', `table '${history.name}' is pooled; a sequence needs 'pooling: none'`);
  }
  const padded = encoder.padded_to;
  const length = padded === undefined ? lengthOf(history) : { mean: padded, meanSquare: padded ** 2 };
  const scores = encoder.score_candidates ?? true;
  const site = {
    ...siteOf('after', scores ? 'candidate' : 'user', dataType),
    rows: addAffine(affine(length.mean, 0), affine(0, scores ? 1 : 0)),
  };
  const d = encoder.model_dim ?? history.embeddingDim;
  const widened = { k: history.embeddingDim, n: d };
  const input = widened.k === d ? [] : [fullyConnected(site, `${name}-input`, widened)];
  const gated = heads * vDim;
  const layer = (prefix: string): DenseOperator[] => [
    normalisation(site, `${prefix}-norm`, d, 'layer'),
    fullyConnected(site, `${prefix}-uvqk`, { k: d, n: 2 * heads * (qkDim + vDim) }),
    pointwiseAttention(site, `${prefix}-attention`, { length, heads, qkDim, vDim, causal }),
    normalisation(site, `${prefix}-output-norm`, gated, 'layer'),
    elementwise(site, `${prefix}-gate`, gated),
    fullyConnected(site, `${prefix}-output`, { k: gated, n: d }),
    elementwise(site, `${prefix}-residual`, d),
  ];
  const layers = Array.from({ length: encoder.layers }, (_, l) => layer(`${name}-${l}`)).flat();
  return { operators: [...input, ...layers], output: { name, dim: d }, consumed: [history] };
}

/** Mean and mean square of the lookups of a table, absence included. */
export function lengthOf({
  poolingFactor: mean,
  presence,
  poolingDistribution,
}: EmbeddingTable): LengthMoments {
  return {
    mean: presence * mean,
    meanSquare: presence * mean ** 2 * (1 + squaredVariation(mean, poolingDistribution)),
  };
}

/** Variance over squared mean; `geometric` counts from 1. */
function squaredVariation(mean: number, distribution: EmbeddingTable['poolingDistribution']): number {
  switch (distribution.kind) {
    case 'fixed':
      return 0;
    case 'poisson':
      return 1 / mean;
    case 'geometric':
      return Math.max(0, (mean - 1) / mean);
    default:
      return distribution.coefficientOfVariation ** 2;
  }
}
