import { CompileError } from '../../device.ts';
import { bindAll, type GpuPlatformName } from './driver-calls.ts';
import { terminated } from './gpu-driver.ts';
import type { Argument, Koffi, NativeFunction, NativeLibrary } from './native-libraries.ts';

const shared = {
  version: ['Version', ['void *', 'void *']],
  create: ['CreateProgram', ['void *', 'str', 'str', 'int', 'void *', 'void *']],
  compile: ['CompileProgram', ['uint64', 'int', 'void *']],
  destroy: ['DestroyProgram', ['void *']],
  logSize: ['GetProgramLogSize', ['uint64', 'void *']],
  log: ['GetProgramLog', ['uint64', 'void *']],
} as const;

/** Machine code, and what a virtual architecture gives instead (its machine code is empty). */
const imageCalls = {
  cuda: {
    imageSize: 'nvrtcGetCUBINSize',
    image: 'nvrtcGetCUBIN',
    textSize: 'nvrtcGetPTXSize',
    text: 'nvrtcGetPTX',
  },
  hip: {
    imageSize: 'hiprtcGetCodeSize',
    image: 'hiprtcGetCode',
    textSize: 'hiprtcGetCodeSize',
    text: 'hiprtcGetCode',
  },
} as const;

const architectureCalls = {
  count: { symbol: 'nvrtcGetNumSupportedArchs', returns: 'int', takes: ['void *'] },
  list: { symbol: 'nvrtcGetSupportedArchs', returns: 'int', takes: ['void *'] },
} as const;

type CompilerCall = keyof typeof shared | keyof (typeof imageCalls)['cuda'];

/** Code of an option that the compiler does not know, in both. */
const invalidOption = 5;

/** NVRTC or hiprtc: source text to machine code for one device. */
export class RuntimeCompiler {
  readonly library: NativeLibrary;
  private readonly calls: Record<CompilerCall, NativeFunction>;
  private readonly errorText: NativeFunction<string>;
  private readonly listCalls: Record<keyof typeof architectureCalls, NativeFunction> | undefined;
  private readonly koffi: Koffi;

  /** @throws Error naming the symbols that the library lacks */
  constructor(platform: GpuPlatformName, koffi: Koffi, library: NativeLibrary) {
    const prefix = platform === 'cuda' ? 'nvrtc' : 'hiprtc';
    const names = Object.entries(shared).map(([name, [suffix, takes]]) => [
      name,
      { symbol: prefix + suffix, returns: 'int', takes },
    ]);
    const image = Object.entries(imageCalls[platform]).map(([name, symbol]) => [
      name,
      { symbol, returns: 'int', takes: ['uint64', 'void *'] },
    ]);
    this.calls = bindAll(library, Object.fromEntries([...names, ...image]));
    this.errorText = library.bind({ symbol: `${prefix}GetErrorString`, returns: 'str', takes: ['int'] });
    this.listCalls = platform === 'cuda' ? bindAll(library, architectureCalls) : undefined;
    this.library = library;
    this.koffi = koffi;
  }

  /** Such as 13.0. */
  version(): string {
    const major = new Int32Array(1);
    const minor = new Int32Array(1);
    this.check('version', this.calls.version(major, minor));
    return `${major[0]}.${minor[0]}`;
  }

  /**
   * Compiles a source with the first list of options whose every option the compiler knows.
   * @returns a machine-code image for the driver
   * @throws CompileError with the compiler's log
   */
  compile(name: string, source: string, optionLists: readonly (readonly string[])[]): Uint8Array {
    for (const options of optionLists) {
      const { handle, table } = this.begin(name, source, options);
      try {
        const code = this.calls.compile(handle[0], options.length, table);
        const image = this.imageOf(name, handle[0], code);
        if (image !== undefined) return image;
      } finally {
        this.calls.destroy(handle);
      }
    }
    throw this.unknownOptions(name);
  }

  /**
   * The same on a thread of the pool: several sources are compiled at once, and this process does other work meanwhile.
   * @throws CompileError with the compiler's log
   */
  async compileBeside(
    name: string,
    source: string,
    optionLists: readonly (readonly string[])[],
  ): Promise<Uint8Array> {
    for (const options of optionLists) {
      const { handle, table } = this.begin(name, source, options);
      try {
        const code = await onPool(this.calls.compile, handle[0], options.length, table);
        const image = this.imageOf(name, handle[0], code);
        if (image !== undefined) return image;
      } finally {
        this.calls.destroy(handle);
      }
    }
    throw this.unknownOptions(name);
  }

  /** Compute capabilities that NVRTC compiles for, such as 90; none where the compiler does not tell. */
  architectures(): number[] {
    if (this.listCalls === undefined) return [];
    const count = new Int32Array(1);
    this.check('count of architectures', this.listCalls.count(count));
    const list = new Int32Array(count[0]);
    this.check('list of architectures', this.listCalls.list(list));
    return [...list];
  }

  private begin(name: string, source: string, options: readonly string[]) {
    const handle = new BigUint64Array(1);
    this.check('create', this.calls.create(handle, source, name, 0, null, null));
    return { handle, table: this.textTable(options) };
  }

  /** undefined when the compiler does not know one of the options. */
  private imageOf(name: string, program: bigint, code: number): Uint8Array | undefined {
    if (code === invalidOption) return undefined;
    if (code !== 0) throw new CompileError(name, this.log(program) || this.errorText(code));
    const image = this.bytes('imageSize', 'image', program);
    return image.length > 0 ? image : this.bytes('textSize', 'text', program);
  }

  private unknownOptions(name: string): CompileError {
    return new CompileError(name, `${this.library.path} knows no option for this device`);
  }

  private log(program: bigint): string {
    return terminated(this.bytes('logSize', 'log', program)).trim();
  }

  private bytes(size: CompilerCall, content: CompilerCall, program: bigint): Uint8Array {
    const length = new BigUint64Array(1);
    this.check(size, this.calls[size](program, length));
    const bytes = new Uint8Array(Number(length[0]));
    this.check(content, this.calls[content](program, bytes));
    return bytes;
  }

  /** A native array of C strings, as long as it is referenced. */
  private textTable(texts: readonly string[]): BigUint64Array {
    const encoded = texts.map((text) => new TextEncoder().encode(`${text}\0`));
    const all = new Uint8Array(
      new ArrayBuffer(8 * texts.length + encoded.reduce((sum, t) => sum + t.length, 8)),
    );
    const base = BigInt(this.koffi.address(all.buffer));
    const table = new BigUint64Array(all.buffer, 0, texts.length);
    let at = 8 * texts.length;
    encoded.forEach((text, i) => {
      all.set(text, at);
      table[i] = base + BigInt(at);
      at += text.length;
    });
    return table;
  }

  private check(what: string, code: number): void {
    if (code !== 0)
      throw new Error(`${what} of ${this.library.path} failed: ${this.errorText(code)} (${code})`);
  }
}

function onPool(call: NativeFunction, ...args: Argument[]): Promise<number> {
  return new Promise((resolve, reject) => {
    call.async(...args, (error, code) => (error ? reject(error) : resolve(code)));
  });
}
