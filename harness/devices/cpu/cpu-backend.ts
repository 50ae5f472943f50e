import { type Backend, type ComputeDevice, DeviceUnavailable, type Found } from '../../device.ts';
import { type Koffi, loadKoffi } from '../gpu-shared/native-libraries.ts';
import { type Compiler, findCompiler } from './compiler.ts';
import { CpuDevice } from './cpu-device.ts';
import { buildLibrary, usableCacheFolder } from './native-build.ts';
import { loadKernels } from './native-kernels.ts';
import { PlainCpuDevice } from './plain-device.ts';
import { describeMachine } from './processors.ts';
import { SourceKernels } from './source-kernels.ts';

/**
 * This machine's CPU: our C++ kernels, compiled by the system's compiler when first opened and kept in the user's cache
 * folder; without a compiler or koffi, one thread of plain TypeScript.
 */
export const cpuBackend: Backend = {
  name: 'cpu',

  async find(): Promise<Found> {
    const looked: string[] = [];
    const tools = await findTools(looked);
    const { model, processors } = describeMachine();
    const kernels = tools
      ? `compiled kernels, kept in ${usableCacheFolder()}`
      : 'plain TypeScript on one thread';
    looked.push(`kernels: ${kernels}`);
    const cores = tools ? `${processors.length} cores` : '1 core';
    return { devices: [`${model}, ${cores}`], looked };
  },

  /** @throws CompileError when there is a compiler and it does not take our kernels */
  async open(index = 0): Promise<ComputeDevice> {
    const looked: string[] = [];
    if (index !== 0)
      throw new DeviceUnavailable('cpu', [`index ${index}: all cores are one device, of index 0`]);
    const machine = describeMachine();
    const tools = await findTools(looked);
    if (!tools) return new PlainCpuDevice(machine, looked.join('; '));
    const library = await buildLibrary(tools.compiler, machine.features);
    const versions = { compiler: tools.compiler.version, node: process.version };
    const sources = new SourceKernels(tools.koffi, tools.compiler, machine);
    return new CpuDevice(loadKernels(tools.koffi, library), machine, versions, sources);
  },
};

/** What compiled kernels need; undefined where one of them is missing. */
async function findTools(looked: string[]): Promise<{ koffi: Koffi; compiler: Compiler } | undefined> {
  const koffi = await loadKoffi(looked);
  if (koffi) looked.push(`koffi: ${koffi.version}`);
  const compiler = await findCompiler(looked);
  return koffi && compiler ? { koffi, compiler } : undefined;
}
