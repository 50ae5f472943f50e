import type { InputError } from '../foundation/problem.ts';
import { interact, UnfitVectors, type Vector } from './interaction.ts';
import type { DenseOperator, EmbeddingTable } from './model.ts';
import { mlp, siteOf } from './operators.ts';
import type { NetStructure } from './schema.ts';
import { encodeSequence, UnfitSequence } from './sequence.ts';

/** Makes the error of a key of a net. */
export type Fail = (key: PropertyKey[], message: string) => InputError;

/**
 * The dense operators of a net around its tables: bottom MLP, sequence encoders, interaction, top MLP.
 * @throws the error of `fail` where tables and structure do not fit each other
 */
export function denseOperators(net: NetStructure, tables: EmbeddingTable[], fail: Fail): DenseOperator[] {
  const { data_type: dataType = 'fp32', bottom_mlp: bottomWidths = [], activations } = net;
  if (net.dense_features === 0 && bottomWidths.length > 0) {
    throw fail(['bottom_mlp'], 'a bottom MLP needs dense features, but dense_features is 0');
  }
  const bottomSite = siteOf('before', net.dense_level ?? 'candidate', dataType);
  const bottom = mlp(bottomSite, 'bottom', net.dense_features, bottomWidths, activations);
  const dense = bottomWidths.at(-1) ?? net.dense_features;
  const { operators: encoders, vectors } = encodeSequences(net, tables, fail);
  const site = siteOf('after', 'candidate', dataType);
  try {
    const { operators, width } = interact(site, net.interaction, vectors, dense);
    const top = mlp(site, 'top', width, net.top_mlp, activations);
    return [...bottom, ...encoders, ...operators, ...top];
  } catch (error) {
    if (!(error instanceof UnfitVectors)) throw error;
    throw fail(error.key === undefined ? ['interaction'] : ['interaction', error.key], error.message);
  }
}

function encodeSequences(
  { sequence_encoders: encoders = [], data_type: dataType = 'fp32' }: NetStructure,
  tables: EmbeddingTable[],
  fail: Fail,
): { operators: DenseOperator[]; vectors: Vector[] } {
  const operators: DenseOperator[] = [];
  const outputs: Vector[] = [];
  const consumed = new Set<EmbeddingTable>();
  encoders.forEach((encoder, index) => {
    try {
      const encoded = encodeSequence(encoder, tables, dataType);
      operators.push(...encoded.operators);
      outputs.push(encoded.output);
      for (const table of encoded.consumed) consumed.add(table);
    } catch (error) {
      if (!(error instanceof UnfitSequence)) throw error;
      throw fail(['sequence_encoders', index, error.key], error.message);
    }
  });
  const pooled = tables.filter((table) => !consumed.has(table));
  const stray = pooled.find((table) => table.pooling === 'none');
  if (stray) throw fail(['tables'], `no sequence encoder reads '${stray.name}', which has 'pooling: none'`);
  return {
    operators,
    vectors: [...pooled.map(({ name, embeddingDim: dim }) => ({ name, dim })), ...outputs],
  };
}
