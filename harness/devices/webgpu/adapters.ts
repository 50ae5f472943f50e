import { createRequire } from 'node:module';

/** What the `webgpu` package gives: Dawn. */
type Dawn = typeof import('webgpu');

/** An adapter as Dawn names it. */
export interface AdapterName {
  api: string;
  name: string;
}

/** APIs that have timestamps and compute, best first. */
const apis = ['vulkan', 'metal', 'd3d12'];

/** Vulkan drivers that compute on the CPU: last among the adapters. */
const softwareNames = /llvmpipe|lavapipe|swiftshader|basic render/i;

/** Whether an adapter computes on the CPU. */
export function isSoftware({ name }: AdapterName): boolean {
  return softwareNames.test(name);
}

/** Loads Dawn; its constants become globals, as its own documentation has it. @throws where it is not installed */
export async function loadDawn(): Promise<Dawn> {
  chooseVulkanDriver();
  const dawn = await import('webgpu');
  Object.assign(globalThis, dawn.globals);
  return dawn;
}

/** RANKFLEET_VULKAN_ICD names a driver's manifest, for a Vulkan driver that is not installed system-wide. */
function chooseVulkanDriver(): void {
  const manifest = process.env.RANKFLEET_VULKAN_ICD;
  if (!manifest) return;
  process.env.VK_DRIVER_FILES = manifest;
  process.env.VK_ICD_FILENAMES = manifest;
}

/**
 * Adapters by index: GPUs, then software. Dawn lists its adapters only in the message about one that does not exist.
 * Two of the same name cannot be told apart and count as one.
 */
export async function adapterNames({ create }: Dawn): Promise<AdapterName[]> {
  let message = '';
  const gpu = create(['adapter=no such adapter']);
  try {
    await gpu.requestAdapter();
  } catch (error) {
    message = error instanceof Error ? error.message : String(error);
  }
  const found = [...message.matchAll(/backend: '([^']+)', name: '([^\n]*)'/g)]
    .map(([, api, name]) => ({ api, name }))
    .filter(({ api }) => apis.includes(api));
  const unique = found.filter(({ name }, index) => found.findIndex((other) => other.name === name) === index);
  return unique.sort((a, b) => Number(isSoftware(a)) - Number(isSoftware(b)));
}

/** Version of the `webgpu` package. */
export function packageVersion(): string {
  return createRequire(import.meta.url)('webgpu/package.json').version;
}

/** Dawn on one adapter, its timestamps as fine as the device's own (by default they are cut to 65 µs). */
export function dawnOn({ create }: Dawn, { api, name }: AdapterName): GPU {
  return create(['disable-dawn-features=timestamp_quantization', `backend=${api}`, `adapter=${name}`]);
}
