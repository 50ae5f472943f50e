import type { DenseOperator } from './model.ts';
import { operator, type Site } from './operators.ts';

/**
 * Pairwise dot products of n vectors of d elements: the upper triangle, n(n−1)/2 products of 2d FLOPs, with
 * `itself` also the diagonal. The dense vector is copied into the output in front of them (Naumov et al. 2019).
 */
export function dotInteraction(
  site: Site,
  name: string,
  { vectors, dim, itself, passed }: { vectors: number; dim: number; itself: boolean; passed: number },
): DenseOperator {
  const pairs = dotPairs(vectors, itself);
  return operator(site, 'dot-interaction', name, {
    flops: 2 * dim * pairs,
    elements: vectors * dim + pairs + passed,
    weights: 0,
    shape: { vectors, dim, pairs },
  });
}

/** Number of dot products among n vectors. */
export function dotPairs(vectors: number, itself: boolean): number {
  return (vectors * (vectors + (itself ? 1 : -1))) / 2;
}

/**
 * One low-rank cross layer of DCN v2 (Wang et al. 2021): x_{l+1} = x_0 ⊙ (W(V x_l) + b) + x_l with
 * V: d → r without bias and W: r → d with bias. 4dr FLOPs in the products and 2d in the Hadamard product and
 * residual; 2dr + d parameters. Bytes are those of two matrix products with the rest fused into the second.
 */
export function crossLayer(site: Site, name: string, { d, r }: { d: number; r: number }): DenseOperator {
  return operator(site, 'cross-low-rank', name, {
    flops: 4 * d * r + 2 * d,
    elements: 4 * d + 2 * r,
    weights: 2 * d * r + d,
    shape: { d, r },
  });
}

/**
 * Second-order factorisation machine over n vectors of d elements by the sum-square trick (Rendle 2010):
 * ½ Σ_f [(Σ_i v_if)² − Σ_i v_if²] takes (3n + 1)·d FLOPs and gives one number.
 */
export function factorisationMachine(
  site: Site,
  name: string,
  { n, d }: { n: number; d: number },
): DenseOperator {
  return operator(site, 'factorisation-machine', name, {
    flops: (3 * n + 1) * d,
    elements: n * d + 1,
    weights: 0,
    shape: { n, d },
  });
}

/**
 * Wukong's optimised factorisation machine X(XᵀY), X: n × d, Y: n × k (Zhang et al. 2024): two matrix products
 * of 2ndk FLOPs, output n × k. Bytes are those of two separate kernels.
 * @param learnedY whether Y is a parameter (n·k weights) rather than computed for each row
 */
export function optimisedFactorisationMachine(
  site: Site,
  name: string,
  { n, d, k, learnedY }: { n: number; d: number; k: number; learnedY: boolean },
): DenseOperator {
  return operator(site, 'factorisation-machine', name, {
    flops: 4 * n * d * k,
    elements: 2 * n * d + 2 * d * k + n * k + (learnedY ? 0 : n * k),
    weights: learnedY ? n * k : 0,
    shape: { n, d, k },
  });
}

/** A linear map over the vectors, not their elements: n × d → m × d, 2nmd FLOPs, nm parameters. */
export function vectorMixing(
  site: Site,
  name: string,
  { n, m, d }: { n: number; m: number; d: number },
): DenseOperator {
  return operator(site, 'gemm', name, {
    flops: 2 * n * m * d,
    elements: (n + m) * d,
    weights: n * m,
    shape: { k: n, n: m },
  });
}
