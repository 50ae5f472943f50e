import type { Kernel, Program } from '../../device.ts';
import type { BlasLt } from './blas-lt.ts';
import type { FunctionFacts } from './function-facts.ts';
import type { GpuDriver } from './gpu-driver.ts';
import type { KernelModules } from './kernel-modules.ts';
import type { HostBuffer, Scratch } from './scratch.ts';

/** A program that is ready to be put on a GPU's stream. */
export interface DeviceKernel extends Kernel {
  /** Puts one launch on the stream, without waiting: what is timed. */
  enqueue(tensors: readonly Tensor[]): void;
  /** What a check runs instead and waits for, where that is more than what is timed. */
  check?(tensors: readonly Tensor[]): void;
  /** Whether a captured graph may hold it; else it is timed by events around plain calls. */
  inGraph: boolean;
  /** Lets go what the kernel holds, when its device closes. */
  release?(): void;
}

/** One memory of a launch. */
export interface Tensor {
  address: bigint;
  bytes: number;
}

/** What makers of kernels build on. */
export interface KernelTools {
  driver: GpuDriver;
  modules: KernelModules;
  /** undefined where the vendor's library of matrix products was not found. */
  blas: BlasLt | undefined;
  /** Passes results between the kernels of one launch. */
  scratch: Scratch;
  /** Given to the library of matrix products. */
  workspace: Scratch;
  facts: FunctionFacts;
  hostBuffers: Record<'pinned' | 'pageable', { source: HostBuffer; target: HostBuffer }>;
}

export type KernelMaker = (program: Program, tools: KernelTools) => DeviceKernel | undefined;
