import { type ComputeDevice, DeviceUnavailable, type Found } from '../../device.ts';
import { BlasLt } from './blas-lt.ts';
import type { GpuPlatformName } from './driver-calls.ts';
import { bindFunctionFacts, type FunctionFacts } from './function-facts.ts';
import { GpuDevice, type GpuExtras } from './gpu-device.ts';
import { type DriverDialect, GpuDriver } from './gpu-driver.ts';
import { KernelModules } from './kernel-modules.ts';
import { type Koffi, loadedMark, loadKoffi, type NativeLibrary, openLibrary } from './native-libraries.ts';
import { RuntimeCompiler } from './runtime-compiler.ts';
import { HostBuffer, Scratch } from './scratch.ts';

/** What CUDA and HIP fill in differently. */
export interface GpuPlatform {
  name: GpuPlatformName;
  /** File names, the preferred first. */
  libraries: { driver: readonly string[]; compiler: readonly string[]; blas: readonly string[] };
  /** Where to look before the system's loader does, and after it. */
  firstFolders(): string[];
  folders(): string[];
  dialect(koffi: Koffi, driver: NativeLibrary): DriverDialect;
  /** Compiler options for the open device, the best list first. */
  targets(driver: GpuDriver, compiler: RuntimeCompiler): string[][];
  extras(koffi: Koffi, driver: GpuDriver): GpuExtras;
}

/** Driver, its device names, and what else was loaded. */
interface Loaded {
  driver: GpuDriver;
  facts: FunctionFacts;
  names: string[];
  compiler: RuntimeCompiler;
  koffi: Koffi;
}

/** Never throws: what went wrong is a line of `looked`. */
export async function findGpus(platform: GpuPlatform): Promise<Found> {
  const looked: string[] = [];
  const loaded = await load(platform, looked);
  return { devices: loaded?.names ?? [], looked };
}

/** @throws DeviceUnavailable with what was looked for */
export async function openGpu(platform: GpuPlatform, index = 0): Promise<ComputeDevice> {
  const looked: string[] = [];
  const loaded = await load(platform, looked);
  if (loaded === undefined) throw new DeviceUnavailable(platform.name, looked);
  const { driver, facts, compiler, koffi, names } = loaded;
  if (!Number.isInteger(index) || index < 0 || index >= names.length) {
    looked.push(`device ${index}: there are ${names.length}`);
    throw new DeviceUnavailable(platform.name, looked);
  }
  driver.open(index);
  const modules = new KernelModules(driver, compiler, platform.targets(driver, compiler), {
    units: driver.attribute('units') ?? 1,
    warpSize: driver.attribute('warpSize') ?? 32,
    maxSharedBytes: driver.attribute('maxSharedBytes') ?? 48 * 1024,
  });
  const blas = openBlas(platform, koffi, looked);
  const extras = platform.extras(koffi, driver);
  const buffers = (pinned: boolean) => ({
    source: new HostBuffer(driver, pinned),
    target: new HostBuffer(driver, pinned),
  });
  const compilerName = platform.name === 'cuda' ? 'nvrtc' : 'hiprtc';
  const blasName = platform.name === 'cuda' ? 'cublaslt' : 'hipblaslt';
  const versions = {
    ...extras.versions,
    [compilerName]: compiler.version(),
    ...(blas ? { [blasName]: blas.version() ?? blas.library.path } : {}),
  };
  return new GpuDevice(
    {
      driver,
      modules,
      blas,
      scratch: new Scratch(driver),
      workspace: new Scratch(driver),
      facts,
      hostBuffers: { pinned: buffers(true), pageable: buffers(false) },
    },
    { ...extras, versions, details: { ...extras.details, ...librariesOf(looked) } },
  );
}

/** Loads what every GPU needs; undefined when something of it is missing or there is no device. */
async function load(platform: GpuPlatform, looked: string[]): Promise<Loaded | undefined> {
  const koffi = await loadKoffi(looked);
  if (koffi === undefined) return undefined;
  const { libraries } = platform;
  const places = { firstFolders: platform.firstFolders(), folders: platform.folders() };
  const driverLibrary = openLibrary(koffi, libraries.driver, places, looked);
  const compilerLibrary = openLibrary(koffi, libraries.compiler, places, looked);
  if (driverLibrary === undefined || compilerLibrary === undefined) return undefined;
  try {
    const compiler = new RuntimeCompiler(platform.name, koffi, compilerLibrary);
    const driver = new GpuDriver(platform.name, koffi, driverLibrary, platform.dialect(koffi, driverLibrary));
    const names = driver.deviceNames();
    if (names.length === 0) looked.push(`${driverLibrary.path}: knows of no device`);
    const facts = bindFunctionFacts(platform.name, driverLibrary, driver);
    return names.length === 0 ? undefined : { driver, facts, names, compiler, koffi };
  } catch (error) {
    looked.push((error as Error).message);
    return undefined;
  }
}

/** The library of matrix products is optional: without it there is no GEMM, all else runs. */
function openBlas(platform: GpuPlatform, koffi: Koffi, looked: string[]): BlasLt | undefined {
  const places = { firstFolders: platform.firstFolders(), folders: platform.folders() };
  const library = openLibrary(koffi, platform.libraries.blas, places, looked);
  if (library === undefined) return undefined;
  try {
    return new BlasLt(platform.name, koffi, library);
  } catch (error) {
    looked.push(`${library.path}: ${(error as Error).message}`);
    return undefined;
  }
}

function librariesOf(looked: readonly string[]): Record<string, string> {
  const isLoaded = (line: string) => line.endsWith(loadedMark);
  const paths = looked.filter(isLoaded).map((line) => line.slice(0, -loadedMark.length));
  const others = looked.filter((line) => !isLoaded(line));
  return {
    libraries: paths.join(', '),
    ...(others.length > 0 ? { missing: others.join('; ') } : {}),
  };
}
