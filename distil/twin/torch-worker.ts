import { DeviceUnavailable } from '../../harness/device.ts';
import { workerCommand } from '../../harness/devices/python/interpreter.ts';
import { lookedFor, startPython } from '../../harness/devices/python/python-backend.ts';
import type { WorkerProcess } from '../../harness/devices/python/worker-process.ts';

/** A Python worker that has PyTorch. */
export interface TorchWorker {
  worker: WorkerProcess;
  /** Of PyTorch, as it says itself. */
  version: string;
}

/**
 * Starts a Python worker that has PyTorch; it is to be closed.
 * @throws DeviceUnavailable with what was looked for, where there is none
 */
export async function startTorch(command = workerCommand()): Promise<TorchWorker> {
  const { worker, hello } = await startPython(command);
  const version = hello.looked.map((line) => /^torch (\d.*)/.exec(line)?.[1]).find((found) => found);
  if (version) return { worker, version };
  await worker.close();
  throw new DeviceUnavailable('python', [
    ...lookedFor(command, hello),
    'the twin of the learner needs PyTorch: RANKFLEET_PYTHON names an interpreter that has it',
  ]);
}
