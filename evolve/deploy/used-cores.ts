import type { DeviceDescription } from '../../harness/device.ts';

/** Detail of a described CPU: the cores that kernels of a search run on. */
const coresDetail = 'cores used';

/** A CPU of which a search uses so many cores, for its record. @param cores all of them unless stated */
export function usingCores(cores: number | undefined, device: DeviceDescription): DeviceDescription {
  return { ...device, details: { ...device.details, [coresDetail]: cores ?? device.units } };
}

/** Cores that kernels ran on; 0 on an accelerator. */
export function usedCores({ details }: Pick<DeviceDescription, 'details'>): number {
  return Number(details[coresDetail] ?? 0);
}
