import type { MeasuredDataType } from '../../../hardware-profiles/operators-measured.ts';
import {
  type ComputeDevice,
  type DeviceDescription,
  type GuardedMemory,
  type Kernel,
  type Launch,
  type Memory,
  type Program,
  type ProgramOperator,
  Unsupported,
} from '../../device.ts';
import { fillKernel } from '../../kernels/cuda/kernels.ts';
import type { Pattern } from '../../patterns.ts';
import type { DeviceKernel, KernelTools, Tensor } from './device-kernel.ts';
import { type GpuDriver, GpuError } from './gpu-driver.ts';
import { timeLaunches } from './gpu-timer.ts';
import { kernelMaker, makersOf } from './implementations.ts';
import { HostBuffer } from './scratch.ts';
import { sourceKernel } from './source-kernel.ts';

/** What a platform adds to its driver's answers. */
export interface GpuExtras {
  versions: Record<string, string>;
  details: Record<string, string | number>;
  clocks(): { coreHz?: number; memoryHz?: number };
  close(): void;
}

/** Vectors of 16 bytes may run over a memory's end by less than one. */
const allocationStep = 16;

type GpuMemory = Memory &
  Tensor & {
    /** Where the driver's memory begins, if not with it. */
    base?: bigint;
  };

/** One GPU behind CUDA's driver or HIP's runtime. */
export class GpuDevice implements ComputeDevice {
  readonly backend: 'cuda' | 'hip';
  private readonly driver: GpuDriver;
  private readonly tools: KernelTools;
  private readonly extras: GpuExtras;
  private readonly kernels = new Set<DeviceKernel>();
  /** What is looked at on the host comes through it: page-locked, so that copies run at the link's pace. */
  private readonly window: HostBuffer;

  constructor(tools: KernelTools, extras: GpuExtras) {
    this.backend = tools.driver.platform;
    this.driver = tools.driver;
    this.tools = tools;
    this.extras = extras;
    this.window = new HostBuffer(tools.driver, true);
  }

  async describe(): Promise<DeviceDescription> {
    this.driver.use();
    const { driver, extras } = this;
    const memoryBusBits = driver.attribute('memoryBusBits');
    const memoryKiloHertz = driver.attribute('memoryKiloHertz');
    const coreKiloHertz = driver.attribute('coreKiloHertz');
    return {
      name: driver.name(),
      kind: 'gpu',
      memoryBytes: driver.memoryBytes(),
      cacheBytes: driver.attribute('cacheBytes') ?? 0,
      units: driver.attribute('units') ?? 0,
      versions: extras.versions,
      details: {
        computeCapability: `${driver.attribute('computeMajor')}.${driver.attribute('computeMinor')}`,
        busId: driver.busId(),
        ...(memoryBusBits ? { memoryBusBits } : {}),
        ...(memoryKiloHertz ? { memoryHz: memoryKiloHertz * 1000 } : {}),
        ...(coreKiloHertz ? { coreHz: coreKiloHertz * 1000 } : {}),
        ...extras.details,
      },
    };
  }

  implementations(operator: ProgramOperator, dataType: MeasuredDataType): string[] {
    return makersOf(operator, dataType, this.tools).map(({ implementation }) => implementation);
  }

  async compile(program: Program): Promise<Kernel> {
    this.driver.use();
    const { source } = program;
    const kernel = source
      ? await sourceKernel(program, source, this.tools)
      : kernelMaker(program, this.tools)(program, this.tools);
    if (kernel === undefined) {
      const { operator, dataType, shape, implementation } = program;
      throw new Unsupported(
        `${implementation} has no ${operator} of ${dataType} for ${JSON.stringify(shape)} on this device`,
      );
    }
    this.kernels.add(kernel);
    return kernel;
  }

  async release(kernel: Kernel): Promise<void> {
    this.driver.use();
    this.driver.synchronise();
    const own = kernel as DeviceKernel;
    if (this.kernels.delete(own)) own.release?.();
  }

  async allocate(bytes: number): Promise<Memory> {
    this.driver.use();
    const memory: GpuMemory = { bytes, address: this.driver.allocate(roundedUp(bytes)) };
    return memory;
  }

  async allocateGuarded(bytes: number, guardBytes: number): Promise<GpuMemory & GuardedMemory> {
    this.driver.use();
    const base = this.driver.allocate(roundedUp(bytes + 2 * guardBytes));
    const part = (size: number, offset: number): GpuMemory => ({
      bytes: size,
      address: base + BigInt(offset),
    });
    const guards = { before: part(guardBytes, 0), after: part(guardBytes, guardBytes + bytes) };
    return { ...part(bytes, guardBytes), base, guards };
  }

  async free(memory: Memory): Promise<void> {
    this.driver.use();
    this.driver.synchronise();
    const { base, address } = memory as GpuMemory;
    this.driver.free(base ?? address);
  }

  async fill(memory: Memory, pattern: Pattern): Promise<void> {
    this.driver.use();
    const words = Math.ceil(memory.bytes / 4);
    if (words === 0) return;
    const { address } = memory as GpuMemory;
    if (pattern.kind === 'word') {
      this.driver.fillWords(address, pattern.word, words);
    } else {
      const kernel = fillKernel(pattern, words);
      this.driver.launch(this.tools.modules.functionOf(kernel), kernel, [address], kernel.scalars);
    }
    this.driver.synchronise();
  }

  async write(memory: Memory, data: Uint8Array, offset = 0): Promise<void> {
    this.driver.use();
    within(memory, offset, data.byteLength);
    this.driver.copyToDevice((memory as GpuMemory).address + BigInt(offset), data);
  }

  async read(memory: Memory, offset: number, bytes: number): Promise<Uint8Array> {
    this.driver.use();
    within(memory, offset, bytes);
    return this.driver.copyToHost((memory as GpuMemory).address + BigInt(offset), bytes);
  }

  async peek(memory: Memory, offset: number, bytes: number): Promise<Uint8Array> {
    this.driver.use();
    within(memory, offset, bytes);
    const seen = this.window.bytesOf(bytes);
    this.driver.copyInto(seen, (memory as GpuMemory).address + BigInt(offset));
    return seen;
  }

  async run({ kernel, tensors }: Launch): Promise<void> {
    this.driver.use();
    const ready = kernel as DeviceKernel;
    (ready.check ?? ready.enqueue).call(ready, tensors as readonly GpuMemory[]);
    this.driver.synchroniseDevice();
  }

  async time(
    launches: readonly Launch[],
    options: { warmUp: number; repeats: number },
  ): Promise<Float64Array> {
    this.driver.use();
    const ready = launches.map(({ kernel, tensors }) => ({
      kernel: kernel as DeviceKernel,
      tensors: tensors as readonly GpuMemory[],
    }));
    return timeLaunches(this.driver, ready, options);
  }

  async clocks(): Promise<{ coreHz?: number; memoryHz?: number }> {
    return this.extras.clocks();
  }

  /** Lets all of it go, except memories that are still allocated when the process ends. */
  async close(): Promise<void> {
    try {
      this.letGo();
    } catch (error) {
      // A lost device lets nothing go before the process ends.
      if (!(error instanceof GpuError && error.isLost)) throw error;
    }
  }

  private letGo(): void {
    const { driver, tools, extras } = this;
    driver.use();
    driver.synchronise();
    for (const kernel of this.kernels) kernel.release?.();
    this.kernels.clear();
    tools.blas?.close();
    tools.modules.unload();
    for (const scratch of [tools.scratch, tools.workspace, this.window]) scratch.free();
    for (const { source, target } of Object.values(tools.hostBuffers)) {
      source.free();
      target.free();
    }
    driver.close();
    extras.close();
  }
}

function roundedUp(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / allocationStep)) * allocationStep;
}

function within(memory: Memory, offset: number, bytes: number): void {
  // Memories are whole words: the last word may run over the tensor's end.
  if (offset < 0 || offset + bytes > Math.ceil(memory.bytes / 4) * 4) {
    throw new RangeError(`bytes ${offset} to ${offset + bytes} are outside a memory of ${memory.bytes}`);
  }
}
