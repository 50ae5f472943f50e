import type { ComputeDevice, GuardedMemory, Memory } from './device.ts';
import type { TensorSpec } from './operators/operator.ts';

/** Bytes of each zone: many vectors, and as aligned as what lies between two of them should be. */
export const guardBytes = 4096;

/** A finite number in all float types, which no answer is likely to hold. */
const guardWord = 0x5bd1e995;
const untouched = new Uint8Array(new Uint32Array(guardBytes / 4).fill(guardWord).buffer);

/** The tensors of one run, in the order in which kernels take them. */
interface Tensors {
  tensors: readonly TensorSpec[];
  memories: readonly Memory[];
}

/** Memory that a kernel is checked on: between two zones, on a device whose kernels could reach beyond it. */
export function allocateToCheck(device: ComputeDevice, bytes: number): Promise<Memory> {
  return device.allocateGuarded?.(bytes, guardBytes) ?? device.allocate(bytes);
}

/** Brings the zones around all tensors to what they hold before a run. */
export async function layGuards(device: ComputeDevice, { memories }: Tensors): Promise<void> {
  for (const { before, after } of zonesOf(memories)) {
    await device.write(before, untouched);
    await device.write(after, untouched);
  }
}

/** What a run did to the zones since they were laid, in words: `writes past the end of out`. */
export async function overrun(
  device: ComputeDevice,
  { tensors, memories }: Tensors,
): Promise<string | undefined> {
  for (const { before, after, position } of zonesOf(memories)) {
    const { name } = tensors[position];
    if (await isTouched(device, after)) return `writes past the end of ${name}`;
    if (await isTouched(device, before)) return `writes before the start of ${name}`;
  }
  return undefined;
}

function zonesOf(memories: readonly Memory[]) {
  return memories.flatMap((memory, position) => {
    const { guards } = memory as Partial<GuardedMemory>;
    return guards ? [{ ...guards, position }] : [];
  });
}

async function isTouched(device: ComputeDevice, zone: Memory): Promise<boolean> {
  return Buffer.compare(await device.read(zone, 0, guardBytes), untouched) !== 0;
}
