import type { Program } from '../../device.ts';
import { fillKernel, gpuKernels } from '../../kernels/cuda/kernels.ts';
import { hashWord } from '../../patterns.ts';
import type { DeviceKernel, KernelTools } from './device-kernel.ts';
import { kernelSequence } from './own-kernels.ts';

const seed = 5;

/**
 * Reads memory of its own and adds it up. A check fills that memory with hashed words first and compares the sum of all
 * of them, modulo 2³². Only for shapes without busy cores: it is the device that reads.
 */
export function memoryStream(program: Program, tools: KernelTools): DeviceKernel | undefined {
  const kernels = program.shape.busy === 0 ? gpuKernels(program, tools.modules.shape) : undefined;
  if (kernels === undefined) return undefined;
  const { driver, modules, scratch } = tools;
  const enqueueRead = kernelSequence(kernels, tools);
  const [{ grid, scratchBytes = 0 }] = kernels;
  const readBytes = scratchBytes - 4 * grid[0];
  const fill = fillKernel({ kind: 'hashed', element: 'i8', seed, rowLength: 1 }, readBytes / 4);
  const fillFunction = modules.functionOf(fill);
  const kernel: DeviceKernel & { checkedError?: number } = {
    program,
    inGraph: true,
    enqueue: () => enqueueRead([]),
    check() {
      const address = scratch.atLeast(scratchBytes);
      driver.launch(fillFunction, fill, [address], fill.scalars);
      enqueueRead([]);
      const sums = new Uint32Array(driver.copyToHost(address + BigInt(readBytes), 4 * grid[0]).buffer);
      const sum = sums.reduce((total, each) => (total + each) >>> 0, 0);
      const wanted = sumOfWords(readBytes / 4);
      kernel.checkedError = Math.abs(sum - wanted) / Math.max(1, wanted);
    },
  };
  return kernel;
}

function sumOfWords(words: number): number {
  let sum = 0;
  for (let i = 0; i < words; i++) sum = (sum + hashWord(i, seed)) >>> 0;
  return sum;
}
