import type { Evidence } from '../foundation/evidence.ts';
import type { NetStructure } from './schema.ts';

/** Storage type of embedding rows. int8 and int4 carry a row-wise scale and bias. */
export type TableDataType = 'fp32' | 'fp16' | 'bf16' | 'int8' | 'int4';

/** Arithmetic type of dense operators. */
export type DenseDataType = 'fp32' | 'tf32' | 'bf16' | 'fp16' | 'fp8' | 'int8';

/** How the number of lookups of one feature value varies around its mean. */
export type PoolingDistribution =
  | { kind: 'fixed' }
  | { kind: 'poisson' }
  | { kind: 'geometric' }
  | { kind: 'gamma' | 'lognormal'; coefficientOfVariation: number };

/** How skewed row popularity is. `zipf` has P(rank r) ∝ r^−exponent. */
export type AccessSkew = { kind: 'uniform' } | { kind: 'zipf'; exponent: number };

/** One embedding table with one sparse feature looked up in it. */
export interface EmbeddingTable {
  name: string;
  /** Rows that are stored. */
  numEmbeddings: number;
  embeddingDim: number;
  dataType: TableDataType;
  /** Stored bytes of one row, scale and bias included. */
  rowBytes: number;
  /** numEmbeddings × rowBytes, and the remap vector of a pruned table. */
  sizeBytes: number;
  /** Mean lookups when the feature is present. */
  poolingFactor: number;
  poolingDistribution: PoolingDistribution;
  /** Probability that the feature is present (per request for user level, per candidate for candidate level). */
  presence: number;
  /** user: looked up once per batch, for the request's user; candidate: once for each candidate. */
  level: 'user' | 'candidate';
  skew: AccessSkew;
  /**
   * `none`: the rows of a lookup are handed on one by one, as the history that a sequence encoder reads.
   * Absent or `sum`: they are summed into one vector.
   */
  pooling?: 'sum' | 'none';
  /**
   * Bytes in which one value of a vector looked up is handed on to the dense operators; absent: 4 from fp32 rows, 2
   * from narrower ones. A lookup fused with the operator that reads it hands on less than a byte a value.
   */
  handedOnBytes?: number;
  /** Absent: every row is stored. */
  pruning?: Pruning;
}

/** What pruning did to a table, whose rows that are left are those read most often. */
export interface Pruning {
  /** Rows before; the remap vector has an entry for each. */
  originalRows: number;
  /** Bytes of one entry of the remap vector. Every lookup reads one. */
  remapBytes: number;
  /** Share of the lookups whose row is left; the others read no row. */
  keptLookups: number;
}

/**
 * A dense operator. Its work is affine in the candidates of a batch: `fixed + perCandidate × n`.
 * FLOPs count a multiply-add as two. Bytes are read plus written, weights counted once per call (in `fixed`).
 */
export interface DenseOperator {
  name: string;
  kind: OperatorKind;
  dataType: DenseDataType;
  /** `before` the net's embeddings are needed, or `after` they have arrived. */
  stage: 'before' | 'after';
  /** Whether rows of the operator are candidates or the one user of the request. */
  level: 'user' | 'candidate';
  flops: Affine;
  bytes: Affine;
  /** Trainable parameters. */
  parameters: number;
  /** Bytes of `bytes.fixed` beside parameters that a launch moves once for all its users: tables of a transform. */
  sharedBytes?: number;
  /** Shape for a measured kernel: gemm as { k, n } with m = rows = FLOPs / 2kn. Named integers, by kind. */
  shape: Record<string, number>;
}

export interface Affine {
  fixed: number;
  perCandidate: number;
}

export type OperatorKind =
  | 'gemm'
  | 'activation'
  | 'dot-interaction'
  | 'concat'
  | 'cross-low-rank'
  | 'factorisation-machine'
  | 'attention'
  | 'normalisation'
  | 'elementwise'
  /** Fully connected layers in one kernel: activations between them stay on chip. */
  | 'fused-mlp'
  | PreprocessingKind;

/** Transforms of raw features; `elementwise` may be one, too. */
export type PreprocessingKind =
  /** Position of a value among sorted boundaries. */
  | 'bucketise'
  /** Integer hash of an id into a table. */
  | 'hash'
  /** Row of an id in a table of known ids, 0 for others. */
  | 'map-id'
  /** Bucketise of many dense features, each with borders of its own, into one list of ids. */
  | 'merge-bucketised-dense'
  /** The latest events of a history, the same ones in every feature of it. */
  | 'batch-event-truncate';

/** A transform of a request's raw features before the first net. Its work is that of one launch. */
export interface PreprocessingOperator extends DenseOperator {
  kind: PreprocessingKind | 'elementwise';
  /** Launches one after the other, each for as many of the features. */
  launches: number;
  /** Bytes of the raw values that go in and of the values that come out, of all launches. */
  inputBytes: Affine;
  outputBytes: Affine;
}

/** One net of a model: dense operators around one set of embedding tables. Nets run in sequence. */
export interface Net {
  name: string;
  denseFeatures: number;
  tables: EmbeddingTable[];
  operators: DenseOperator[];
  /** What the operators were made from: they are made anew where the tables grow. */
  structure?: NetStructure;
}

/** A model with no names left to look up. */
export interface Model {
  name: string;
  description: string;
  /** Where its figures come from; synthetic models are `recollected` or `assumed`. */
  evidence: Evidence;
  source: string;
  /** What is done to the raw features of a request before the first net; absent where they come ready to use. */
  preprocessing?: PreprocessingOperator[];
  nets: Net[];
}
