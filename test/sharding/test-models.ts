import { RandomStream } from '../../foundation/random.ts';
import type { EmbeddingTable, Model } from '../../models/model.ts';
import { rowBytes } from '../../models/row-bytes.ts';

/** A table of a test model: fp32, dim 32, pooling 1, always present, candidate level unless said otherwise. */
export function tableOf(over: Partial<EmbeddingTable> & { name: string }): EmbeddingTable {
  const { embeddingDim = 32, dataType = 'fp32', numEmbeddings = 1000 } = over;
  const bytes = rowBytes(dataType, embeddingDim);
  return {
    numEmbeddings,
    embeddingDim,
    dataType,
    rowBytes: bytes,
    sizeBytes: numEmbeddings * bytes,
    poolingFactor: 1,
    poolingDistribution: { kind: 'fixed' },
    presence: 1,
    level: 'candidate',
    skew: { kind: 'uniform' },
    ...over,
  };
}

/** A model of nets that have tables only. */
export function modelOf(...nets: EmbeddingTable[][]): Model {
  return {
    name: 'test',
    description: 'test model',
    evidence: 'assumed',
    source: 'test',
    nets: nets.map((tables, index) => ({ name: `net${index}`, denseFeatures: 0, tables, operators: [] })),
  };
}

/** What a synthetic model is drawn from. */
export interface SyntheticShape {
  tables: number;
  nets?: number;
  /** Log-normal spread of table sizes. */
  sizeSigma?: number;
  /** Pooling factors are log-uniform from 1 to this. */
  maxPooling?: number;
  seed?: number;
}

/** A model with log-normal table sizes and skewed pooling, like the recommendation models of the field. */
export function syntheticModel({
  tables,
  nets = 1,
  sizeSigma = 1,
  maxPooling = 200,
  seed = 1,
}: SyntheticShape) {
  const stream = new RandomStream(seed, tables, nets);
  const drawn = Array.from({ length: tables }, (_, index) =>
    tableOf({
      name: `table_${index}`,
      numEmbeddings: Math.ceil(1e6 * Math.exp(sizeSigma * stream.normal())),
      embeddingDim: [16, 32, 64, 128][stream.below(4)],
      poolingFactor: maxPooling ** stream.uniform(),
      presence: 0.2 + 0.8 * stream.uniform(),
      level: stream.uniform() < 0.5 ? 'user' : 'candidate',
    }),
  );
  return modelOf(
    ...Array.from({ length: nets }, (_, net) => drawn.filter((_table, index) => index % nets === net)),
  );
}

/** Total size of the tables of a model, in bytes. */
export function modelBytes(model: Model): number {
  return model.nets.flatMap(({ tables }) => tables).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
