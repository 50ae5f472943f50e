import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import type { MeasuredDataType, OperatorName } from '../hardware-profiles/operators-measured.ts';
import {
  type ComputeDevice,
  type DeviceDescription,
  type GuardedMemory,
  type Kernel,
  type Launch,
  type Memory,
  OutOfMemory,
  type Program,
  type ProgramOperator,
  Unsupported,
} from './device.ts';
import { typescriptKernels } from './kernels/typescript/index.ts';
import type { TypescriptKernel } from './kernels/typescript/kernel.ts';
import { type View, viewOf } from './kernels/typescript/views.ts';
import { operatorSpecs } from './operators/index.ts';
import { specOf, tensorsOf } from './operators/of-program.ts';
import { fillWords } from './pattern-words.ts';
import { type Pattern, tensorBytes } from './patterns.ts';

interface HostMemory extends Memory {
  data: Uint8Array;
  guards?: { before: HostMemory; after: HostMemory };
}

export interface ReferenceOptions {
  /** Kernels instead of those in plain TypeScript. */
  kernels?: Partial<Record<OperatorName, TypescriptKernel>>;
  /** Last-level cache to plan for. */
  cacheBytes?: number;
  /** Most memory that may be allocated at once. */
  memoryBytes?: number;
}

/** This process as a device: one thread of plain TypeScript, slow and right. */
export class ReferenceDevice implements ComputeDevice {
  readonly backend = 'cpu';
  private readonly kernels: Partial<Record<OperatorName, TypescriptKernel>>;
  private readonly cacheBytes: number;
  private readonly memoryBytes: number;
  /** Bytes that are allocated now. */
  allocatedBytes = 0;

  constructor({ kernels = {}, cacheBytes = 32 * 2 ** 20, memoryBytes = totalmem() }: ReferenceOptions = {}) {
    this.kernels = { ...typescriptKernels, ...kernels };
    this.cacheBytes = cacheBytes;
    this.memoryBytes = memoryBytes;
  }

  async describe(): Promise<DeviceDescription> {
    return {
      name: cpus()[0]?.model ?? 'unknown processor',
      kind: 'cpu',
      memoryBytes: this.memoryBytes,
      cacheBytes: this.cacheBytes,
      units: availableParallelism(),
      versions: { node: process.version },
      details: { kernels: 'plain TypeScript' },
    };
  }

  implementations(operator: ProgramOperator, dataType: MeasuredDataType): string[] {
    if (operator === 'problem') return [];
    return this.kernels[operator] && operatorSpecs[operator].dataTypes.includes(dataType)
      ? ['reference']
      : [];
  }

  async compile(program: Program): Promise<Kernel> {
    const { operator, dataType, implementation } = program;
    if (!this.implementations(operator, dataType).includes(implementation)) {
      throw new Unsupported(`no kernel '${implementation}' for ${operator} in ${dataType}`);
    }
    return { program };
  }

  async allocate(bytes: number): Promise<HostMemory> {
    return { bytes, data: this.dataOf(bytes) };
  }

  /** For kernels beside those in TypeScript, which get addresses. */
  async allocateGuarded(bytes: number, guardBytes: number): Promise<HostMemory & GuardedMemory> {
    const all = this.dataOf(bytes + 2 * guardBytes);
    const part = (start: number, size: number) => ({ bytes: size, data: all.subarray(start, start + size) });
    const guards = { before: part(0, guardBytes), after: part(guardBytes + bytes, guardBytes) };
    return { ...part(guardBytes, bytes), guards };
  }

  private dataOf(bytes: number): Uint8Array {
    const freeBytes = Math.min(this.memoryBytes - this.allocatedBytes, freemem());
    if (bytes > freeBytes) throw new OutOfMemory(bytes, freeBytes);
    let data: Uint8Array;
    try {
      data = new Uint8Array(bytes);
    } catch {
      throw new OutOfMemory(bytes, freeBytes);
    }
    this.allocatedBytes += bytes;
    return data;
  }

  async free(memory: Memory): Promise<void> {
    const host = memory as HostMemory;
    if (host.data.length === 0 && host.bytes > 0) throw new Error('memory is freed twice');
    for (const part of [host, ...Object.values(host.guards ?? {})]) {
      part.data = new Uint8Array(0);
      this.allocatedBytes -= part.bytes;
    }
  }

  async fill(memory: Memory, pattern: Pattern): Promise<void> {
    const { buffer, byteOffset, byteLength } = (memory as HostMemory).data;
    fillWords(new Uint32Array(buffer, byteOffset, byteLength / 4), pattern);
  }

  async write(memory: Memory, data: Uint8Array, offset = 0): Promise<void> {
    (memory as HostMemory).data.set(data, offset);
  }

  async read(memory: Memory, offset: number, bytes: number): Promise<Uint8Array> {
    return (memory as HostMemory).data.slice(offset, offset + bytes);
  }

  async run(launch: Launch): Promise<void> {
    this.prepare(launch)();
  }

  async time(
    launches: readonly Launch[],
    { warmUp, repeats }: { warmUp: number; repeats: number },
  ): Promise<Float64Array> {
    const runs = launches.map((launch) => this.prepare(launch));
    const seconds = new Float64Array(repeats);
    for (let repeat = -warmUp; repeat < repeats; repeat++) {
      const started = performance.now();
      for (const run of runs) run();
      if (repeat >= 0) seconds[repeat] = (performance.now() - started) / 1000 / runs.length;
    }
    return seconds;
  }

  async clocks(): Promise<{ coreHz?: number; memoryHz?: number }> {
    return {};
  }

  async close(): Promise<void> {}

  private prepare({ kernel, tensors }: Launch): () => void {
    const { dataType, shape } = kernel.program;
    const run = this.kernels[specOf(kernel.program).name]!;
    const specs = tensorsOf(kernel.program);
    const views = specs.map(({ element, length, rowLength }, i): View => {
      const { data } = tensors[i] as HostMemory;
      return viewOf(element, data.subarray(0, tensorBytes(element, length, rowLength)));
    });
    return () => run(views, shape, dataType);
  }
}
