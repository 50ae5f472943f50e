import type { Affine, DenseDataType, DenseOperator, OperatorKind } from './model.ts';

/**
 * Where an operator runs. `rows` is how many rows it processes in a batch of n candidates: `{ 0, 1 }` for one
 * row a candidate, `{ 1, 0 }` for the one user, `{ L, 1 }` for the tokens of a history and of its candidates.
 */
export interface Site {
  stage: 'before' | 'after';
  level: 'user' | 'candidate';
  dataType: DenseDataType;
  rows: Affine;
}

/** A site with one row for the user or one for each candidate. */
export function siteOf(stage: Site['stage'], level: Site['level'], dataType: DenseDataType): Site {
  return { stage, level, dataType, rows: level === 'user' ? affine(1, 0) : affine(0, 1) };
}

/** Bytes of one element of a dense tensor; tf32 is stored as fp32. */
export const elementBytes: Record<DenseDataType, number> = {
  fp32: 4,
  tf32: 4,
  bf16: 2,
  fp16: 2,
  fp8: 1,
  int8: 1,
};

export function affine(fixed: number, perCandidate: number): Affine {
  return { fixed, perCandidate };
}

export function addAffine(a: Affine, b: Affine): Affine {
  return affine(a.fixed + b.fixed, a.perCandidate + b.perCandidate);
}

export function scaleAffine(a: Affine, factor: number): Affine {
  return affine(a.fixed * factor, a.perCandidate * factor);
}

/** Value of an affine cost for a batch of `candidates`. */
export function atCandidates({ fixed, perCandidate }: Affine, candidates: number): number {
  return fixed + perCandidate * candidates;
}

/** What an operator costs: FLOPs and elements moved are for one row, weights for one call. */
export interface RowCost {
  flops: number;
  elements: number;
  weights: number;
  shape: Record<string, number>;
}

/** An operator whose work is proportional to the rows of its site. */
export function operator(site: Site, kind: OperatorKind, name: string, cost: RowCost): DenseOperator {
  const width = elementBytes[site.dataType];
  return {
    name,
    kind,
    dataType: site.dataType,
    stage: site.stage,
    level: site.level,
    flops: scaleAffine(site.rows, cost.flops),
    bytes: addAffine(affine(cost.weights * width, 0), scaleAffine(site.rows, cost.elements * width)),
    parameters: cost.weights,
    shape: cost.shape,
  };
}

/**
 * Fully connected layer k → n: 2kn FLOPs a row, kn + n parameters. Bias and activation are its epilogue and
 * count no FLOPs, as in the MAC counts of MLPerf and of profilers.
 */
export function fullyConnected(
  site: Site,
  name: string,
  { k, n, bias = true }: { k: number; n: number; bias?: boolean },
): DenseOperator {
  const weights = k * n + (bias ? n : 0);
  return operator(site, 'gemm', name, { flops: 2 * k * n, elements: k + n, weights, shape: { k, n } });
}

/** A separate activation kernel: n FLOPs a row, every element read and written. */
export function activation(site: Site, name: string, n: number): DenseOperator {
  return operator(site, 'activation', name, { flops: n, elements: 2 * n, weights: 0, shape: { n } });
}

/** Layer norm (scale and shift, 8n FLOPs a row) or RMS norm (scale, 4n), counted as one pass over n elements. */
export function normalisation(site: Site, name: string, n: number, kind: 'layer' | 'rms'): DenseOperator {
  const layer = kind === 'layer';
  return operator(site, 'normalisation', name, {
    flops: (layer ? 8 : 4) * n,
    elements: 2 * n,
    weights: (layer ? 2 : 1) * n,
    shape: { n },
  });
}

/** Elementwise combination of `inputs` tensors of n elements a row: inputs − 1 FLOPs an element. */
export function elementwise(site: Site, name: string, n: number, inputs = 2): DenseOperator {
  return operator(site, 'elementwise', name, {
    flops: (inputs - 1) * n,
    elements: (inputs + 1) * n,
    weights: 0,
    shape: { n, inputs },
  });
}

/** Concatenation to `width` elements a row: a copy, no FLOPs. */
export function concat(site: Site, name: string, width: number): DenseOperator {
  return operator(site, 'concat', name, { flops: 0, elements: 2 * width, weights: 0, shape: { width } });
}

/**
 * A chain of fully connected layers from `input` through `widths`.
 * @param activations `fused` into the layers (default), or `separate` operators as in an unfused graph.
 */
export function mlp(
  site: Site,
  name: string,
  input: number,
  widths: readonly number[],
  activations: 'fused' | 'separate' = 'fused',
): DenseOperator[] {
  return widths.flatMap((n, index) => {
    const k = index === 0 ? input : widths[index - 1];
    const layer = fullyConnected(site, `${name}-fc${index}`, { k, n });
    return activations === 'fused' ? [layer] : [layer, activation(site, `${name}-act${index}`, n)];
  });
}
