import { CompileError, type KernelSource, type Program, type SourceLaunch } from '../../device.ts';
import { i32 } from '../../kernels/cuda/gpu-kernel.ts';
import { tensorsOf } from '../../operators/of-program.ts';
import { guardCuda } from '../../source-guard/cuda.ts';
import type { DeviceKernel, KernelTools } from './device-kernel.ts';

const scratchName = 'scratch';

/**
 * A kernel that comes in source: compiled by itself, its launches run one after another.
 * @throws CompileError with the compiler's log; SourceRefused
 */
export async function sourceKernel(
  program: Program,
  source: KernelSource,
  tools: KernelTools,
): Promise<DeviceKernel> {
  const { driver, modules, scratch, facts } = tools;
  const { text, launches = [], scratchBytes = 0 } = source;
  guardCuda(text, program.dataType);
  const places = launches.map((launch) => tensorPlaces(program, launch));
  const module = await modules.load('kernel.cu', text);
  const functions = launches.map(({ entry, sharedBytes }) => {
    try {
      return driver.kernel(module, entry, sharedBytes);
    } catch (error) {
      driver.unloadModule(module);
      throw new CompileError('the source', `${entry}: ${(error as Error).message}`);
    }
  });
  const scalars = launches.map(({ integers }) => integers.map(i32));
  const largest = indexOfLargest(launches);
  return {
    program,
    inGraph: true,
    resources: launches.length > 0 ? facts(functions[largest], launches[largest]) : {},
    enqueue(tensors) {
      const shared = scratchBytes > 0 ? scratch.atLeast(scratchBytes) : 0n;
      launches.forEach((launch, i) => {
        const pointers = places[i].map((place) => (place < 0 ? shared : tensors[place].address));
        driver.launch(functions[i], launch, pointers, scalars[i]);
      });
    },
    release: () => driver.unloadModule(module),
  };
}

/** Places of a launch's pointers among the operator's tensors; −1 is the scratch memory. */
function tensorPlaces(program: Program, { entry, pointers }: SourceLaunch): number[] {
  const names = tensorsOf(program).map(({ name }) => name);
  return pointers.map((pointer) => {
    const place = names.indexOf(pointer);
    if (place < 0 && pointer !== scratchName) {
      throw new CompileError('the source', `${entry} takes ${pointer}, which is none of ${names.join(', ')}`);
    }
    return place;
  });
}

function indexOfLargest(launches: readonly SourceLaunch[]): number {
  const threads = launches.map(({ grid, block }) => [...grid, ...block].reduce((a, b) => a * b, 1));
  return threads.indexOf(Math.max(...threads));
}
