import { createHash } from 'node:crypto';
import { CompileError } from '../../device.ts';
import type { GpuKernel, GpuShape } from '../../kernels/cuda/gpu-kernel.ts';
import { kernelText } from '../../kernels/cuda/gpu-kernel.ts';
import type { GpuDriver } from './gpu-driver.ts';
import type { RuntimeCompiler } from './runtime-compiler.ts';

/** Compiles our kernels for one device and keeps what it compiled, by source text and constants. */
export class KernelModules {
  readonly shape: GpuShape;
  private readonly driver: GpuDriver;
  private readonly compiler: RuntimeCompiler;
  /** Lists of compiler options, the best first; a compiler that does not know an option gets the next. */
  private readonly targets: readonly (readonly string[])[];
  private readonly modules = new Map<string, bigint>();
  private readonly texts = new Map<string, string>();
  /** Sources that are being compiled: who asks for one of them meanwhile gets the same image. */
  private readonly underWay = new Map<string, Promise<Uint8Array>>();

  constructor(
    driver: GpuDriver,
    compiler: RuntimeCompiler,
    targets: readonly (readonly string[])[],
    shape: GpuShape,
  ) {
    this.driver = driver;
    this.compiler = compiler;
    this.targets = targets;
    this.shape = shape;
  }

  /**
   * The kernel's function on the device.
   * @throws CompileError with the compiler's log
   */
  functionOf(kernel: GpuKernel): bigint {
    const defines = Object.entries(kernel.defines).map(([name, value]) => `-D${name}=${value}`);
    const text = this.textOf(kernel);
    const key = createHash('sha256')
      .update([text, ...defines].join('\0'))
      .digest('hex');
    let module = this.modules.get(key);
    if (module === undefined) {
      const options = this.targets.map((target) => [...target, ...defines]);
      module = this.driver.loadModule(this.compiler.compile(kernel.source, text, options));
      this.modules.set(key, module);
    }
    return this.driver.kernel(module, kernel.entry, kernel.sharedBytes);
  }

  /**
   * Compiles a source that comes with a program and loads it; whoever asked unloads it. Headers of our kernels that it
   * includes are put in their places.
   * @throws CompileError with the compiler's log
   */
  async load(name: string, source: string): Promise<bigint> {
    const image = this.underWay.get(source) ?? this.imageOf(name, source);
    this.underWay.set(source, image);
    try {
      const loadable = await image;
      this.driver.use();
      return this.driver.loadModule(loadable);
    } finally {
      this.underWay.delete(source);
    }
  }

  /** How many modules are loaded. */
  get size(): number {
    return this.modules.size;
  }

  unload(): void {
    for (const module of this.modules.values()) this.driver.unloadModule(module);
    this.modules.clear();
  }

  private async imageOf(name: string, source: string): Promise<Uint8Array> {
    const options = this.targets.map((target) => [...target, `-DWARP=${this.shape.warpSize}`]);
    return this.compiler.compileBeside(name, withHeaders(source, name), options);
  }

  private textOf(kernel: GpuKernel): string {
    let text = this.texts.get(kernel.source);
    if (text === undefined) {
      text = kernelText(kernel);
      this.texts.set(kernel.source, text);
    }
    return text;
  }
}

/** Lines keep their numbers in what the compiler says. */
function withHeaders(source: string, name: string): string {
  return source
    .split('\n')
    .map((line, index) => {
      const header = /^\s*#\s*include\s+"([\w-]+\.cuh)"/.exec(line)?.[1];
      return header ? `${headerText(header, name)}\n#line ${index + 2} "${name}"` : line;
    })
    .join('\n');
}

function headerText(header: string, name: string): string {
  try {
    return kernelText({ source: header });
  } catch {
    throw new CompileError(name, `there is no header ${header}`);
  }
}
