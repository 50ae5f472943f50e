import { bindAll, cudaOnlyCalls } from '../gpu-shared/driver-calls.ts';
import type { DriverDialect, GpuDriver } from '../gpu-shared/gpu-driver.ts';
import {
  foldersOf,
  type Koffi,
  type NativeLibrary,
  pythonPackageFolders,
} from '../gpu-shared/native-libraries.ts';
import type { GpuPlatform } from '../gpu-shared/open-gpu.ts';
import type { RuntimeCompiler } from '../gpu-shared/runtime-compiler.ts';
import { openNvml } from './nvml.ts';

/** Folders to look in first, separated as in PATH: for a driver or libraries in an unusual place. */
const librariesVariable = 'RANKFLEET_CUDA_LIBRARIES';

export const cudaPlatform: GpuPlatform = {
  name: 'cuda',
  libraries: {
    driver: ['libcuda.so.1', 'libcuda.so'],
    compiler: ['libnvrtc.so.13', 'libnvrtc.so.12', 'libnvrtc.so.11.2', 'libnvrtc.so'],
    blas: ['libcublasLt.so.13', 'libcublasLt.so.12', 'libcublasLt.so.11', 'libcublasLt.so'],
  },
  firstFolders: () => foldersOf(librariesVariable),
  folders: () => [
    '/usr/local/nvidia/lib64',
    '/usr/local/cuda*/lib64',
    '/usr/local/cuda*/targets/*/lib',
    '/usr/lib/x86_64-linux-gnu',
    '/usr/lib/aarch64-linux-gnu',
    '/usr/lib/wsl/lib',
    ...pythonPackageFolders('nvidia/*/lib'),
  ],
  dialect: cudaDialect,
  targets: cudaTargets,
  extras: (koffi, driver) => openNvml(koffi, driver, foldersOf(librariesVariable)),
};

const maxDynamicSharedBytes = 8;

function cudaDialect(koffi: Koffi, library: NativeLibrary): DriverDialect {
  const calls = bindAll(library, cudaOnlyCalls);
  const contexts = new Map<number, bigint>();
  return {
    use(device) {
      let context = contexts.get(device);
      if (context === undefined) {
        const made = new BigUint64Array(1);
        const code = calls.retainContext(made, device);
        if (code !== 0) return code;
        context = made[0];
        contexts.set(device, context);
      }
      return calls.setContext(context);
    },
    errorName(code) {
      const text = (call: 'errorName' | 'errorText') => {
        const address = new BigUint64Array(1);
        return calls[call](code, address) === 0 && address[0] !== 0n ? koffi.decode.string(address[0]) : '';
      };
      return (
        [text('errorName'), text('errorText')].filter((part) => part !== '').join(': ') || 'unknown error'
      );
    },
    allowSharedBytes: (kernel, bytes) => calls.functionAttribute(kernel, maxDynamicSharedBytes, bytes),
    release(device) {
      contexts.delete(device);
      calls.releaseContext(device);
    },
    attributes: {
      units: 16,
      threadsOfUnit: 39,
      warpSize: 10,
      maxSharedBytes: 97,
      cacheBytes: 38,
      computeMajor: 75,
      computeMinor: 76,
      coreKiloHertz: 13,
      memoryKiloHertz: 36,
      memoryBusBits: 37,
    },
  };
}

/**
 * Machine code for exactly this device, with the instructions that only it has; for a device that is newer than the
 * compiler, the newest virtual architecture that the compiler knows, which the driver finishes.
 */
function cudaTargets(driver: GpuDriver, compiler: RuntimeCompiler): string[][] {
  const compute = 10 * (driver.attribute('computeMajor') ?? 0) + (driver.attribute('computeMinor') ?? 0);
  const known = compiler.architectures().filter((each) => each <= compute);
  const newest = known.length > 0 ? Math.max(...known) : compute;
  const architectures = [...(compute >= 90 ? [`sm_${compute}a`] : []), `sm_${compute}`, `compute_${newest}`];
  return architectures.map((each) => [`--gpu-architecture=${each}`, '--std=c++17']);
}
