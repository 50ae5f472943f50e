import type { NativeFunction, NativeLibrary } from './native-libraries.ts';

export type GpuPlatformName = 'cuda' | 'hip';

/**
 * A call that CUDA's driver and HIP's runtime share: its two symbols and what it takes. Handles and addresses travel
 * as `uint64`, what the call fills as `void *`.
 */
interface DriverCall {
  cuda: string;
  hip: string;
  takes: readonly string[];
}

/** Every call answers with an error code, 0 for success. The order of arguments is the same on both sides. */
export const driverCalls = {
  init: { cuda: 'cuInit', hip: 'hipInit', takes: ['uint32'] },
  deviceCount: { cuda: 'cuDeviceGetCount', hip: 'hipGetDeviceCount', takes: ['void *'] },
  device: { cuda: 'cuDeviceGet', hip: 'hipDeviceGet', takes: ['void *', 'int'] },
  deviceName: { cuda: 'cuDeviceGetName', hip: 'hipDeviceGetName', takes: ['void *', 'int', 'int'] },
  deviceMemory: { cuda: 'cuDeviceTotalMem_v2', hip: 'hipDeviceTotalMem', takes: ['void *', 'int'] },
  deviceAttribute: {
    cuda: 'cuDeviceGetAttribute',
    hip: 'hipDeviceGetAttribute',
    takes: ['void *', 'int', 'int'],
  },
  busId: { cuda: 'cuDeviceGetPCIBusId', hip: 'hipDeviceGetPCIBusId', takes: ['void *', 'int', 'int'] },
  driverVersion: { cuda: 'cuDriverGetVersion', hip: 'hipDriverGetVersion', takes: ['void *'] },
  allocate: { cuda: 'cuMemAlloc_v2', hip: 'hipMalloc', takes: ['void *', 'size_t'] },
  free: { cuda: 'cuMemFree_v2', hip: 'hipFree', takes: ['uint64'] },
  memoryInfo: { cuda: 'cuMemGetInfo_v2', hip: 'hipMemGetInfo', takes: ['void *', 'void *'] },
  allocatePinned: { cuda: 'cuMemHostAlloc', hip: 'hipHostMalloc', takes: ['void *', 'size_t', 'uint32'] },
  freePinned: { cuda: 'cuMemFreeHost', hip: 'hipHostFree', takes: ['uint64'] },
  copyToDevice: { cuda: 'cuMemcpyHtoD_v2', hip: 'hipMemcpyHtoD', takes: ['uint64', 'void *', 'size_t'] },
  copyToHost: { cuda: 'cuMemcpyDtoH_v2', hip: 'hipMemcpyDtoH', takes: ['void *', 'uint64', 'size_t'] },
  copyToDeviceAsync: {
    cuda: 'cuMemcpyHtoDAsync_v2',
    hip: 'hipMemcpyHtoDAsync',
    takes: ['uint64', 'uint64', 'size_t', 'uint64'],
  },
  copyToHostAsync: {
    cuda: 'cuMemcpyDtoHAsync_v2',
    hip: 'hipMemcpyDtoHAsync',
    takes: ['uint64', 'uint64', 'size_t', 'uint64'],
  },
  fillWords: {
    cuda: 'cuMemsetD32Async',
    hip: 'hipMemsetD32Async',
    takes: ['uint64', 'uint32', 'size_t', 'uint64'],
  },
  loadModule: { cuda: 'cuModuleLoadData', hip: 'hipModuleLoadData', takes: ['void *', 'void *'] },
  moduleFunction: {
    cuda: 'cuModuleGetFunction',
    hip: 'hipModuleGetFunction',
    takes: ['void *', 'uint64', 'str'],
  },
  unloadModule: { cuda: 'cuModuleUnload', hip: 'hipModuleUnload', takes: ['uint64'] },
  launch: {
    cuda: 'cuLaunchKernel',
    hip: 'hipModuleLaunchKernel',
    takes: [
      'uint64',
      ...['uint32', 'uint32', 'uint32'],
      ...['uint32', 'uint32', 'uint32'],
      'uint32',
      'uint64',
      'uint64',
      'uint64',
    ],
  },
  createStream: { cuda: 'cuStreamCreate', hip: 'hipStreamCreateWithFlags', takes: ['void *', 'uint32'] },
  destroyStream: { cuda: 'cuStreamDestroy_v2', hip: 'hipStreamDestroy', takes: ['uint64'] },
  synchroniseDevice: { cuda: 'cuCtxSynchronize', hip: 'hipDeviceSynchronize', takes: [] },
  synchroniseStream: { cuda: 'cuStreamSynchronize', hip: 'hipStreamSynchronize', takes: ['uint64'] },
  createEvent: { cuda: 'cuEventCreate', hip: 'hipEventCreateWithFlags', takes: ['void *', 'uint32'] },
  destroyEvent: { cuda: 'cuEventDestroy_v2', hip: 'hipEventDestroy', takes: ['uint64'] },
  recordEvent: { cuda: 'cuEventRecord', hip: 'hipEventRecord', takes: ['uint64', 'uint64'] },
  synchroniseEvent: { cuda: 'cuEventSynchronize', hip: 'hipEventSynchronize', takes: ['uint64'] },
  elapsed: { cuda: 'cuEventElapsedTime', hip: 'hipEventElapsedTime', takes: ['void *', 'uint64', 'uint64'] },
  beginCapture: { cuda: 'cuStreamBeginCapture_v2', hip: 'hipStreamBeginCapture', takes: ['uint64', 'int'] },
  endCapture: { cuda: 'cuStreamEndCapture', hip: 'hipStreamEndCapture', takes: ['uint64', 'void *'] },
  instantiateGraph: {
    cuda: 'cuGraphInstantiateWithFlags',
    hip: 'hipGraphInstantiateWithFlags',
    takes: ['void *', 'uint64', 'uint64'],
  },
  launchGraph: { cuda: 'cuGraphLaunch', hip: 'hipGraphLaunch', takes: ['uint64', 'uint64'] },
  destroyGraph: { cuda: 'cuGraphDestroy', hip: 'hipGraphDestroy', takes: ['uint64'] },
  destroyGraphExec: { cuda: 'cuGraphExecDestroy', hip: 'hipGraphExecDestroy', takes: ['uint64'] },
} as const satisfies Record<string, DriverCall>;

export type DriverCallName = keyof typeof driverCalls;

/** Calls that only CUDA's driver has, or that have another form in HIP. */
export const cudaOnlyCalls = {
  retainContext: { symbol: 'cuDevicePrimaryCtxRetain', returns: 'int', takes: ['void *', 'int'] },
  releaseContext: { symbol: 'cuDevicePrimaryCtxRelease_v2', returns: 'int', takes: ['int'] },
  setContext: { symbol: 'cuCtxSetCurrent', returns: 'int', takes: ['uint64'] },
  functionAttribute: { symbol: 'cuFuncSetAttribute', returns: 'int', takes: ['uint64', 'int', 'int'] },
  errorName: { symbol: 'cuGetErrorName', returns: 'int', takes: ['int', 'void *'] },
  errorText: { symbol: 'cuGetErrorString', returns: 'int', takes: ['int', 'void *'] },
} as const;

export const hipOnlyCalls = {
  setDevice: { symbol: 'hipSetDevice', returns: 'int', takes: ['int'] },
  errorName: { symbol: 'hipGetErrorName', returns: 'str', takes: ['int'] },
  errorText: { symbol: 'hipGetErrorString', returns: 'str', takes: ['int'] },
} as const;

/** Binds every shared call. @throws Error naming the symbols that the library lacks */
export function bindDriverCalls(
  library: NativeLibrary,
  platform: GpuPlatformName,
): Record<DriverCallName, NativeFunction> {
  const signatures = Object.fromEntries(
    Object.entries(driverCalls).map(([name, call]) => [
      name,
      { symbol: call[platform], returns: 'int', takes: call.takes },
    ]),
  );
  return bindAll(library, signatures) as Record<DriverCallName, NativeFunction>;
}

/** Binds a table of functions. @throws Error naming the symbols that the library lacks */
export function bindAll<Name extends string>(
  library: NativeLibrary,
  signatures: Record<Name, { symbol: string; returns: string; takes: readonly string[] }>,
): Record<Name, NativeFunction> {
  const bound = {} as Record<Name, NativeFunction>;
  const missing: string[] = [];
  for (const [name, signature] of Object.entries(signatures) as [Name, (typeof signatures)[Name]][]) {
    try {
      bound[name] = library.bind(signature);
    } catch {
      missing.push(signature.symbol);
    }
  }
  if (missing.length > 0) throw new Error(`${library.path} lacks ${missing.join(', ')}`);
  return bound;
}
