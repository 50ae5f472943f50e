import { backendOf, type Language } from '../../evolve/artifact.ts';
import type { DeviceChoice } from '../../evolve/evaluation/messages.ts';
import { InputError } from '../../foundation/problem.ts';
import { backend } from '../../harness/backends.ts';
import { type BackendName, DeviceUnavailable } from '../../harness/device.ts';
import { describeMachine } from '../../harness/devices/cpu/processors.ts';
import { languagesOf, type NamedTask } from './task-named.ts';

export interface DeviceOptions {
  backend: BackendName;
  /** Devices from the first one on. */
  devices: number;
  /** CPU: cores that kernels run on; all unless stated. */
  cores?: number | undefined;
  /** Python: whether a CPU by PyTorch serves, too, as it does for sources that may compute by PyTorch. */
  onTorchCpu?: boolean;
}

export function languageOf(name: string): Language {
  return (Object.keys(backendOf) as Language[]).find((language) => backendOf[language] === name)!;
}

/** Processes for each device at most: while one has it, others compile; on a CPU these take what kernels are to run on. */
const mostWorkers = (backend: BackendName) => (backend === 'cpu' ? 2 : 4);

/** Expansions at a time for each device, where none are stated. */
export const usualAgents = mostWorkers;

/** Processes for each device. @param agents for each device, which may be a part of one */
export function workersOf(backend: BackendName, agents: number): number {
  return Math.min(mostWorkers(backend), Math.ceil(agents));
}

/** The first backend that the task has kernels for and that finds a device; else the first that it has kernels for. */
export async function usualBackend(named: NamedTask): Promise<BackendName> {
  const usable = languagesOf(named).map((language) => backendOf[language]);
  for (const name of usable) {
    const { devices } = await (await backend(name)).find();
    if (devices.some((device) => timesKernels(name, device))) return name;
  }
  return usable[0] ?? 'cpu';
}

/** A kernel in Triton needs a CUDA device of PyTorch's. */
function timesKernels(name: BackendName, device: string, onTorchCpu = false): boolean {
  if (onTorchCpu && device === 'CPU by torch') return true;
  return name !== 'python' || (/\(cuda:\d+\)$/.test(device) && !isInterpreted());
}

/** As Triton itself is told, whatever the device. */
function isInterpreted(): boolean {
  return process.env.TRITON_INTERPRET === '1';
}

/**
 * The devices of a backend that a search takes.
 * @throws DeviceUnavailable with what was looked for; InputError where there are fewer than were asked for, or where
 *   TRITON_INTERPRET leaves none that could be timed
 */
export async function chosenDevices({
  backend: name,
  devices,
  cores,
  onTorchCpu = false,
}: DeviceOptions): Promise<DeviceChoice[]> {
  if (name === 'python' && isInterpreted() && !onTorchCpu) {
    const message =
      "TRITON_INTERPRET=1: Triton's interpreter cannot be timed; `rankfleet evolve check` takes it";
    throw new InputError(message);
  }
  if (name === 'cpu' && cores !== undefined) checkCores(cores);
  const found = await (await backend(name)).find();
  const usable = found.devices.flatMap((device, index) =>
    timesKernels(name, device, onTorchCpu) ? [index] : [],
  );
  if (usable.length === 0) throw new DeviceUnavailable(name, found.looked);
  if (usable.length < devices) {
    throw new InputError(
      `--devices ${devices}: ${name} has ${usable.length} here: ${found.devices.join(', ')}`,
    );
  }
  return usable
    .slice(0, devices)
    .map((index) => ({ backend: name, index, ...(name === 'cpu' && cores !== undefined && { cores }) }));
}

/** @throws InputError for more cores than this process may run on */
function checkCores(cores: number): void {
  const most = describeMachine().processors.length;
  if (cores > most) throw new InputError(`--cores ${cores}: this machine gives ${most}`);
}

/**
 * The device on which sources are checked: one that is timed, or Triton's interpreter where TRITON_INTERPRET asks for it.
 * @throws DeviceUnavailable with what was looked for
 */
export async function checkingDevice(options: Omit<DeviceOptions, 'devices'>): Promise<DeviceChoice[]> {
  if (options.backend !== 'python' || options.onTorchCpu) return chosenDevices({ ...options, devices: 1 });
  const { devices, looked } = await (await backend('python')).find();
  const index = devices.findIndex((device) =>
    isInterpreted() ? device.endsWith("Triton's interpreter") : timesKernels('python', device),
  );
  if (index >= 0) return [{ backend: 'python', index }];
  const hint = 'TRITON_INTERPRET=1 has answers checked on the CPU, by PyTorch and Triton';
  throw new DeviceUnavailable('python', isInterpreted() ? looked : [...looked, hint]);
}
