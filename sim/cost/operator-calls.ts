import type { MeasuredDataType, OperatorName, Shape } from '../../hardware-profiles/operators-measured.ts';
import type { DenseOperator } from '../../models/model.ts';
import { atCandidates, elementBytes } from '../../models/operators.ts';
import { valuesOf } from '../../models/preprocessing.ts';

/** A measured operator that runs for an operator of a model. */
export interface OperatorCall {
  operator: OperatorName;
  dataType: MeasuredDataType;
  shape: Shape;
}

/** Width of one part of a concatenation, whose parts models do not tell. */
const usualPart = 128;

/**
 * The measured operators that one operator of a model amounts to for a batch of n candidates, the whole first and
 * what it can be composed of after it; none where no measured operator is like it. Rows need not be whole: the mean
 * length of histories is not.
 */
export function callsOf(operator: DenseOperator, candidates: number): OperatorCall[][] {
  const { kind, shape, dataType } = operator;
  const flops = atCandidates(operator.flops, candidates);
  const call = (name: OperatorName, of: Shape): OperatorCall[] => [
    { operator: name, dataType: name === 'gemm' ? dataType : storedAs(dataType), shape: of },
  ];
  switch (kind) {
    case 'gemm': {
      const { k, n } = shape;
      return [call('gemm', { m: flops / (2 * k * n), n, k })];
    }
    case 'activation':
      return [call('bias-activation', { rows: flops / shape.n, n: shape.n })];
    case 'elementwise': {
      const { n, inputs } = shape;
      const rows = rowsByBytes(operator, candidates, (inputs + 1) * n);
      return [call('elementwise', { ...folded(rows, n), inputs })];
    }
    case 'concat':
      return [call('concat', concatShape(operator, candidates))];
    case 'normalisation': {
      const { n } = shape;
      const isLayer = operator.parameters === 2 * n;
      const rows = flops / ((isLayer ? 8 : 4) * n);
      return [call(isLayer ? 'layer-norm' : 'rms-norm', { rows, n })];
    }
    case 'dot-interaction': {
      const { vectors, dim, pairs } = shape;
      return [call('dot-interaction', { batch: flops / (2 * dim * pairs), vectors, dim })];
    }
    case 'cross-low-rank':
      return crossCalls(operator, flops);
    case 'factorisation-machine': {
      // The matrix products of an optimised factorisation machine are another operator.
      if (shape.k !== undefined) return [];
      const { n, d } = shape;
      return [call('factorisation-machine', { batch: flops / ((3 * n + 1) * d), vectors: n, dim: d })];
    }
    case 'fused-mlp':
      return [];
    case 'attention':
      return attentionCalls(operator, candidates, flops);
    case 'batch-event-truncate':
      return [];
    case 'bucketise':
    case 'hash':
    case 'map-id':
    case 'merge-bucketised-dense':
      return transformCalls(operator, candidates);
  }
}

/** What moves bytes without matrix arithmetic is the same for tf32, which is stored as fp32, and for fp8 bytes. */
function storedAs(dataType: DenseOperator['dataType']): MeasuredDataType {
  if (dataType === 'tf32') return 'fp32';
  return dataType === 'fp8' ? 'int8' : dataType;
}

/** Rows that every measurement of a pass over tensors knows. */
const widestRow = 2048;

/**
 * Rows and width of a pass over whole tensors, which takes as long wherever their rows end: rows too wide to have been
 * measured are halved until they are not, and are twice as many each time.
 */
function folded(rows: number, n: number): { rows: number; n: number } {
  const parts = 2 ** Math.max(0, Math.ceil(Math.log2(n / widestRow)));
  return { rows: rows * parts, n: n / parts };
}

function rowsByBytes(operator: DenseOperator, candidates: number, elementsPerRow: number): number {
  return atCandidates(operator.bytes, candidates) / (elementsPerRow * elementBytes[operator.dataType]);
}

function concatShape(operator: DenseOperator, candidates: number): Shape {
  const { width } = operator.shape;
  const rows = rowsByBytes(operator, candidates, 2 * width);
  const inputs = Math.max(2, Math.round(width / usualPart));
  return { rows, inputs, width: width / inputs };
}

/**
 * Feature transforms. To look an id up among known ones is to find its place among so many boundaries, and a pass that
 * compares; dense features of a few borders each are bucketised.
 */
function transformCalls(operator: DenseOperator, candidates: number): OperatorCall[][] {
  const { kind, shape } = operator;
  const values = valuesOf(operator, candidates);
  if (kind === 'hash')
    return [[{ operator: 'hash', dataType: 'int32', shape: { values, rows: shape.rows } }]];
  const boundaries = shape.boundaries ?? shape.borders ?? shape.ids;
  const search: OperatorCall = { operator: 'bucketise', dataType: 'fp32', shape: { values, boundaries } };
  if (kind !== 'map-id') return [[search]];
  const rows = values / usualPart;
  return [[search, { operator: 'elementwise', dataType: 'fp32', shape: { rows, n: usualPart, inputs: 2 } }]];
}

/** As one fused kernel, or as its two products and an elementwise kernel for the rest. */
function crossCalls({ shape: { d, r }, dataType }: DenseOperator, flops: number): OperatorCall[][] {
  const batch = flops / (4 * d * r + 2 * d);
  const product = (n: number, k: number): OperatorCall => ({
    operator: 'gemm',
    dataType,
    shape: { m: batch, n, k },
  });
  const rest: OperatorCall = {
    operator: 'elementwise',
    dataType: storedAs(dataType),
    shape: { rows: batch, n: d, inputs: 3 },
  };
  return [
    [{ operator: 'cross-low-rank', dataType, shape: { batch, width: d, rank: r } }],
    [product(r, d), product(d, r), rest],
  ];
}

/**
 * Pointwise attention over a history is taken as the measured attention with as many FLOPs at its length: what
 * stands where softmax would be costs as much. DIN's local activation unit is an MLP over 3d inputs for each
 * behaviour, taken as one product as wide as its FLOPs ask for, and two elementwise passes.
 */
function attentionCalls(operator: DenseOperator, candidates: number, flops: number): OperatorCall[][] {
  const { shape, dataType } = operator;
  const { length, heads } = shape;
  if (heads !== undefined) {
    const dim = (shape.qkDim + shape.vDim) / 2;
    const batch = flops / (4 * heads * length ** 2 * dim);
    const of = { batch, heads, length, dim };
    return [[{ operator: 'attention', dataType: storedAs(dataType), shape: of }]];
  }
  const { d } = shape;
  const rows = length * (operator.level === 'user' ? 1 : candidates);
  const width = Math.max(1, (flops / rows - 2 * d) / (6 * d));
  const pass: OperatorCall = {
    operator: 'elementwise',
    dataType: storedAs(dataType),
    shape: { rows, n: d, inputs: 2 },
  };
  return [[{ operator: 'gemm', dataType, shape: { m: rows, n: width, k: 3 * d } }, pass, pass]];
}
