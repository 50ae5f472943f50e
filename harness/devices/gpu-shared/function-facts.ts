import type { KernelResources, SourceLaunch } from '../../device.ts';
import type { GpuPlatformName } from './driver-calls.ts';
import type { GpuDriver } from './gpu-driver.ts';
import type { NativeFunction, NativeLibrary } from './native-libraries.ts';

/** What the driver tells of a compiled kernel as it is launched; what it does not tell is left out. */
export type FunctionFacts = (kernel: bigint, launch: SourceLaunch) => KernelResources;

/** Calls that an old driver may lack, and a kernel runs without. */
const calls = {
  cuda: { attribute: 'cuFuncGetAttribute', occupancy: 'cuOccupancyMaxActiveBlocksPerMultiprocessor' },
  hip: { attribute: 'hipFuncGetAttribute', occupancy: 'hipModuleOccupancyMaxActiveBlocksPerMultiprocessor' },
} as const;

/** Numbered alike by both. */
const attributes = { mostThreads: 0, sharedBytes: 1, localBytes: 3, registers: 4 } as const;

export function bindFunctionFacts(
  platform: GpuPlatformName,
  library: NativeLibrary,
  driver: GpuDriver,
): FunctionFacts {
  const attribute = bind(library, calls[platform].attribute, ['void *', 'int', 'uint64']);
  const occupancy = bind(library, calls[platform].occupancy, ['void *', 'uint64', 'int', 'size_t']);
  const asked = (call: NativeFunction | undefined, ...args: (number | bigint)[]) => {
    const value = new Int32Array(1);
    return call?.(value, ...args) === 0 ? value[0] : undefined;
  };
  return (kernel, { grid, block, sharedBytes }) => {
    const fact = (name: keyof typeof attributes) => asked(attribute, attributes[name], kernel);
    const threads = block[0] * block[1] * block[2];
    const resident = asked(occupancy, kernel, threads, sharedBytes);
    const most = driver.attribute('threadsOfUnit');
    return known({
      registers: fact('registers'),
      spilledBytes: fact('localBytes'),
      staticSharedBytes: fact('sharedBytes'),
      dynamicSharedBytes: sharedBytes,
      threadsPerBlock: threads,
      mostThreadsPerBlock: fact('mostThreads'),
      blocks: grid[0] * grid[1] * grid[2],
      occupancy: resident === undefined || !most ? undefined : (resident * threads) / most,
    });
  };
}

function bind(library: NativeLibrary, symbol: string, takes: readonly string[]): NativeFunction | undefined {
  try {
    return library.bind({ symbol, returns: 'int', takes });
  } catch {
    return undefined;
  }
}

/** Without what is not known. */
function known(
  facts: { [Name in keyof KernelResources]: KernelResources[Name] | undefined },
): KernelResources {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}
