import type { DenseOperator } from './model.ts';
import { concat, elementwise, fullyConnected, mlp, normalisation, type Site } from './operators.ts';
import {
  crossLayer,
  dotInteraction,
  dotPairs,
  factorisationMachine,
  optimisedFactorisationMachine,
  vectorMixing,
} from './operators-interaction.ts';
import type { InteractionFile } from './schema.ts';

/** A pooled embedding vector, or the output of a sequence encoder, that enters the interaction. */
export interface Vector {
  name: string;
  dim: number;
}

/** What an interaction makes of its inputs. */
export interface Interacted {
  operators: DenseOperator[];
  /** Elements handed to the top MLP for each candidate. */
  width: number;
}

/** Why vectors cannot interact; `key` is the key of the interaction at fault, if one is. */
export class UnfitVectors extends Error {
  readonly key: string | undefined;

  constructor(message: string, key?: string) {
    super(message);
    this.key = key;
  }
}

/**
 * Operators of an interaction over one vector per table and the output of the bottom MLP.
 * @param dense width of the bottom MLP's output, 0 without dense features
 * @throws UnfitVectors when the interaction needs vectors of one dimension (dot, fm, neumf, wukong) and gets
 *   others; the dimensions are never made to fit silently.
 */
export function interact(
  site: Site,
  interaction: InteractionFile,
  vectors: readonly Vector[],
  dense: number,
): Interacted {
  const flat = vectors.reduce((sum, { dim }) => sum + dim, dense);
  switch (interaction.kind) {
    case 'cat':
      return { operators: [concat(site, 'concat', flat)], width: flat };
    case 'dot': {
      const { itself = false } = interaction;
      const all = dense > 0 ? [{ name: 'bottom_mlp', dim: dense }, ...vectors] : vectors;
      const dim = commonDim(all, 'dot');
      const shape = { vectors: all.length, dim, itself, passed: dense };
      const width = dotPairs(all.length, itself) + dense;
      return { operators: [dotInteraction(site, 'dot', shape)], width };
    }
    case 'dcnv2': {
      const layers = Array.from({ length: interaction.layers }, (_, l) =>
        crossLayer(site, `cross-${l}`, { d: flat, r: interaction.rank }),
      );
      return { operators: [concat(site, 'concat', flat), ...layers], width: flat };
    }
    case 'fm': {
      const shape = { n: vectors.length, d: commonDim(vectors, 'fm') };
      const operators = [factorisationMachine(site, 'fm', shape), concat(site, 'concat', flat + 1)];
      return { operators, width: flat + 1 };
    }
    case 'neumf':
      return neuMf(site, interaction, vectors, dense);
    case 'wukong':
      return wukong(site, interaction, vectors, dense);
  }
}

/** The dimension all vectors share. */
function commonDim(vectors: readonly Vector[], kind: string): number {
  const dims = new Map<number, string[]>();
  for (const { name, dim } of vectors) {
    const names = dims.get(dim);
    if (names) names.push(name);
    else dims.set(dim, [name]);
  }
  if (dims.size > 1) {
    const groups = [...dims].sort((a, b) => b[1].length - a[1].length);
    const odd = groups.map(([dim, names]) => {
      const shown = names.slice(0, 3).join(', ');
      return `${dim} (${shown}${names.length > 3 ? ` and ${names.length - 3} more` : ''})`;
    });
    throw new UnfitVectors(`${kind} needs vectors of one dimension, got ${odd.join(' and ')}`);
  }
  return vectors[0]?.dim ?? 0;
}

/** Neural collaborative filtering: a product of some vectors beside an MLP over the others (He et al. 2017). */
function neuMf(
  site: Site,
  { product_tables: productTables, mlp: widths }: Extract<InteractionFile, { kind: 'neumf' }>,
  vectors: readonly Vector[],
  dense: number,
): Interacted {
  const missing = productTables.find((table) => !vectors.some(({ name }) => name === table));
  if (missing !== undefined) throw new UnfitVectors(`no table is named '${missing}'`, 'product_tables');
  const product = vectors.filter(({ name }) => productTables.includes(name));
  const dim = commonDim(product, 'the product of neumf');
  const input = vectors.reduce((sum, vector) => sum + (product.includes(vector) ? 0 : vector.dim), dense);
  const width = dim + (widths.at(-1) ?? input);
  const operators = [
    elementwise(site, 'gmf-product', dim, product.length),
    concat(site, 'mlp-concat', input),
    ...mlp(site, 'neumf', input, widths),
    concat(site, 'concat', width),
  ];
  return { operators, width };
}

/**
 * Wukong's interaction stack (Zhang et al. 2024). A layer of n vectors gives `fm_embeddings` from its
 * factorisation machine block, MLP(LN(flatten(X(XᵀY)))), and `compressed_embeddings` from its linear
 * compression block, with a residual (mixed linearly to the new count) and a layer norm. The dense output is
 * first reshaped by a linear layer to one more vector.
 */
function wukong(
  site: Site,
  file: Extract<InteractionFile, { kind: 'wukong' }>,
  vectors: readonly Vector[],
  dense: number,
): Interacted {
  const d = commonDim(vectors, 'wukong');
  const operators: DenseOperator[] = [];
  if (dense > 0) operators.push(fullyConnected(site, 'dense-embedding', { k: dense, n: d }));
  let n = vectors.length + (dense > 0 ? 1 : 0);
  for (let layer = 0; layer < file.layers; layer++) {
    operators.push(...wukongLayer(site, `wukong-${layer}`, file, n, d));
    n = file.fm_embeddings + file.compressed_embeddings;
  }
  return { operators, width: n * d };
}

function wukongLayer(
  site: Site,
  name: string,
  file: Extract<InteractionFile, { kind: 'wukong' }>,
  n: number,
  d: number,
): DenseOperator[] {
  const { fm_embeddings: fm, compressed_embeddings: compressed, rank: k, projection_mlp: projection } = file;
  const out = fm + compressed;
  return [
    ...(projection ? mlp(site, `${name}-projection`, n * d, [...projection, n * k]) : []),
    optimisedFactorisationMachine(site, `${name}-fm`, { n, d, k, learnedY: projection === undefined }),
    normalisation(site, `${name}-fm-norm`, n * k, 'layer'),
    ...mlp(site, `${name}-fm-mlp`, n * k, [...file.mlp, fm * d]),
    vectorMixing(site, `${name}-compression`, { n, m: compressed, d }),
    ...(n === out ? [] : [vectorMixing(site, `${name}-residual-mixing`, { n, m: out, d })]),
    elementwise(site, `${name}-residual`, out * d),
    normalisation(site, `${name}-norm`, out * d, 'layer'),
  ];
}
