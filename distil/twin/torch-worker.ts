import { DeviceUnavailable } from '../../harness/device.ts';
import { workerCommand } from '../../harness/devices/python/interpreter.ts';
import { lookedFor, startPython } from '../../harness/devices/python/python-backend.ts';
import type { WorkerProcess } from '../../harness/devices/python/worker-process.ts';

/**
 * A Python worker that has PyTorch; to be closed.
 * @throws DeviceUnavailable with what was looked for, where there is none
 */
export async function startTorch(command = workerCommand()): Promise<WorkerProcess> {
  const { worker, hello } = await startPython(command);
  if (hello.looked.some((line) => /^torch \d/.test(line))) return worker;
  await worker.close();
  throw new DeviceUnavailable('python', [
    ...lookedFor(command, hello),
    'the twin of the learner needs PyTorch: RANKFLEET_PYTHON names an interpreter that has it',
  ]);
}
