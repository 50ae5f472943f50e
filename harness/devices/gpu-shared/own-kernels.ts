import type { Program } from '../../device.ts';
import { type GpuKernel, gpuKernels } from '../../kernels/cuda/kernels.ts';
import type { DeviceKernel, KernelTools } from './device-kernel.ts';

/** Our own kernels for a program, run one after another; undefined where we have none. */
export function ownKernels(program: Program, tools: KernelTools): DeviceKernel | undefined {
  const kernels = gpuKernels(program, tools.modules.shape);
  if (kernels === undefined) return undefined;
  const enqueue = kernelSequence(kernels, tools);
  return {
    program,
    enqueue: (tensors) => enqueue(tensors.map(({ address }) => address)),
    // The cost of a launch from the host is what kernel-launch measures without a graph.
    inGraph: program.operator !== 'kernel-launch' || program.shape.graph === 1,
  };
}

/**
 * Compiles kernels that run one after another.
 * @returns what puts them on the stream, given the addresses of the launch's tensors
 */
export function kernelSequence(
  kernels: readonly GpuKernel[],
  { driver, modules, scratch }: KernelTools,
): (addresses: readonly bigint[]) => void {
  const functions = kernels.map((kernel) => modules.functionOf(kernel));
  const scratchBytes = Math.max(0, ...kernels.map((kernel) => kernel.scratchBytes ?? 0));
  return (addresses) => {
    const scratchAddress = scratchBytes > 0 ? scratch.atLeast(scratchBytes) : 0n;
    kernels.forEach((kernel, i) => {
      const taken = kernel.tensors?.map((position) => addresses[position]) ?? addresses;
      const pointers = kernel.scratchBytes === undefined ? taken : [...taken, scratchAddress];
      driver.launch(functions[i], kernel, pointers, kernel.scalars);
    });
  };
}
