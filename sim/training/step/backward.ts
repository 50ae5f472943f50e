import type { Affine, DenseOperator, OperatorKind } from '../../../models/model.ts';
import { affine, atCandidates, elementBytes } from '../../../models/operators.ts';

/**
 * The operators that the backward pass of one operator amounts to, in a batch of so many examples: FLOPs are twice
 * those of the forward pass, once for the gradient by the input and once for that by the weights. The gradients of
 * Y[m, n] = X[m, k] Wᵀ are the products dX[m, k] = dY W and dW[n, k] = dYᵀ X; those of what has no weights read the
 * inputs again beside the gradient. Interactions, attention and what else has no backward kernel of its own run twice
 * as their forward pass. Activations are kept, not computed again. [derived; 3 × forward in all is the usual count]
 * @returns operators whose cost is fixed, whatever the batch they are priced at
 */
export function backwardOf(operator: DenseOperator, examples: number): DenseOperator[] {
  const { kind, shape } = operator;
  const flops = atCandidates(operator.flops, examples);
  const bytes = atCandidates(operator.bytes, examples);
  switch (kind) {
    case 'gemm': {
      const { k, n } = shape;
      const rows = flops / (2 * k * n);
      return [...throughEpilogue(operator, rows), ...gradientsOfProduct(operator, { rows, k, n })];
    }
    case 'cross-low-rank': {
      const { d, r } = shape;
      const rows = flops / (4 * d * r + 2 * d);
      const rest = 2 * (flops - rows * 4 * d * r);
      return [
        ...gradientsOfProduct(operator, { rows, k: r, n: d }),
        ...gradientsOfProduct(operator, { rows, k: d, n: r }),
        pass(operator, { rows, n: d, inputs: 5 }, rest),
      ];
    }
    case 'activation':
      return [pass(operator, { rows: flops / shape.n, n: shape.n, inputs: 2 }, 2 * flops)];
    case 'elementwise': {
      const { n, inputs } = shape;
      const rows = bytes / ((inputs + 1) * n * elementBytes[operator.dataType]);
      // The gradient and the inputs are read, a gradient for each input written: 2 × inputs + 1 tensors.
      return [pass(operator, { rows, n, inputs: 2 * inputs }, 2 * flops)];
    }
    case 'concat':
      return [fixed(operator, kind, shape, flops, bytes)];
    case 'normalisation': {
      // Two kernels: dx from x and dy, priced as y from x; then x and dy once more, summed by column.
      const rows = flops / ((operator.parameters === 2 * shape.n ? 8 : 4) * shape.n);
      return [
        fixed(operator, kind, shape, flops, bytes),
        pass(operator, { rows, n: shape.n, inputs: 2 }, flops),
      ];
    }
    default: {
      const once = fixed(operator, kind, shape, flops, bytes);
      return [once, once];
    }
  }
}

/** FLOPs of an operator's backward pass. */
export function backwardFlops(operator: DenseOperator, examples: number): number {
  return backwardOf(operator, examples).reduce((sum, { flops }) => sum + flops.fixed, 0);
}

/**
 * The gradient through a layer's bias and activation, which its forward pass has in the product's epilogue: one pass that
 * reads the gradient and the layer's output, writes what the products read, and sums the bias's gradient. Products have
 * no prologue, so it is a kernel of its own. [model choice: some libraries can put it behind the next layer's product,
 * which frameworks and compilers do not]
 */
function throughEpilogue(operator: DenseOperator, rows: number): DenseOperator[] {
  const { k, n } = operator.shape;
  const hasBias = operator.parameters === k * n + n;
  return hasBias && n > 1 ? [pass(operator, { rows, n, inputs: 2 }, 0)] : [];
}

function gradientsOfProduct(
  operator: DenseOperator,
  { rows, k, n }: { rows: number; k: number; n: number },
): DenseOperator[] {
  const e = elementBytes[operator.dataType];
  const bytes = (rows * (k + n) + k * n) * e;
  const product = (shape: { k: number; n: number }) =>
    fixed(operator, 'gemm', shape, 2 * rows * k * n, bytes);
  return [product({ k: n, n: k }), product({ k: rows, n: k })];
}

/** One pass over tensors of [rows, n]: `inputs` that are read and one that is written, or as many bytes. */
function pass(
  operator: DenseOperator,
  { rows, n, inputs }: { rows: number; n: number; inputs: number },
  flops: number,
): DenseOperator {
  const bytes = (inputs + 1) * rows * n * elementBytes[operator.dataType];
  return fixed(operator, 'elementwise', { n, inputs }, flops, bytes);
}

function fixed(
  { name, dataType, stage, level, parameters }: DenseOperator,
  kind: OperatorKind,
  shape: Record<string, number>,
  flops: number,
  bytes: number,
): DenseOperator {
  const cost = (amount: number): Affine => affine(amount, 0);
  return {
    name: `${name}-backward`,
    kind,
    dataType,
    stage,
    level,
    flops: cost(flops),
    bytes: cost(bytes),
    // Tells layer norm from RMS norm.
    parameters: kind === 'normalisation' ? parameters : 0,
    shape,
  };
}
