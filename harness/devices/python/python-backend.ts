import { type Backend, type ComputeDevice, DeviceUnavailable, type Found } from '../../device.ts';
import { PythonDevice } from './device.ts';
import { type WorkerCommand, workerCommand } from './interpreter.ts';
import { WorkerProcess } from './worker-process.ts';

/** Version of the protocol that both sides must speak. */
const protocol = 2;

/** Milliseconds in which a worker must have answered first: it imports whole frameworks. */
const handshakeMs = 180_000;

/** What a worker says first. */
export interface Hello {
  protocol: number;
  python: string;
  devices: string[];
  looked: string[];
}

/**
 * Kernels of Python frameworks, in a worker process: PyTorch with its compiler and Triton on CUDA devices and the CPU,
 * NumPy or Python alone on the CPU, whatever is installed. The interpreter is $RANKFLEET_PYTHON or `python3`.
 */
export const pythonBackend = pythonBackendBy(workerCommand);

/** The same with workers started in another way. */
export function pythonBackendBy(command: () => WorkerCommand): Backend {
  return {
    name: 'python',

    async find(): Promise<Found> {
      try {
        const { worker, hello } = await startPython(command());
        await worker.close();
        return { devices: hello.devices, looked: lookedFor(command(), hello) };
      } catch (error) {
        if (error instanceof DeviceUnavailable) return { devices: [], looked: error.looked };
        return { devices: [], looked: [(error as Error).message] };
      }
    },

    async open(index = 0): Promise<ComputeDevice> {
      const started = await startPython(command());
      const { worker, hello } = started;
      if (index >= hello.devices.length) {
        await worker.close();
        const known = hello.devices.map((name, number) => `${number}: ${name}`);
        throw new DeviceUnavailable('python', [
          ...lookedFor(command(), hello),
          ...known,
          `no device ${index}`,
        ]);
      }
      return openedBy(started, index);
    },
  };
}

/** The first device whose name is wanted, looked for and opened by one process: frameworks take long to be loaded. */
export async function openPythonWhere(
  isWanted: (name: string) => boolean,
): Promise<ComputeDevice | undefined> {
  const started = await startPython(workerCommand());
  const index = started.hello.devices.findIndex(isWanted);
  if (index >= 0) return openedBy(started, index);
  await started.worker.close();
  return undefined;
}

async function openedBy({ worker }: StartedPython, index: number): Promise<ComputeDevice> {
  try {
    return await PythonDevice.open(worker, index);
  } catch (error) {
    await worker.close();
    throw error;
  }
}

export interface StartedPython {
  worker: WorkerProcess;
  hello: Hello;
}

/**
 * A worker that has said what it found; to be closed.
 * @throws DeviceUnavailable with what came of it, when no worker answers as it should
 */
export async function startPython(command = workerCommand()): Promise<StartedPython> {
  const worker = new WorkerProcess(command);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${handshakeMs / 1000} s`)), handshakeMs);
  });
  try {
    const hello = await Promise.race([worker.request<Hello>('hello', { protocol }), late]);
    if (hello?.protocol !== protocol || !Array.isArray(hello.devices)) {
      throw new Error(`speaks another protocol than ${protocol}`);
    }
    return { worker, hello };
  } catch (error) {
    await worker.close();
    const { code, message } = error as NodeJS.ErrnoException;
    const came = code === 'ENOENT' ? 'not found' : message;
    throw new DeviceUnavailable('python', [`${command.interpreter} (${command.chosenBy}): ${came}`]);
  } finally {
    clearTimeout(timer);
  }
}

/** What was looked for and what came of it, in lines. */
export function lookedFor({ interpreter, chosenBy }: WorkerCommand, hello: Hello): string[] {
  return [`${interpreter} (${chosenBy}): Python ${hello.python}`, ...hello.looked];
}
