import type { ComputeDevice, Memory } from './device.ts';
import type { LiveProblem, ProblemPlace } from './problem.ts';

/** A device that runs problem files itself, and so can fill its memories without being sent what is in them. */
interface FillsProblems {
  fillProblem(memory: Memory, at: ProblemPlace): Promise<void>;
}

/** Bytes that are sent at once. */
const chunkBytes = 64 << 20;

/** Fills a memory with what a problem's input is for a seed. */
export async function fillProblem(
  device: ComputeDevice,
  memory: Memory,
  { problem, oracle }: LiveProblem,
  at: Omit<ProblemPlace, 'problem'>,
): Promise<void> {
  const place = { problem, ...at };
  if (fillsProblems(device)) return device.fillProblem(memory, place);
  for (let offset = 0; offset < memory.bytes; offset += chunkBytes) {
    const bytes = Math.min(chunkBytes, memory.bytes - offset);
    await device.write(memory, await oracle.input(place, offset, bytes), offset);
  }
}

function fillsProblems(device: ComputeDevice): device is ComputeDevice & FillsProblems {
  return 'fillProblem' in device;
}
