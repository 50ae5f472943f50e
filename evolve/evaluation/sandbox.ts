import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { usableCacheFolder } from '../../harness/devices/cpu/native-build.ts';

/** Variables that devices and their libraries need. Keys and addresses of services are none of them. */
const passed =
  /^(PATH|HOME|USER|LANG|LC_\w+|TZ|LD_LIBRARY_PATH|DYLD_\w+|XDG_(CACHE_HOME|RUNTIME_DIR|DATA_DIRS)|VIRTUAL_ENV|CONDA_PREFIX|PYTHONPATH|CXX|CUDA_\w+|NVIDIA_\w+|HIP_\w+|ROCR_\w+|HSA_\w+|VK_\w+|LIBGL_\w+|LP_\w+|GALLIUM_\w+|MESA_\w+|TRITON_\w+|TORCHINDUCTOR_\w+|OMP_\w+|MKL_\w+|OPENBLAS_\w+)$/;
const ours = /^RANKFLEET_(?!.*(KEY|TOKEN|SECRET|PASSWORD|URL))\w+$/;

/** The environment of a process that runs candidates, whose temporary files lie in `folder`. */
export function sandboxEnvironment(environment: NodeJS.ProcessEnv, folder: string): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => passed.test(name) || ours.test(name));
  // What compilers keep outlives the worker: a reference need not be compiled anew by the next.
  const compiled = join(usableCacheFolder(), 'compiled');
  return {
    TRITON_CACHE_DIR: join(compiled, 'triton'),
    TORCHINDUCTOR_CACHE_DIR: join(compiled, 'inductor'),
    // Threads on which libraries compile beside each other.
    UV_THREADPOOL_SIZE: String(Math.max(4, availableParallelism())),
    ...Object.fromEntries(kept),
    TMPDIR: folder,
  };
}

/**
 * How a process is started that leaves no core files and, where the system allows it, sees no network.
 * @returns the command, and whether it is cut off from the network
 */
export function sandboxCommand(
  command: readonly string[],
  wantsOffline: boolean,
): { command: string[]; isOffline: boolean } {
  if (process.platform === 'win32') return { command: [...command], isOffline: false };
  const unshare = wantsOffline ? networkBarrier() : undefined;
  const all = [...(unshare ?? []), ...command];
  return { command: ['sh', '-c', 'ulimit -c 0; exec "$@"', 'sh', ...all], isOffline: unshare !== undefined };
}

let barrier: { command: string[] | undefined } | undefined;

/** `unshare` into an empty network, with the rights of a user name space where it needs them. Tried once. */
function networkBarrier(): string[] | undefined {
  barrier ??= {
    command: [
      ['unshare', '--net', '--'],
      ['unshare', '--map-root-user', '--net', '--'],
    ].find(
      ([program, ...options]) => spawnSync(program, [...options, 'true'], { timeout: 5000 }).status === 0,
    ),
  };
  return barrier.command;
}
