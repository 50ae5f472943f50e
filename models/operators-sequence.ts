import type { Affine, DenseOperator } from './model.ts';
import { addAffine, affine, elementBytes, operator, type Site, scaleAffine } from './operators.ts';

/** Mean length of a history and mean of its square: attention is quadratic, so the spread counts. */
export interface LengthMoments {
  mean: number;
  meanSquare: number;
}

/**
 * DIN's local activation unit (Zhou et al. 2018): for each of L behaviours an MLP over [behaviour, candidate,
 * their combination] (3d inputs). `weight`: it ends in one number by which the behaviour is weighted before
 * the sum (2d FLOPs each); `vector`: it ends in d numbers that are summed (d FLOPs each), as in DeepRecSys.
 * @param shared whether all behaviours share the unit's weights, or (L of them) each have their own
 */
export function localActivationUnit(
  site: Site,
  name: string,
  {
    length,
    d,
    hidden,
    output,
    shared,
  }: { length: number; d: number; hidden: readonly number[]; output: 'weight' | 'vector'; shared: boolean },
): DenseOperator {
  const widths = [3 * d, ...hidden, output === 'weight' ? 1 : d];
  const layers = widths.slice(1).map((n, index) => ({ k: widths[index], n }));
  const products = layers.reduce((sum, { k, n }) => sum + 2 * k * n, 0);
  const unitWeights = layers.reduce((sum, { k, n }) => sum + k * n + n, 0);
  const pooling = output === 'weight' ? 2 * d : d;
  return operator(site, 'attention', name, {
    flops: length * (d + products + pooling),
    elements: length * d + 2 * d,
    weights: shared ? unitWeights : Math.round(length) * unitWeights,
    shape: { length: Math.round(length), d },
  });
}

/**
 * HSTU's pointwise aggregated attention, SiLU(QKᵀ + bias)·V without softmax (Zhai et al. 2024): 2(dqk + dv)
 * FLOPs for each pair of a query and a key of each head. The history of L tokens is encoded once, L² pairs or
 * L(L+1)/2 when causal; each candidate is one more query against the history and itself, L + 1 pairs.
 * Bytes are those of one fused kernel: Q, K, V read once and the output written.
 */
export function pointwiseAttention(
  site: Site,
  name: string,
  {
    length,
    heads,
    qkDim,
    vDim,
    causal,
  }: { length: LengthMoments; heads: number; qkDim: number; vDim: number; causal: boolean },
): DenseOperator {
  const history = causal ? (length.meanSquare + length.mean) / 2 : length.meanSquare;
  const scores = site.rows.perCandidate > 0 ? length.mean + 1 : 0;
  const pairs: Affine = affine(history, scores);
  const perToken = heads * (2 * qkDim + 2 * vDim) * elementBytes[site.dataType];
  return {
    name,
    kind: 'attention',
    dataType: site.dataType,
    stage: site.stage,
    level: site.level,
    flops: scaleAffine(pairs, 2 * heads * (qkDim + vDim)),
    bytes: addAffine(affine(0, 0), scaleAffine(site.rows, perToken)),
    parameters: 0,
    shape: { length: Math.round(length.mean), heads, qkDim, vDim, causal: causal ? 1 : 0 },
  };
}
