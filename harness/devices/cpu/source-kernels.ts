import { CompileError, type KernelResources, type Program } from '../../device.ts';
import type { Koffi } from '../gpu-shared/native-libraries.ts';
import type { Compiler } from './compiler.ts';
import { loadKernels, type NativeKernels } from './native-kernels.ts';
import type { Machine } from './processors.ts';
import { SourceCompiler } from './source-library.ts';

/** A library with its own threads, and a kernel in it. */
export interface KernelHome {
  native: NativeKernels;
  device: number | bigint;
}

export interface SourceKernel {
  home: KernelHome;
  address: number | bigint;
  resources: KernelResources;
  /** Ends the threads and unloads the library. */
  close(): void;
}

/** Kernels that come in source, each in a library of its own beside the device's. */
export class SourceKernels {
  private readonly koffi: Koffi;
  private readonly machine: Machine;
  private readonly compiler: SourceCompiler;

  constructor(koffi: Koffi, compiler: Compiler, machine: Machine) {
    this.koffi = koffi;
    this.machine = machine;
    this.compiler = new SourceCompiler(compiler, machine.features);
  }

  /** @throws CompileError, also where the source has no kernel for the program; SourceRefused */
  async open({ operator, dataType, implementation }: Program, text: string): Promise<SourceKernel> {
    const library = await this.compiler.compile(text, dataType);
    let native: NativeKernels;
    try {
      native = loadKernels(this.koffi, library.path);
    } finally {
      library.remove();
    }
    const name = `${operator}/${dataType}/${implementation}`;
    const address = native.kernel(name);
    if (!address) {
      native.unload();
      throw new CompileError('the source', `it registers no kernel '${name}'`);
    }
    const device = native.open(Int32Array.from(this.machine.processors), 0);
    const close = () => {
      native.close(device);
      native.unload();
    };
    const resources = { codeBytes: library.codeBytes, instructionSets: native.instructionSets() };
    return { home: { native, device }, address, resources, close };
  }
}
