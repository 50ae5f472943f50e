/**
 * The operators that the harness measures, each with the axes of its shape, in the order of their columns in a
 * measurement file. Axes are integers; `skew` is the exponent of a Zipf law (0: uniform) and may be fractional.
 */
export const operatorAxes = {
  /** Pooled lookup: `bags` sums of `pooling` rows each from a table of `rows` × `dim`. */
  'embedding-bag': ['rows', 'dim', 'pooling', 'bags', 'skew'],
  /** Its gradient, with row-wise Adagrad applied to the rows. */
  'embedding-bag-backward': ['rows', 'dim', 'pooling', 'bags', 'skew'],
  /** D[m, n] = A[m, k] · W[n, k]ᵀ. */
  gemm: ['m', 'n', 'k'],
  /** ReLU(x + bias) as a kernel of its own. */
  'bias-activation': ['rows', 'n'],
  /** Product of `inputs` tensors. */
  elementwise: ['rows', 'n', 'inputs'],
  /** Upper triangle of the dot products of `vectors` vectors. */
  'dot-interaction': ['batch', 'vectors', 'dim'],
  /** x₀ ⊙ (W(V x) + b) + x. */
  'cross-low-rank': ['batch', 'width', 'rank'],
  /** ½ Σ [(Σ v)² − Σ v²]. */
  'factorisation-machine': ['batch', 'vectors', 'dim'],
  'layer-norm': ['rows', 'n'],
  'rms-norm': ['rows', 'n'],
  /** softmax(QKᵀ/√dim)V; every sequence has `length` tokens. */
  attention: ['batch', 'heads', 'length', 'dim'],
  /** The same over sequences of 1 … 2·length − 1 tokens, packed without padding; `length` is the mean. */
  'attention-jagged': ['batch', 'heads', 'length', 'dim'],
  /** `inputs` tensors of [rows, width] side by side, and back. */
  concat: ['rows', 'inputs', 'width'],
  split: ['rows', 'inputs', 'width'],
  /** fp32 rows to row-wise int8 or int4, and back. */
  quantise: ['rows', 'dim'],
  dequantise: ['rows', 'dim'],
  /** Position of each value among sorted boundaries. */
  bucketise: ['values', 'boundaries'],
  /** Integer hash of ids into a table of `rows`. */
  hash: ['values', 'rows'],
  /** Host to device and back; `pinned` is 0 or 1. */
  'copy-to-device': ['bytes', 'pinned'],
  'copy-from-device': ['bytes', 'pinned'],
  /** An empty kernel, by itself from the host (graph 0) or inside a captured graph (graph 1). */
  'kernel-launch': ['graph'],
  /** `bytes` is what each device holds before. */
  'all-to-all': ['devices', 'bytes'],
  'all-reduce': ['devices', 'bytes'],
  /** The path of a remote call on one host: encode, send over loopback and answer with an empty message, decode. */
  'rpc-serialise': ['bytes'],
  'rpc-round-trip': ['bytes'],
  'rpc-deserialise': ['bytes'],
  /** Bytes read from memory by `busy` cores at once: a stream, or rows at random places. */
  'memory-stream': ['bytes', 'busy'],
  'memory-gather': ['bytes', 'rowBytes', 'busy'],
  /**
   * `batch` packed sequences of 1 … 2·length − 1 rows of `dim` to [batch, padded, dim]: rows that a sequence lacks are 0,
   * rows beyond `padded` are dropped.
   */
  'jagged-to-padded': ['batch', 'length', 'padded', 'dim'],
  /** 1 + the place of each value among `ids` rising ids, 0 where it is none of them. */
  'map-id': ['values', 'ids'],
  /** Buckets of `batch` values of each feature among up to `borders` borders of its own, numbered over all features. */
  'merge-bucketised': ['batch', 'features', 'borders'],
  /**
   * The first `kept` events of each of `batch` samples of 0 … `events` events, with their values of each feature, `length`
   * on average. kept ≥ events truncates nothing; kept < events truncates: two different surfaces.
   */
  'event-truncate': ['batch', 'events', 'kept', 'features', 'length'],
  /** X·(XᵀY) for X [batch, vectors, dim] and Y [batch, vectors, rank]. */
  'optimised-fm': ['batch', 'vectors', 'dim', 'rank'],
  /** RMSNorm(GELU(X·W + b)) with weights of each batch: X [batch, length, dim], W [batch, dim, width]; `gelu` is 0 or 1. */
  pffn: ['batch', 'length', 'dim', 'width', 'gelu'],
  /** Cross-correlation over `length` with stride 1, zero padding to the same length, and a bias. */
  conv1d: ['batch', 'inChannels', 'outChannels', 'length', 'taps'],
  /** Gradients of RMS norm by its input and its gain. */
  'rms-norm-backward': ['rows', 'n'],
  softmax: ['rows', 'n'],
  /** a · sigmoid(a) · b. */
  swiglu: ['rows', 'n'],
  /** −log softmax(logits)[target] of each row, not their mean. */
  'cross-entropy': ['rows', 'classes'],
  /** The `k` ≤ n largest of each row, falling, and where they are; of equals the one further left comes first. */
  'top-k': ['rows', 'n', 'k'],
} as const;

export type OperatorName = keyof typeof operatorAxes;

/**
 * Operators that kernels are searched for and that no simulated model is made of: they are measured where they are
 * named, and take nothing from a budget otherwise.
 */
export const searchedOperators: readonly OperatorName[] = [
  'jagged-to-padded',
  'map-id',
  'merge-bucketised',
  'event-truncate',
  'optimised-fm',
  'pffn',
  'conv1d',
  'rms-norm-backward',
  'softmax',
  'swiglu',
  'cross-entropy',
  'top-k',
];

export const operatorNames = Object.keys(operatorAxes) as OperatorName[];

/** What an operator works on. `bytes`: no arithmetic. */
export type MeasuredDataType =
  | 'fp32'
  | 'tf32'
  | 'bf16'
  | 'fp16'
  | 'fp8'
  | 'int8'
  | 'int4'
  | 'int32'
  | 'bytes';

export type Shape = Readonly<Record<string, number>>;

/** One line of a measurement file. */
export interface MeasuredPoint {
  operator: OperatorName;
  /** Path that ran it: cuda, hip, webgpu, cpu or python. */
  backend: string;
  /** Whose kernel: `rankfleet`, `cublaslt`, `torch-eager`, `torch-compile`, `triton`, … */
  implementation: string;
  dataType: MeasuredDataType;
  /** CPU cores that took part; 0 on an accelerator. */
  cores: number;
  shape: Shape;
  medianS: number;
  /** Interquartile range of the repeats over their median. */
  spread: number;
  repeats: number;
  /** Whether repeats found their inputs in the last-level cache. */
  cache: 'cold' | 'warm';
  /** Relative error against the reference and the most that was allowed; both 0 for exact operators. */
  error: number;
  tolerance: number;
}
