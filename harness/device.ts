import {
  type MeasuredDataType,
  type OperatorName,
  operatorNames,
  type Shape,
} from '../hardware-profiles/operators-measured.ts';
import type { Pattern } from './patterns.ts';
import type { LiveProblem } from './problem.ts';

export type BackendName = 'cuda' | 'hip' | 'webgpu' | 'cpu' | 'python';

/** One way of running kernels on this machine. */
export interface Backend {
  name: BackendName;
  /** Looks for devices, without starting work on them. Never throws. */
  find(): Promise<Found>;
  /** @throws DeviceUnavailable when there is none at that index */
  open(index?: number): Promise<ComputeDevice>;
}

/** What a search found, or what was looked for and where. */
export interface Found {
  /** Devices by index, as people name them. */
  devices: string[];
  /** Each thing that was looked for and what came of it, in a line: `libcuda.so.1: not found`. */
  looked: string[];
}

/** One processor that runs kernels. Times come from its own clock (events, timestamp queries), never from the host's, where it has one. */
export interface ComputeDevice {
  readonly backend: BackendName;
  describe(): Promise<DeviceDescription>;
  /** Whose kernels it has for an operator and data type, best first; none where it has no such operator. */
  implementations(operator: ProgramOperator, dataType: MeasuredDataType): string[];
  /**
   * @throws CompileError with the compiler's log; Unsupported where the device has no such arithmetic; SourceRefused for a
   *   source that does what no kernel may
   */
  compile(program: Program): Promise<Kernel>;
  /** Lets a kernel go that came in source; without it, it stays until the device is closed. */
  release?(kernel: Kernel): Promise<void>;
  /** @throws OutOfMemory */
  allocate(bytes: number): Promise<Memory>;
  /**
   * The same between two zones of that many bytes, a multiple of 4096, which are freed with it. Only where a kernel could
   * reach them: none on devices that keep kernels inside their memories.
   * @throws OutOfMemory
   */
  allocateGuarded?(bytes: number, guardBytes: number): Promise<GuardedMemory>;
  free(memory: Memory): Promise<void>;
  /** Fills a whole memory with a pattern, on the device. */
  fill(memory: Memory, pattern: Pattern): Promise<void>;
  /** Copies to and from the host. Offsets and lengths in bytes, multiples of 4. */
  write(memory: Memory, data: Uint8Array, offset?: number): Promise<void>;
  read(memory: Memory, offset: number, bytes: number): Promise<Uint8Array>;
  /** The same for who looks through much and keeps none of it: the next call may overwrite what this one gave. */
  peek?(memory: Memory, offset: number, bytes: number): Promise<Uint8Array>;
  /** Runs once and waits. */
  run(launch: Launch): Promise<void>;
  /**
   * Seconds of one launch, by repeat. A repeat runs the whole list in order, as one captured graph or one batch of
   * commands where the device can, and divides by its length; the first `warmUp` repeats are dropped.
   */
  time(launches: readonly Launch[], options: { warmUp: number; repeats: number }): Promise<Float64Array>;
  /** Clock rates right now, where the device tells them (Hz). */
  clocks(): Promise<{ coreHz?: number; memoryHz?: number }>;
  close(): Promise<void>;
}

export interface DeviceDescription {
  /** As the driver calls it. */
  name: string;
  kind: 'cpu' | 'gpu' | 'accelerator';
  memoryBytes: number;
  cacheBytes: number;
  /** Multiprocessors, compute units or cores. */
  units: number;
  /** Versions of driver, compiler and libraries that had a part in it. */
  versions: Record<string, string>;
  /** More that a reader may want to know, by name. */
  details: Record<string, string | number>;
  /** An interpreter: kernels are checked on it and cannot be timed. */
  answersOnly?: boolean;
}

/** An operator of the harness, or what a problem file says. */
export type ProgramOperator = OperatorName | 'problem';

export const programOperators = ['problem', ...operatorNames] as [ProgramOperator, ...ProgramOperator[]];

/** An operator on a data type and a shape, to be run by one implementation. */
export interface Program {
  operator: ProgramOperator;
  /** What is to be computed, where the operator is `problem`. */
  problem?: LiveProblem;
  dataType: MeasuredDataType;
  shape: Shape;
  implementation: string;
  /** CPU: cores that take part. */
  cores?: number;
  /** A kernel that comes with the program, to be compiled instead of one that the device has: `implementation` names it. */
  source?: KernelSource;
}

/**
 * A kernel in source for one shape: CUDA C++ (on hip, too), WGSL, C++ against the headers of harness/kernels/cpu, or a
 * Python module with `launch(tensors, axes)`, by backend. C++ and Python say themselves how they are launched.
 */
export interface KernelSource {
  text: string;
  /** GPUs: kernels that run one after another. */
  launches?: readonly SourceLaunch[];
  /** GPUs: device memory that all launches share, of undefined contents. */
  scratchBytes?: number;
}

export interface SourceLaunch {
  entry: string;
  grid: readonly [number, number, number];
  block: readonly [number, number, number];
  sharedBytes: number;
  /** Names of the operator's tensors, or `scratch`. */
  pointers: readonly string[];
  /** 32-bit integers after the pointers. */
  integers: readonly number[];
}

/** What compiler and driver tell of a compiled kernel, each where they do. */
export interface KernelResources {
  registers?: number;
  spilledBytes?: number;
  staticSharedBytes?: number;
  dynamicSharedBytes?: number;
  threadsPerBlock?: number;
  /** Threads that a block of it may have at most. */
  mostThreadsPerBlock?: number;
  blocks?: number;
  /** Resident warps over the most that a multiprocessor holds. */
  occupancy?: number;
  /** CPU: bytes of machine code, and instruction sets that it was compiled for. */
  codeBytes?: number;
  instructionSets?: string;
}

export interface Kernel {
  readonly program: Program;
  /** Relative error that the device found itself, for operators without tensors (collectives, remote calls). */
  readonly checkedError?: number;
  /** A source that may compute by PyTorch: the operators of it that it was seen to call. */
  readonly computesBy?: string;
  /** Of the launch with the most threads, for kernels that came in source. */
  readonly resources?: KernelResources;
}

/** Device memory; the device that gave it knows what it is. */
export interface Memory {
  readonly bytes: number;
}

/** Memory with a zone directly before and behind it. */
export interface GuardedMemory extends Memory {
  readonly guards: { before: Memory; after: Memory };
}

/** A kernel on its tensors, in the order in which the operator lists them. */
export interface Launch {
  kernel: Kernel;
  tensors: readonly Memory[];
}

/** No device, or no library to reach it by. */
export class DeviceUnavailable extends Error {
  readonly looked: string[];
  constructor(backend: string, looked: string[]) {
    super(`no ${backend} device:\n${looked.map((line) => `  ${line}`).join('\n')}`);
    this.looked = looked;
  }
}

/** A kernel that does not compile. */
export class CompileError extends Error {
  readonly log: string;
  constructor(what: string, log: string) {
    super(`${what} does not compile:\n${log}`);
    this.log = log;
  }
}

/** A source that does what no kernel may, whatever it computes. */
export class SourceRefused extends Error {
  /** Which rule it breaks, in a word or two: `own threads`. */
  readonly rule: string;
  constructor(rule: string, message: string) {
    super(message);
    this.rule = rule;
  }
}

/** A problem file that says not enough for a kernel to be judged by, or fails. */
export class ProblemRefused extends Error {}

/** What the device cannot do at all: a data type that it has no arithmetic for. */
export class Unsupported extends Error {}

export class OutOfMemory extends Error {
  readonly askedBytes: number;
  readonly freeBytes: number | undefined;
  constructor(askedBytes: number, freeBytes?: number) {
    const free = freeBytes === undefined ? '' : `, ${freeBytes} bytes are free`;
    super(`out of device memory: asked for ${askedBytes} bytes${free}`);
    this.askedBytes = askedBytes;
    this.freeBytes = freeBytes;
  }
}
