import { InputError } from '../../../foundation/problem.ts';
import {
  type MeasuredDataType,
  operatorAxes,
  type Shape,
} from '../../../hardware-profiles/operators-measured.ts';
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
} from '../../device.ts';
import { memoryBytes } from '../../input-set.ts';
import { tensorsOf } from '../../operators/of-program.ts';
import { type Pattern, rowWords } from '../../patterns.ts';
import type { NativeKernels } from './native-kernels.ts';
import { availableMemoryBytes, clockHz, type Machine } from './processors.ts';
import type { KernelHome, SourceKernels } from './source-kernels.ts';

const ours = 'rankfleet';
/** A BLAS comes first: it is what a user's framework would call. */
const implementationNames = ['mkl', 'openblas', ours];

/** An array that is read to measure the memory must be much larger than the caches. */
const arrayCaches = 4;
const leastArrayBytes = 64 * 2 ** 20;

interface CpuMemory extends Memory {
  /** None of a zone, which goes with the memory that it guards. */
  block?: number | bigint;
  address: bigint;
  isFree: boolean;
  guards?: { before: CpuMemory; after: CpuMemory };
}

interface CpuKernel extends Kernel {
  home: KernelHome;
  address: bigint;
  state: bigint;
  axes: readonly bigint[];
  /** Least bytes of each tensor. */
  tensorBytes: readonly number[];
  /** Of a kernel that came in source. */
  close?: () => void;
}

/** This machine's cores, running our kernels as compiled for it. */
export class CpuDevice implements ComputeDevice {
  readonly backend = 'cpu';
  private readonly native: NativeKernels;
  private readonly machine: Machine;
  private readonly versions: Record<string, string>;
  private readonly sources: SourceKernels;
  /** Kernels that came in source and are still loaded. */
  private readonly loaded = new Set<CpuKernel>();
  private readonly device: number | bigint;
  private readonly arrayBytes: number;
  private readonly memories = new Set<CpuMemory>();
  /** What is looked at on the host is copied to it. */
  private window = new Uint8Array(0);
  private isClosed = false;

  constructor(
    native: NativeKernels,
    machine: Machine,
    versions: Record<string, string>,
    sources: SourceKernels,
  ) {
    this.native = native;
    this.machine = machine;
    this.versions = versions;
    this.sources = sources;
    const { processors, cacheBytes } = machine;
    const most = availableMemoryBytes() / 4 / processors.length;
    this.arrayBytes = Math.floor(Math.min(most, Math.max(arrayCaches * cacheBytes, leastArrayBytes)));
    this.device = native.open(Int32Array.from(processors), this.arrayBytes);
    if (!this.device) throw new Error('the threads of the cpu device could not be started');
  }

  async describe(): Promise<DeviceDescription> {
    const { model, processors, memoryBytes, cacheBytes, coreCacheBytes } = this.machine;
    return {
      name: model,
      kind: 'cpu',
      memoryBytes,
      cacheBytes,
      units: processors.length,
      versions: this.versions,
      details: {
        'instruction sets': this.native.instructionSets(),
        'second-level cache of a core, bytes': coreCacheBytes,
        processors: processors.join(','),
      },
    };
  }

  implementations(operator: ProgramOperator, dataType: MeasuredDataType): string[] {
    return implementationNames.filter((name) => this.find(operator, dataType, name));
  }

  /** @throws InputError when the shape is none of the operator's */
  async compile(program: Program): Promise<Kernel> {
    const { operator, shape, source, cores = 1 } = program;
    this.checkCores(program);
    const axes = axesOf(operator, shape);
    const tensorBytes = tensorsOf(program).map(memoryBytes);
    this.checkArrays(program);
    const { home, address, ...more } = source
      ? await this.sources.open(program, source.text)
      : { home: { native: this.native, device: this.device }, address: this.ownKernel(program) };
    const { state, error } = home.native.prepare(home.device, address, BigInt64Array.from(axes), cores);
    const checked = Number.isNaN(error) ? {} : { checkedError: error };
    const kernel = { program, home, address: BigInt(address), state, axes, tensorBytes, ...more, ...checked };
    if (source) this.loaded.add(kernel);
    return kernel;
  }

  async release(kernel: Kernel): Promise<void> {
    const own = kernel as CpuKernel;
    if (this.loaded.delete(own)) own.close?.();
  }

  async allocate(bytes: number): Promise<CpuMemory> {
    const block = this.blockOf(bytes);
    return this.kept({ bytes, block, address: this.native.addressOf(block), isFree: false });
  }

  async allocateGuarded(bytes: number, guardBytes: number): Promise<CpuMemory & GuardedMemory> {
    const block = this.blockOf(bytes + 2 * guardBytes);
    const start = this.native.addressOf(block);
    const part = (size: number, offset: number) =>
      this.kept({ bytes: size, address: start + BigInt(offset), isFree: false });
    const guards = { before: part(guardBytes, 0), after: part(guardBytes, guardBytes + bytes) };
    return this.kept({ ...part(bytes, guardBytes), block, guards });
  }

  private blockOf(bytes: number): number | bigint {
    const freeBytes = availableMemoryBytes();
    if (bytes > freeBytes) throw new OutOfMemory(bytes, freeBytes);
    const block = this.native.allocate(bytes);
    if (!block) throw new OutOfMemory(bytes, freeBytes);
    return block;
  }

  private kept<M extends CpuMemory>(memory: M): M {
    this.memories.add(memory);
    return memory;
  }

  async free(memory: Memory): Promise<void> {
    const own = this.own(memory);
    for (const part of [own, ...Object.values(own.guards ?? {})]) {
      part.isFree = true;
      this.memories.delete(part);
    }
    if (own.block !== undefined) this.native.free(own.block);
  }

  async fill(memory: Memory, pattern: Pattern): Promise<void> {
    const { address, bytes } = this.own(memory);
    const kernel = this.native.kernel(pattern.kind === 'word' ? 'fill/word' : `fill/${pattern.element}`);
    const words = [bytes / 4, ...fillArguments(pattern)].map((word) => BigInt(word));
    const cores = BigInt(this.machine.processors.length);
    const launch = [BigInt(kernel), 0n, cores, BigInt(words.length), ...words, 1n, address];
    this.native.run(this.device, BigInt64Array.from(launch), 1);
  }

  async write(memory: Memory, data: Uint8Array, offset = 0): Promise<void> {
    const own = this.own(memory);
    checkRange(own, offset, data.byteLength);
    this.native.write(own.address + BigInt(offset), data);
  }

  async read(memory: Memory, offset: number, bytes: number): Promise<Uint8Array> {
    const own = this.own(memory);
    checkRange(own, offset, bytes);
    const data = new Uint8Array(bytes);
    this.native.read(data, own.address + BigInt(offset));
    return data;
  }

  async peek(memory: Memory, offset: number, bytes: number): Promise<Uint8Array> {
    const own = this.own(memory);
    checkRange(own, offset, bytes);
    if (this.window.length < bytes) this.window = new Uint8Array(bytes);
    const seen = this.window.subarray(0, bytes);
    this.native.read(seen, own.address + BigInt(offset));
    return seen;
  }

  async run(launch: Launch): Promise<void> {
    const tape = this.tape([launch]);
    const { native, device } = (launch.kernel as CpuKernel).home;
    native.run(device, tape, 1);
  }

  async time(
    launches: readonly Launch[],
    { warmUp, repeats }: { warmUp: number; repeats: number },
  ): Promise<Float64Array> {
    const seconds = new Float64Array(repeats);
    const { native, device } = (launches[0].kernel as CpuKernel).home;
    native.time(device, this.tape(launches), launches.length, warmUp, seconds);
    return seconds.map((all) => all / launches.length);
  }

  async clocks(): Promise<{ coreHz?: number }> {
    const coreHz = clockHz(this.machine.processors);
    return coreHz === undefined ? {} : { coreHz };
  }

  /** Ends the threads and frees every memory that is left. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    for (const kernel of [...this.loaded]) await this.release(kernel);
    for (const memory of [...this.memories]) await this.free(memory);
    this.isClosed = true;
    this.native.close(this.device);
    this.native.unload();
  }

  private ownKernel({ operator, dataType, implementation }: Program): number | bigint {
    const address = this.find(operator, dataType, implementation);
    if (address) return address;
    throw new Unsupported(`no kernel '${implementation}' for ${operator} in ${dataType} on a CPU`);
  }

  private find(
    operator: ProgramOperator,
    dataType: MeasuredDataType,
    implementation: string,
  ): number | bigint {
    const suffix = implementation === ours ? '' : `/${implementation}`;
    return this.native.kernel(`${operator}/${dataType}${suffix}`);
  }

  private checkCores({ operator, shape, cores = 1 }: Program): void {
    const most = this.machine.processors.length;
    const wanted = Math.max(cores, operator.startsWith('memory-') ? shape.busy : 1);
    if (!Number.isInteger(cores) || cores < 1) throw new InputError(`cores: ${cores} is no number of cores`);
    if (wanted > most) throw new Unsupported(`${wanted} cores are asked for, this machine gives ${most}`);
  }

  /** Operators on memory read arrays of the device's own, which are made when they are compiled. */
  private checkArrays({ operator, shape }: Program): void {
    if (!operator.startsWith('memory-')) return;
    const { bytes, busy } = shape;
    const own = operator === 'memory-stream' ? bytes / busy : 0;
    const asked = busy * Math.max(own, this.arrayBytes);
    const freeBytes = availableMemoryBytes();
    if (asked > freeBytes) throw new OutOfMemory(asked, freeBytes);
  }

  private own(memory: Memory): CpuMemory {
    if (this.isClosed) throw new Error('the cpu device is closed');
    const own = memory as CpuMemory;
    if (!this.memories.has(own)) throw new Error('memory is freed already, or of another device');
    return own;
  }

  /** Launches as the library reads them: kernel, state, cores, axes and tensors with their counts. */
  private tape(launches: readonly Launch[]): BigInt64Array {
    if (this.isClosed) throw new Error('the cpu device is closed');
    const { native: shared } = (launches[0].kernel as CpuKernel).home;
    return BigInt64Array.from(
      launches.flatMap(({ kernel, tensors }) => {
        const { home, address, state, axes, tensorBytes, program } = kernel as CpuKernel;
        if (home.native !== shared)
          throw new Error('kernels of several libraries cannot be timed in one list');
        if (tensors.length !== tensorBytes.length) {
          throw new Error(`${program.operator} takes ${tensorBytes.length} tensors, not ${tensors.length}`);
        }
        const addresses = tensors.map((tensor, i) => {
          if (tensor.bytes < tensorBytes[i])
            throw new Error(`tensor ${i} of ${program.operator} is too small`);
          return this.own(tensor).address;
        });
        const cores = BigInt(coresAtWork(program));
        return [address, state, cores, BigInt(axes.length), ...axes, BigInt(addresses.length), ...addresses];
      }),
    );
  }
}

function coresAtWork({ operator, shape, cores = 1 }: Program): number {
  return operator.startsWith('memory-') ? Math.max(cores, shape.busy) : cores;
}

function fillArguments(pattern: Pattern): number[] {
  if (pattern.kind === 'word') return [pattern.word];
  const { element, seed, rowLength, change } = pattern;
  const isRows = element === 'rows-int8' || element === 'rows-int4';
  return isRows ? [seed, rowWords(element, rowLength)] : [seed, change?.and ?? ~0, change?.add ?? 0];
}

/** Axes in order, without `skew`: kernels get the indices that were made with it. */
function axesOf(operator: ProgramOperator, shape: Shape): bigint[] {
  if (operator === 'kernel-launch' && shape.graph !== 0) {
    throw new Unsupported('a CPU has no graphs of kernels');
  }
  // Sizes of a problem are constants of its kernels.
  if (operator === 'problem') return [];
  return operatorAxes[operator]
    .filter((axis) => axis !== 'skew')
    .map((axis) => {
      const value = shape[axis];
      const least = axis === 'graph' || axis === 'gelu' || operator.startsWith('rpc-') ? 0 : 1;
      if (!Number.isSafeInteger(value) || value < least) {
        throw new InputError(`${operator}: ${axis} is ${value}, which is no size`);
      }
      return BigInt(value);
    });
}

function checkRange({ bytes }: Memory, offset: number, length: number): void {
  if (offset < 0 || length < 0 || offset + length > bytes) {
    throw new RangeError(`bytes ${offset} to ${offset + length} of a memory of ${bytes}`);
  }
}
