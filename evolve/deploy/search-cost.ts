import type { Run } from '../storage/runs.ts';

const secondsPerHour = 3600;

/** Device-hours of a search. */
export interface SearchCost {
  /** In which devices evaluated. */
  busyDeviceHours: number;
  /** In which devices were at hand for the search, whether they evaluated or not. */
  heldDeviceHours: number;
  /** Had every agent kept a device to itself while it wrote: generation and evaluation together. */
  agentHeldDeviceHours: number;
}

export function searchCost(
  runs: readonly Pick<Run, 'devices' | 'wallS' | 'generationS' | 'heldS'>[],
): SearchCost {
  const hours = (of: (run: (typeof runs)[number]) => number) =>
    runs.reduce((sum, run) => sum + of(run), 0) / secondsPerHour;
  return {
    busyDeviceHours: hours(({ heldS }) => heldS),
    heldDeviceHours: hours(({ devices, wallS }) => devices * wallS),
    agentHeldDeviceHours: hours(({ generationS, heldS }) => generationS + heldS),
  };
}
