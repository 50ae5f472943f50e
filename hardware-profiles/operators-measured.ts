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
} as const;

export type OperatorName = keyof typeof operatorAxes;

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
