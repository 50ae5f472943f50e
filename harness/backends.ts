import {
  type Backend,
  type BackendName,
  type ComputeDevice,
  DeviceUnavailable,
  type Found,
} from './device.ts';

/** Backends in the order in which one is chosen when none is asked for: what a user would compute on first. */
export const backendNames = [
  'cuda',
  'hip',
  'webgpu',
  'cpu',
  'python',
] as const satisfies readonly BackendName[];

/** Loads a backend; its libraries are looked for when it is asked to find or open a device. */
export async function backend(name: BackendName): Promise<Backend> {
  switch (name) {
    case 'cuda':
      return (await import('./devices/cuda/cuda-backend.ts')).cudaBackend;
    case 'hip':
      return (await import('./devices/hip/hip-backend.ts')).hipBackend;
    case 'webgpu':
      return (await import('./devices/webgpu/webgpu-backend.ts')).webgpuBackend;
    case 'cpu':
      return (await import('./devices/cpu/cpu-backend.ts')).cpuBackend;
    case 'python':
      return (await import('./devices/python/python-backend.ts')).pythonBackend;
  }
}

/** What every backend finds on this machine. */
export async function findDevices(): Promise<{ name: BackendName; found: Found }[]> {
  const found: { name: BackendName; found: Found }[] = [];
  for (const name of backendNames) found.push({ name, found: await (await backend(name)).find() });
  return found;
}

/**
 * Opens a device of the backend that was asked for, or of the first one that has a processor of its own: a GPU through
 * cuda, hip or webgpu, else this machine's CPU.
 * @throws DeviceUnavailable with everything that was looked for and where
 */
export async function openDevice(name: BackendName | undefined, index = 0): Promise<ComputeDevice> {
  if (name) return (await backend(name)).open(index);
  const looked: string[] = [];
  for (const candidate of ['cuda', 'hip', 'webgpu', 'cpu'] as const) {
    try {
      const device = await (await backend(candidate)).open(index);
      // A software renderer is the same CPU, only slower.
      if (candidate !== 'webgpu' || (await device.describe()).kind === 'gpu') return device;
      await device.close();
      looked.push('webgpu: only a software renderer');
    } catch (error) {
      if (!(error instanceof DeviceUnavailable)) throw error;
      looked.push(...error.looked.map((line) => `${candidate}: ${line}`));
    }
  }
  throw new DeviceUnavailable('', looked);
}
