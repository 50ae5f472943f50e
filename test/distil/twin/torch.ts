import { startTorch } from '../../../distil/twin/torch-worker.ts';
import { DeviceUnavailable } from '../../../harness/device.ts';
import type { WorkerProcess } from '../../../harness/devices/python/worker-process.ts';

/** A worker with PyTorch, or undefined where there is none: what needs it skips then. */
export async function torchWorker(): Promise<WorkerProcess | undefined> {
  try {
    return (await startTorch()).worker;
  } catch (error) {
    if (error instanceof DeviceUnavailable) return undefined;
    throw error;
  }
}
