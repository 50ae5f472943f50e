import type { ComputeDevice } from '../../harness/device.ts';
import { webgpuBackend } from '../../harness/devices/webgpu/webgpu-backend.ts';

// Half as wide, Mesa's software driver compiles kernels in half the time.
process.env.LP_NATIVE_VECTOR_WIDTH ??= '128';

const { devices, looked } = await webgpuBackend.find();

/** Whether there is an adapter to test on; if not, says what was looked for. */
export const hasAdapter = devices.length > 0;
if (!hasAdapter) console.log(`SKIPPED: no WebGPU adapter\n${looked.map((line) => `  ${line}`).join('\n')}`);

/** Opens the first adapter for a few tests. */
export function openAdapter(): Promise<ComputeDevice> {
  return webgpuBackend.open();
}
