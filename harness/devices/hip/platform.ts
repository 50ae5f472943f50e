import { bindAll, hipOnlyCalls } from '../gpu-shared/driver-calls.ts';
import type { GpuExtras } from '../gpu-shared/gpu-device.ts';
import type { DriverDialect, GpuDriver } from '../gpu-shared/gpu-driver.ts';
import {
  foldersOf,
  type Koffi,
  type NativeLibrary,
  pythonPackageFolders,
} from '../gpu-shared/native-libraries.ts';
import type { GpuPlatform } from '../gpu-shared/open-gpu.ts';

/** Folders to look in first, separated as in PATH: for a runtime or libraries in an unusual place. */
const librariesVariable = 'RANKFLEET_HIP_LIBRARIES';

export const hipPlatform: GpuPlatform = {
  name: 'hip',
  libraries: {
    driver: ['libamdhip64.so.7', 'libamdhip64.so.6', 'libamdhip64.so.5', 'libamdhip64.so'],
    compiler: ['libhiprtc.so.7', 'libhiprtc.so.6', 'libhiprtc.so.5', 'libhiprtc.so'],
    blas: ['libhipblaslt.so.1', 'libhipblaslt.so.0', 'libhipblaslt.so'],
  },
  firstFolders: () => foldersOf(librariesVariable),
  folders: () => [
    '/opt/rocm*/lib',
    '/usr/lib/x86_64-linux-gnu',
    ...pythonPackageFolders('torch/lib'),
    ...pythonPackageFolders('_rocm_sdk_*/lib'),
  ],
  dialect: hipDialect,
  // Without an architecture hiprtc compiles for the current device.
  targets: () => [['-std=c++17', '-O3']],
  extras: hipExtras,
};

/** What a block may have without asking; AMD's devices have no more to give. */
const localMemoryBytes = 64 * 1024;
const invalidValue = 1;

function hipDialect(_: Koffi, library: NativeLibrary): DriverDialect {
  const { setDevice } = bindAll(library, { setDevice: hipOnlyCalls.setDevice });
  const errorName = library.bind<string | null>(hipOnlyCalls.errorName);
  const errorText = library.bind<string | null>(hipOnlyCalls.errorText);
  return {
    use: (device) => setDevice(device),
    errorName: (code) => `${errorName(code) ?? 'unknown error'}: ${errorText(code) ?? ''}`,
    allowSharedBytes: (_kernel, bytes) => (bytes <= localMemoryBytes ? 0 : invalidValue),
    // The runtime keeps a device's context for the process.
    release: () => {},
    attributes: {
      units: 63,
      threadsOfUnit: 57,
      warpSize: 87,
      maxSharedBytes: 74,
      cacheBytes: 19,
      computeMajor: 23,
      computeMinor: 61,
      coreKiloHertz: 5,
      memoryKiloHertz: 60,
      memoryBusBits: 59,
    },
  };
}

/** HIP tells its version; clocks of the moment are ROCm SMI's, which is not asked. */
function hipExtras(_: Koffi, driver: GpuDriver): GpuExtras {
  const version = driver.version();
  const [major, minor, patch] = [Math.floor(version / 1e7), Math.floor((version % 1e7) / 1e5), version % 1e5];
  return {
    versions: { hip: `${major}.${minor}.${patch}` },
    details: {},
    clocks: () => ({}),
    close: () => {},
  };
}
