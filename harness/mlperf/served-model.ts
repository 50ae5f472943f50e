import { loadModel } from '../../models/files.ts';
import type { AccessSkew, DenseDataType, DenseOperator, EmbeddingTable, Model } from '../../models/model.ts';
import { elementBytes, operator, siteOf } from '../../models/operators.ts';
import { operatorIn, withDenseDataType, withTableDataType } from '../../models/retype.ts';
import type { BenchmarkModel } from './published-rows.ts';

/** Popularity of the ids of Criteo's logs: a few ids get most lookups. Assumed, and the same for every row. */
export const assumedSkew: AccessSkew = { kind: 'zipf', exponent: 1.05 };

/** Elements to which an int8 engine pads the sum of a layer's products. */
const paddedFeatures = 16;
const paddedInteraction = 128;

const zooModels: Record<BenchmarkModel, string> = {
  'DLRM-v1': 'mlperf-dlrm-v1',
  'DLRM-v2': 'mlperf-dlrm-dcnv2',
};

/** The model as a CPU serves it: int8 throughout, each operator a kernel of its own. */
export function modelOnCpu(model: BenchmarkModel): Model {
  const zoo = withTableDataType(loadModel(zooModels[model]), 'int8');
  return withSkew(withDenseDataType(zoo, 'int8'));
}

/**
 * The model as the GPU submissions' published engine code builds it. Tables and layers are int8; a table's rows share
 * one scale, so that a row of 128 values takes 128 bytes. DLRM-v2: the lookup writes its vectors side by side, where
 * the cross layers read them. DLRM-v1: one kernel for the bottom layers, one for the lookup and the dot products.
 * @param cross type of DLRM-v2's cross layers
 */
export function modelOnGpu(model: BenchmarkModel, cross: 'int8' | 'fp16'): Model {
  const zoo = withTableDataType(loadModel(zooModels[model]), 'int8');
  const [net] = zoo.nets;
  const operators = net.operators.map((each) =>
    operatorIn(each, each.kind === 'cross-low-rank' ? cross : 'int8'),
  );
  const isCross = model === 'DLRM-v2';
  const handedOnBytes = isCross ? elementBytes[cross] : interactionBytes(operators) / valuesOf(net.tables);
  const tables = net.tables.map(
    (table): EmbeddingTable => ({
      ...table,
      rowBytes: table.embeddingDim,
      sizeBytes: table.numEmbeddings * table.embeddingDim,
      handedOnBytes,
    }),
  );
  const served = isCross ? crossEngine(operators) : dotEngine(operators);
  return withSkew({
    ...zoo,
    name: `${zoo.name} (int8 engine${isCross ? `, cross layers ${cross}` : ''})`,
    nets: [{ ...net, tables, operators: served }],
  });
}

function withSkew(model: Model): Model {
  return {
    ...model,
    nets: model.nets.map((net) => ({
      ...net,
      tables: net.tables.map((table) => ({ ...table, skew: assumedSkew })),
    })),
  };
}

function crossEngine(operators: readonly DenseOperator[]): DenseOperator[] {
  return operators
    .filter(({ kind }) => kind !== 'concat')
    .map((each, index) => (index === 0 ? paddedTo(each, paddedFeatures) : each));
}

function dotEngine(operators: readonly DenseOperator[]): DenseOperator[] {
  const bottom = operators.filter(({ stage }) => stage === 'before');
  const [first, ...rest] = operators.filter(
    ({ stage, kind }) => stage === 'after' && kind !== 'dot-interaction',
  );
  const [input, ...layers] = [paddedTo(bottom[0], paddedFeatures), ...bottom.slice(1)];
  return [fused('bottom', [input, ...layers]), paddedTo(first, paddedInteraction), ...rest];
}

/** Bytes that the fused lookup moves beside rows: the dense vector in, the padded products out. */
function interactionBytes(operators: readonly DenseOperator[]): number {
  const { vectors, dim, pairs } = operators.find(({ kind }) => kind === 'dot-interaction')!.shape;
  return vectors > 0 ? dim + paddedUp(pairs + dim, paddedInteraction) : 0;
}

function valuesOf(tables: readonly EmbeddingTable[]): number {
  return tables.reduce((sum, { embeddingDim }) => sum + embeddingDim, 0);
}

/** A layer whose inputs are filled up with zeros. */
function paddedTo(layer: DenseOperator, multiple: number): DenseOperator {
  const { k, n } = layer.shape;
  return fullyConnected(layer, { k: paddedUp(k, multiple), n });
}

function fullyConnected({ name, dataType, stage }: DenseOperator, shape: { k: number; n: number }) {
  const { k, n } = shape;
  const cost = { flops: 2 * k * n, elements: k + n, weights: k * n + n, shape };
  return operator(siteOf(stage, 'candidate', dataType), 'gemm', name, cost);
}

/** Layers in one kernel: the first one's inputs and the last one's outputs are all that memory sees. */
function fused(name: string, layers: readonly DenseOperator[]): DenseOperator {
  const [{ dataType, stage, shape: first }] = layers;
  const last = layers[layers.length - 1].shape;
  return operator(siteOf(stage, 'candidate', dataType as DenseDataType), 'fused-mlp', name, {
    flops: layers.reduce((sum, { flops }) => sum + flops.perCandidate, 0),
    elements: first.k + last.n,
    weights: layers.reduce((sum, { parameters }) => sum + parameters, 0),
    shape: { k: first.k, n: last.n },
  });
}

function paddedUp(count: number, multiple: number): number {
  return Math.ceil(count / multiple) * multiple;
}
