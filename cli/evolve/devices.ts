import { backendOf, type Language } from '../../evolve/artifact.ts';
import type { DeviceChoice } from '../../evolve/evaluation/messages.ts';
import { InputError } from '../../foundation/problem.ts';
import { backend } from '../../harness/backends.ts';
import { type BackendName, DeviceUnavailable } from '../../harness/device.ts';
import { languagesOf, type NamedTask } from './task-named.ts';

export interface DeviceOptions {
  backend: BackendName;
  /** Devices from the first one on. */
  devices: number;
  /** CPU: cores that kernels run on; all unless stated. */
  cores?: number | undefined;
}

export function languageOf(name: string): Language {
  return (Object.keys(backendOf) as Language[]).find((language) => backendOf[language] === name)!;
}

/** The first backend that the task has kernels for and that finds a device; else the first that it has kernels for. */
export async function usualBackend(named: NamedTask): Promise<BackendName> {
  const usable = languagesOf(named).map((language) => backendOf[language]);
  for (const name of usable) {
    const { devices } = await (await backend(name)).find();
    if (devices.length > 0) return name;
  }
  return usable[0] ?? 'cpu';
}

/**
 * The devices of a backend that a search takes.
 * @throws DeviceUnavailable with what was looked for; InputError where there are fewer than were asked for
 */
export async function chosenDevices({
  backend: name,
  devices,
  cores,
}: DeviceOptions): Promise<DeviceChoice[]> {
  const found = await (await backend(name)).find();
  const usable = found.devices.flatMap((device, index) =>
    // A kernel in Triton needs a CUDA device of PyTorch's.
    name === 'python' && !/\(cuda:\d+\)$/.test(device) ? [] : [index],
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
