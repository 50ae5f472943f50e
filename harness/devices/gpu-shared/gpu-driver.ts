import { OutOfMemory } from '../../device.ts';
import type { Scalar } from '../../kernels/cuda/gpu-kernel.ts';
import { type ArgumentBlock, makeArgumentBlock } from './argument-block.ts';
import { bindDriverCalls, type DriverCallName, driverCalls, type GpuPlatformName } from './driver-calls.ts';
import type { Argument, Koffi, NativeFunction, NativeLibrary } from './native-libraries.ts';

/** What differs between CUDA's driver and HIP's runtime once their shared calls are bound. */
export interface DriverDialect {
  /** Makes a device the current one of this thread. @returns an error code */
  use(device: number): number;
  errorName(code: number): string;
  /** Lets a kernel have more dynamic shared memory than the default. @returns an error code */
  allowSharedBytes(kernel: bigint, bytes: number): number;
  /** Lets the device go. */
  release(device: number): void;
  attributes: DeviceAttributes;
}

/** Numbers of the device attributes that are read. */
export interface DeviceAttributes {
  units: number;
  /** Threads that a multiprocessor holds at once. */
  threadsOfUnit: number;
  warpSize: number;
  maxSharedBytes: number;
  cacheBytes: number;
  computeMajor: number;
  computeMinor: number;
  coreKiloHertz: number;
  memoryKiloHertz: number;
  memoryBusBits: number;
}

/** A call of the driver or of one of its libraries that went wrong. */
export class GpuError extends Error {
  readonly code: number;
  /** Nothing more runs on the device until the process that uses it ends. */
  readonly isLost: boolean;
  constructor(call: string, code: number, name: string, isLost = false) {
    const lost = isLost ? '; nothing more runs on this device until the process that uses it ends' : '';
    super(`${call} failed: ${name} (${code})${lost}`);
    this.code = code;
    this.isLost = isLost;
  }
}

/**
 * Illegal address, launch timeout, assertion, hardware stack, illegal instruction, misaligned address, address space,
 * program counter, launch failure.
 */
const losesDevice = new Set([700, 702, 710, 714, 715, 716, 717, 718, 719]);
const outOfMemory = 2;
const nonBlockingStream = 1;
const captureOfThisThread = 1;

export interface LaunchGeometry {
  grid: readonly [number, number, number];
  block: readonly [number, number, number];
  sharedBytes: number;
}

/** The stream of calls that name none. */
const defaultStream = 0n;

/** Checked calls of one GPU's driver, on one stream of its own. Addresses and handles are bigints, times seconds. */
export class GpuDriver {
  readonly platform: GpuPlatformName;
  readonly koffi: Koffi;
  private readonly calls: Record<DriverCallName, NativeFunction>;
  private readonly dialect: DriverDialect;
  private readonly block: ArgumentBlock;
  private device = 0;
  /** All work goes here. */
  stream = 0n;

  /** @throws Error naming the symbols that the library lacks */
  constructor(platform: GpuPlatformName, koffi: Koffi, library: NativeLibrary, dialect: DriverDialect) {
    this.platform = platform;
    this.koffi = koffi;
    this.calls = bindDriverCalls(library, platform);
    this.dialect = dialect;
    this.block = makeArgumentBlock(koffi);
  }

  /** @returns names of the devices, by index */
  deviceNames(): string[] {
    this.check('init', 0);
    const count = new Int32Array(1);
    this.check('deviceCount', count);
    return Array.from({ length: count[0] }, (_, index) => this.nameOf(this.handleOf(index)));
  }

  /** Makes the device current and its stream. Call once after deviceNames. */
  open(index: number): void {
    this.device = this.handleOf(index);
    this.use();
    this.stream = this.made('createStream', nonBlockingStream);
  }

  /** Makes the device current: another one may have been used in between. */
  use(): void {
    this.checkCode('make the device current', this.dialect.use(this.device));
  }

  close(): void {
    if (this.stream !== 0n) this.check('destroyStream', this.stream);
    this.stream = 0n;
    this.dialect.release(this.device);
  }

  name(): string {
    return this.nameOf(this.device);
  }

  memoryBytes(): number {
    const bytes = new BigUint64Array(1);
    this.check('deviceMemory', bytes, this.device);
    return Number(bytes[0]);
  }

  /** @returns undefined where the driver does not know the attribute */
  attribute(name: keyof DeviceAttributes): number | undefined {
    const value = new Int32Array(1);
    const code = this.calls.deviceAttribute(value, this.dialect.attributes[name], this.device);
    return code === 0 ? value[0] : undefined;
  }

  /** Place on the PCI bus: 0000:18:00.0. */
  busId(): string {
    const text = new Uint8Array(64);
    this.check('busId', text, text.length, this.device);
    return terminated(text);
  }

  /** As the driver counts: 13000 is 13.0 in CUDA. */
  version(): number {
    const version = new Int32Array(1);
    this.check('driverVersion', version);
    return version[0];
  }

  /** @throws OutOfMemory */
  allocate(bytes: number): bigint {
    const address = new BigUint64Array(1);
    const code = this.calls.allocate(address, bytes);
    if (code === outOfMemory) throw new OutOfMemory(bytes, this.freeBytes());
    this.checkCode('allocate', code);
    return address[0];
  }

  free(address: bigint): void {
    this.check('free', address);
  }

  freeBytes(): number | undefined {
    const free = new BigUint64Array(1);
    const code = this.calls.memoryInfo(free, new BigUint64Array(1));
    return code === 0 ? Number(free[0]) : undefined;
  }

  /** Page-locked host memory. @throws OutOfMemory */
  allocatePinned(bytes: number): bigint {
    const address = new BigUint64Array(1);
    const code = this.calls.allocatePinned(address, bytes, 0);
    if (code === outOfMemory) throw new OutOfMemory(bytes);
    this.checkCode('allocatePinned', code);
    return address[0];
  }

  freePinned(address: bigint): void {
    this.check('freePinned', address);
  }

  fillWords(address: bigint, word: number, count: number): void {
    this.check('fillWords', address, word >>> 0, count, this.stream);
  }

  /** Waits for the stream, then copies. */
  copyToDevice(address: bigint, data: Uint8Array): void {
    this.synchronise();
    if (data.byteLength === 0) return;
    this.check('copyToDevice', address, data, data.byteLength);
    // From pageable memory the call may return before the last of it has arrived; our stream does not wait for it.
    this.check('synchroniseStream', defaultStream);
  }

  /** Waits for the stream, then copies. */
  copyToHost(address: bigint, bytes: number): Uint8Array {
    const data = new Uint8Array(bytes);
    this.copyInto(data, address);
    return data;
  }

  /** Waits for the stream, then copies from the device until the data is full. */
  copyInto(data: Uint8Array, address: bigint): void {
    this.synchronise();
    if (data.byteLength > 0) this.check('copyToHost', data, address, data.byteLength);
  }

  /** Between host memory at an address and the device, on the stream. */
  enqueueCopy(direction: 'toDevice' | 'toHost', to: bigint, from: bigint, bytes: number): void {
    const call = direction === 'toDevice' ? 'copyToDeviceAsync' : 'copyToHostAsync';
    this.check(call, to, from, bytes, this.stream);
  }

  loadModule(image: Uint8Array): bigint {
    return this.made('loadModule', image);
  }

  unloadModule(module: bigint): void {
    this.check('unloadModule', module);
  }

  kernel(module: bigint, entry: string, sharedBytes: number): bigint {
    const kernel = this.made('moduleFunction', module, entry);
    if (sharedBytes > 48 * 1024) {
      const what = `let ${entry} have ${sharedBytes} bytes of shared memory`;
      this.checkCode(what, this.dialect.allowSharedBytes(kernel, sharedBytes));
    }
    return kernel;
  }

  /** Puts a kernel on the stream: pointers first, then scalars. */
  launch(
    kernel: bigint,
    { grid, block, sharedBytes }: LaunchGeometry,
    pointers: readonly bigint[],
    scalars: readonly Scalar[],
  ): void {
    const table = this.block.pack(pointers, scalars);
    this.check('launch', kernel, ...grid, ...block, sharedBytes, this.stream, table, 0n);
  }

  synchronise(): void {
    this.check('synchroniseStream', this.stream);
  }

  /** Waits for all that runs on the device, whoever began it. */
  synchroniseDevice(): void {
    this.check('synchroniseDevice');
  }

  createEvent(): bigint {
    return this.made('createEvent', 0);
  }

  destroyEvent(event: bigint): void {
    this.check('destroyEvent', event);
  }

  recordEvent(event: bigint): void {
    this.check('recordEvent', event, this.stream);
  }

  /** Waits for `end`. @returns seconds between two events, which the driver gives in milliseconds */
  secondsBetween(start: bigint, end: bigint): number {
    this.check('synchroniseEvent', end);
    const milliseconds = new Float32Array(1);
    this.check('elapsed', milliseconds, start, end);
    return milliseconds[0] / 1000;
  }

  /** Captures what `enqueue` puts on the stream. @returns an executable graph, to be destroyed */
  capture(enqueue: () => void): bigint {
    this.check('beginCapture', this.stream, captureOfThisThread);
    let failed = true;
    const graph = new BigUint64Array(1);
    try {
      enqueue();
      failed = false;
    } finally {
      const code = this.calls.endCapture(this.stream, graph);
      if (failed && graph[0] !== 0n) this.calls.destroyGraph(graph[0]);
      if (!failed) this.checkCode(this.symbol('endCapture'), code);
    }
    try {
      return this.made('instantiateGraph', graph[0], 0n);
    } finally {
      this.check('destroyGraph', graph[0]);
    }
  }

  launchGraph(graph: bigint): void {
    this.check('launchGraph', graph, this.stream);
  }

  destroyGraph(graph: bigint): void {
    this.check('destroyGraphExec', graph);
  }

  private handleOf(index: number): number {
    const device = new Int32Array(1);
    this.check('device', device, index);
    return device[0];
  }

  private nameOf(device: number): string {
    const text = new Uint8Array(256);
    this.check('deviceName', text, text.length, device);
    return terminated(text);
  }

  /** A call whose first argument receives a handle. */
  private made(name: DriverCallName, ...args: Argument[]): bigint {
    const handle = new BigUint64Array(1);
    this.check(name, handle, ...args);
    return handle[0];
  }

  private check(name: DriverCallName, ...args: Argument[]): void {
    const code = this.calls[name](...args);
    if (code !== 0) this.checkCode(this.symbol(name), code);
  }

  private checkCode(what: string, code: number): void {
    if (code !== 0) throw new GpuError(what, code, this.dialect.errorName(code), losesDevice.has(code));
  }

  private symbol(name: DriverCallName): string {
    return driverCalls[name][this.platform];
  }
}

/** Text up to its terminating zero. */
export function terminated(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}
