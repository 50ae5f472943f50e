import { type Backend, DeviceUnavailable, type Found } from '../../device.ts';
import { type AdapterName, adapterNames, dawnOn, loadDawn, packageVersion } from './adapters.ts';
import { WebgpuDevice } from './device.ts';

/** Any GPU with Vulkan, Metal or D3D12, through Dawn. */
export const webgpuBackend: Backend = {
  name: 'webgpu',

  async find(): Promise<Found> {
    const { names, looked } = await search();
    return { devices: names.map(({ name }) => name), looked };
  },

  async open(index = 0) {
    const { names, looked } = await search();
    const chosen = names[index];
    if (!chosen) {
      throw new DeviceUnavailable(
        'webgpu',
        names.length ? [...looked, `adapter ${index}: not there`] : looked,
      );
    }
    const gpu = dawnOn(await loadDawn(), chosen);
    const adapter = await gpu.requestAdapter();
    if (!adapter) throw new DeviceUnavailable('webgpu', [...looked, `${chosen.name}: gave no adapter`]);
    if (!adapter.features.has('timestamp-query')) {
      const why = `${chosen.name}: has no timestamp queries, and no other clock may time it`;
      throw new DeviceUnavailable('webgpu', [...looked, why]);
    }
    return WebgpuDevice.open(gpu, adapter, chosen);
  },
};

async function search(): Promise<{ names: AdapterName[]; looked: string[] }> {
  const looked: string[] = [];
  try {
    const dawn = await loadDawn();
    looked.push(`webgpu package: ${packageVersion()}`);
    const names = await adapterNames(dawn);
    looked.push(...names.map(({ api, name }) => `${api} adapter: ${name}`));
    if (names.length === 0) looked.push(noAdapter());
    return { names, looked };
  } catch (error) {
    const [reason] = String(error instanceof Error ? error.message : error).split('\n');
    return { names: [], looked: [...looked, `webgpu package: ${reason}`] };
  }
}

function noAdapter(): string {
  const { RANKFLEET_VULKAN_ICD, VK_DRIVER_FILES, VK_ICD_FILENAMES } = process.env;
  const manifests = RANKFLEET_VULKAN_ICD ?? VK_DRIVER_FILES ?? VK_ICD_FILENAMES;
  if (process.platform !== 'linux') return 'adapters: none';
  return manifests
    ? `Vulkan adapters: none that Dawn can use by ${manifests}`
    : 'Vulkan adapters: none that Dawn can use among the drivers of the system (RANKFLEET_VULKAN_ICD may name one)';
}
