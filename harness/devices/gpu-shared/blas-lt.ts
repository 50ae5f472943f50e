import { Unsupported } from '../../device.ts';
import { bindAll, type GpuPlatformName } from './driver-calls.ts';
import { GpuError } from './gpu-driver.ts';
import { type Koffi, type NativeFunction, type NativeLibrary, stableBuffer } from './native-libraries.ts';

/** Types of matrices, as both vendors number them (cudaDataType and hipDataType). */
export const matrixType = { f32: 0, f16: 2, i8: 3, bf16: 14, f8: 28 } as const;
export type MatrixType = keyof typeof matrixType;

/** How products are summed. */
export type ComputeType = 'fp32' | 'tf32' | 'int32';

/** D[m, n] = scale · A[m, k] · W[n, k]ᵀ, all row-major. */
export interface MatrixProduct {
  m: number;
  n: number;
  k: number;
  input: MatrixType;
  output: MatrixType;
  compute: ComputeType;
  scale: number;
}

export interface MatrixProductPlan {
  /** Puts the product on the stream. */
  enqueue(a: bigint, w: bigint, d: bigint, workspace: bigint, stream: bigint): void;
  /** Lets the library's descriptors go. */
  release(): void;
}

/** Numbers that differ between cuBLASLt and hipBLASLt, whose functions are the same but for their prefix. */
const dialects = {
  cuda: {
    prefix: 'cublasLt',
    compute: { fp32: 68, tf32: 77, int32: 72 },
    operation: { none: 0, transpose: 1 },
    transposeA: 3,
    transposeB: 4,
    version: 'cublasLtGetVersion',
    statuses: {
      1: 'not initialised',
      3: 'allocation failed',
      7: 'invalid value',
      8: 'architecture mismatch',
      13: 'execution failed',
      14: 'internal error',
      15: 'not supported',
    },
  },
  hip: {
    prefix: 'hipblasLt',
    compute: { fp32: 2, tf32: 6, int32: 9 },
    operation: { none: 111, transpose: 112 },
    transposeA: 0,
    transposeB: 1,
    version: undefined,
    statuses: {
      1: 'not initialised',
      2: 'allocation failed',
      3: 'invalid value',
      5: 'execution failed',
      6: 'internal error',
      7: 'not supported',
      8: 'architecture mismatch',
    },
  },
} as const;

const calls = {
  create: ['Create', ['void *']],
  destroy: ['Destroy', ['uint64']],
  createDescription: ['MatmulDescCreate', ['void *', 'int', 'int']],
  setDescription: ['MatmulDescSetAttribute', ['uint64', 'int', 'void *', 'size_t']],
  destroyDescription: ['MatmulDescDestroy', ['uint64']],
  createLayout: ['MatrixLayoutCreate', ['void *', 'int', 'uint64', 'uint64', 'int64']],
  destroyLayout: ['MatrixLayoutDestroy', ['uint64']],
  createPreference: ['MatmulPreferenceCreate', ['void *']],
  setPreference: ['MatmulPreferenceSetAttribute', ['uint64', 'int', 'void *', 'size_t']],
  destroyPreference: ['MatmulPreferenceDestroy', ['uint64']],
  heuristic: [
    'MatmulAlgoGetHeuristic',
    ['uint64', 'uint64', 'uint64', 'uint64', 'uint64', 'uint64', 'uint64', 'int', 'void *', 'void *'],
  ],
  multiply: [
    'Matmul',
    [
      ...['uint64', 'uint64', 'uint64', 'uint64', 'uint64', 'uint64', 'uint64', 'uint64'],
      ...['uint64', 'uint64', 'uint64', 'uint64', 'uint64', 'uint64', 'size_t', 'uint64'],
    ],
  ],
} as const satisfies Record<string, readonly [string, readonly string[]]>;

type BlasCall = keyof typeof calls;

const maxWorkspacePreference = 1;
/** Room for one heuristic result, whose size differs between versions; an algorithm comes first in it. */
const resultBytes = 1024;

/** What PyTorch gives to cuBLASLt on Hopper. */
export const workspaceBytes = 32 * 2 ** 20;

/** cuBLASLt or hipBLASLt: the products that a framework would call, by the library's own first choice of algorithm. */
export class BlasLt {
  readonly library: NativeLibrary;
  private readonly koffi: Koffi;
  private readonly dialect: (typeof dialects)[GpuPlatformName];
  private readonly calls: Record<BlasCall, NativeFunction>;
  private readonly handle: bigint;

  /** The device must be current. @throws Error naming the symbols that the library lacks */
  constructor(platform: GpuPlatformName, koffi: Koffi, library: NativeLibrary) {
    this.library = library;
    this.koffi = koffi;
    this.dialect = dialects[platform];
    const { prefix } = this.dialect;
    const signatures = Object.entries(calls).map(([name, [suffix, takes]]) => [
      name,
      { symbol: prefix + suffix, returns: 'int', takes },
    ]);
    this.calls = bindAll(library, Object.fromEntries(signatures));
    this.handle = this.made('create');
  }

  /** As the library numbers itself, where it does. */
  version(): string | undefined {
    const symbol = this.dialect.version;
    if (symbol === undefined) return undefined;
    return String(this.library.bind<number | bigint>({ symbol, returns: 'size_t', takes: [] })());
  }

  /** @throws Unsupported where the library has no algorithm for the product */
  plan(product: MatrixProduct): MatrixProductPlan {
    const { m, n, k, input, output, compute, scale } = product;
    const releases: (() => void)[] = [];
    const release = () => {
      for (const each of releases.splice(0)) each();
    };
    const layout = (type: MatrixType, rows: number, columns: number) => {
      const handle = this.made('createLayout', matrixType[type], rows, columns, rows);
      releases.push(() => this.check('destroyLayout', handle));
      return handle;
    };
    try {
      // Row-major is column-major transposed: Dᵀ[n, m] = (Wᵀ)ᵀ · Aᵀ.
      const description = this.describe(compute, releases);
      const w = layout(input, k, n);
      const a = layout(input, k, m);
      const d = layout(output, n, m);
      const algorithm = this.choose(product, [description, w, a, d, d], releases);
      const factors = stableBuffer(this.koffi, 8);
      new Float32Array(factors.buffer).set([scale, 0]);
      const enqueue: MatrixProductPlan['enqueue'] = (fromA, fromW, toD, workspace, stream) => {
        this.check(
          'multiply',
          ...[this.handle, description, factors.address, fromW, w, fromA, a, factors.address + 4n],
          ...[toD, d, toD, d, algorithm.address, workspace, workspaceBytes, stream],
        );
      };
      return { enqueue, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  close(): void {
    this.check('destroy', this.handle);
  }

  private describe(compute: ComputeType, releases: (() => void)[]): bigint {
    const { transposeA, transposeB, operation } = this.dialect;
    const description = this.made('createDescription', this.dialect.compute[compute], matrixType.f32);
    releases.push(() => this.check('destroyDescription', description));
    this.check('setDescription', description, transposeA, new Int32Array([operation.transpose]), 4);
    this.check('setDescription', description, transposeB, new Int32Array([operation.none]), 4);
    return description;
  }

  /** The first algorithm that the library proposes. */
  private choose(
    product: MatrixProduct,
    layouts: readonly bigint[],
    releases: (() => void)[],
  ): { buffer: ArrayBuffer; address: bigint } {
    const preference = this.made('createPreference');
    releases.push(() => this.check('destroyPreference', preference));
    const room = new BigUint64Array([BigInt(workspaceBytes)]);
    this.check('setPreference', preference, maxWorkspacePreference, room, 8);
    const result = stableBuffer(this.koffi, resultBytes);
    const count = new Int32Array(1);
    const code = this.calls.heuristic(
      this.handle,
      ...layouts,
      preference,
      1,
      new Uint8Array(result.buffer),
      count,
    );
    if (code === 0 && count[0] > 0) return result;
    const { m, n, k, input, output, compute } = product;
    throw new Unsupported(
      `${this.library.path} has no algorithm for ${m} × ${n} × ${k}, ${input} to ${output} with ${compute} sums` +
        `${alignmentHint(product)} (code ${code}, ${count[0]} found)`,
    );
  }

  private made(name: BlasCall, ...args: (number | bigint)[]): bigint {
    const handle = new BigUint64Array(1);
    this.check(name, handle, ...args);
    return handle[0];
  }

  private check(name: BlasCall, ...args: (number | bigint | ArrayBufferView)[]): void {
    const code = this.calls[name](...args);
    if (code !== 0) throw this.error(name, code);
  }

  private error(name: BlasCall, code: number): GpuError {
    const statuses: Record<number, string> = this.dialect.statuses;
    return new GpuError(this.dialect.prefix + calls[name][0], code, statuses[code] ?? 'unknown status');
  }
}

/** Small types are read in words: their leading sizes must be whole ones. */
function alignmentHint({ n, k, input }: MatrixProduct): string {
  if (input === 'f8' && (n % 16 !== 0 || k % 16 !== 0)) return '; fp8 needs n and k in multiples of 16';
  if (input === 'i8' && (n % 4 !== 0 || k % 4 !== 0)) return '; int8 needs n and k in multiples of 4';
  return '';
}
