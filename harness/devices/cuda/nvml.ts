import { bindAll } from '../gpu-shared/driver-calls.ts';
import type { GpuExtras } from '../gpu-shared/gpu-device.ts';
import { type GpuDriver, terminated } from '../gpu-shared/gpu-driver.ts';
import { type Koffi, openLibrary } from '../gpu-shared/native-libraries.ts';

const calls = {
  init: { symbol: 'nvmlInit_v2', returns: 'int', takes: [] },
  shutdown: { symbol: 'nvmlShutdown', returns: 'int', takes: [] },
  driverVersion: { symbol: 'nvmlSystemGetDriverVersion', returns: 'int', takes: ['void *', 'uint32'] },
  byBusId: { symbol: 'nvmlDeviceGetHandleByPciBusId_v2', returns: 'int', takes: ['str', 'void *'] },
  uuid: { symbol: 'nvmlDeviceGetUUID', returns: 'int', takes: ['uint64', 'void *', 'uint32'] },
  clock: { symbol: 'nvmlDeviceGetClockInfo', returns: 'int', takes: ['uint64', 'int', 'void *'] },
  maxClock: { symbol: 'nvmlDeviceGetMaxClockInfo', returns: 'int', takes: ['uint64', 'int', 'void *'] },
  powerLimit: { symbol: 'nvmlDeviceGetEnforcedPowerLimit', returns: 'int', takes: ['uint64', 'void *'] },
} as const;

const coreClock = 1;
const memoryClock = 2;

/**
 * What NVIDIA's management library tells of the open device; it is asked, never told. Where the library is missing or
 * does not answer, versions and clocks hold less.
 */
export function openNvml(koffi: Koffi, driver: GpuDriver, firstFolders: readonly string[]): GpuExtras {
  const versions: Record<string, string> = { cuda: cudaVersion(driver.version()) };
  const silent: GpuExtras = { versions, details: {}, clocks: () => ({}), close: () => {} };
  const places = { firstFolders, folders: ['/usr/local/nvidia/lib64'] };
  const library = openLibrary(koffi, ['libnvidia-ml.so.1'], places, []);
  if (library === undefined) return silent;
  try {
    const nvml = bindAll(library, calls);
    const handle = new BigUint64Array(1);
    if (nvml.init() !== 0) return silent;
    const text = new Uint8Array(96);
    if (nvml.driverVersion(text, text.length) === 0) versions.driver = terminated(text);
    if (nvml.byBusId(driver.busId(), handle) !== 0) return { ...silent, close: () => void nvml.shutdown() };
    const read = (call: 'clock' | 'maxClock', type: number) => {
      const megahertz = new Uint32Array(1);
      return nvml[call](handle[0], type, megahertz) === 0 ? megahertz[0] * 1e6 : undefined;
    };
    const milliwatts = new Uint32Array(1);
    const hasLimit = nvml.powerLimit(handle[0], milliwatts) === 0;
    const uuid = nvml.uuid(handle[0], text, text.length) === 0 ? terminated(text) : '';
    const maxCoreHz = read('maxClock', coreClock);
    const maxMemoryHz = read('maxClock', memoryClock);
    return {
      versions,
      details: {
        ...(uuid ? { uuid } : {}),
        ...(maxCoreHz ? { maxCoreHz } : {}),
        ...(maxMemoryHz ? { maxMemoryHz } : {}),
        ...(hasLimit ? { powerLimitW: milliwatts[0] / 1000 } : {}),
      },
      clocks() {
        const coreHz = read('clock', coreClock);
        const memoryHz = read('clock', memoryClock);
        return { ...(coreHz ? { coreHz } : {}), ...(memoryHz ? { memoryHz } : {}) };
      },
      close: () => void nvml.shutdown(),
    };
  } catch {
    return silent;
  }
}

/** 13000 is 13.0. */
function cudaVersion(number: number): string {
  return `${Math.floor(number / 1000)}.${Math.floor((number % 1000) / 10)}`;
}
