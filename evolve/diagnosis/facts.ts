import type { DeviceDescription } from '../../harness/device.ts';
import type { Artifact } from '../artifact.ts';
import { arithmeticCounter, deviceMemoryCounter, residentWarpsCounter, stallsOf } from '../counters.ts';
import type { Ceilings } from '../evaluation/ceilings.ts';
import type { ResourceReport, ShapeTiming } from '../evaluation.ts';
import type { Attempt, Context } from '../operator.ts';
import { launchPlan } from '../source/launch-plan.ts';
import { taskTensors } from '../tasks/tensors.ts';
import { mostImportant } from './most-important.ts';
import { isMemorySide } from './sides.ts';

/** Whom a diagnosis is about. */
export type Subject = Pick<Context, 'task' | 'language' | 'dataType' | 'device'>;

/** What rules judge by: shares are of the time of the shape that matters most, 0 where a ceiling is not known. */
export interface Facts {
  timing: ShapeTiming;
  /** Of the time that the least bytes and operations would take at the peaks. */
  bandwidthShare: number;
  arithmeticShare: number;
  /** The larger of both. */
  speedOfLight: number;
  /** Of the time that launching nothing would take, for all launches of the kernel. */
  launchShare: number;
  launches: number;
  intensity: number;
  ridge: number;
  /** Bytes that were moved over the least bytes, as far as it shows: by a counter, or through scratch memory beyond the cache. */
  trafficRatio: number;
  /** Operations that were done over those that are needed; none without a counter. */
  arithmeticRatio: number | undefined;
  /** Resident warps over the most: as counted, else as many as there is room for. */
  occupancy: number | undefined;
  /** Share of its peak at which device memory was busy, where it was counted. */
  memoryBusy: number | undefined;
  /** What most warps waited for, where it was counted. */
  stall: { reason: string; what: string; warps: number } | undefined;
  resources: ResourceReport;
  device: DeviceDescription;
}

export function factsOf(
  { artifact, evaluation }: Pick<Attempt, 'artifact' | 'evaluation'>,
  subject: Subject,
  ceilings: Ceilings,
): Facts {
  const timing = mostImportant(evaluation.timings, subject.task);
  const { achievedBytesPerS, achievedFlopPerS, candidateS } = timing;
  const resources = evaluation.resources ?? {};
  const { launches, scratchBytes } = planOf(artifact, timing, subject);
  const { bandwidthBytesPerS: bandwidth, launchS } = ceilings;
  const peak = ceilings.flopPerS?.(subject.dataType);
  const intensity = achievedBytesPerS > 0 ? achievedFlopPerS / achievedBytesPerS : 0;
  const ridge = peak && bandwidth ? peak / bandwidth : 0;
  // Without ceilings at hand the evaluation may have had some: what it found is about the side that decides.
  const found = bandwidth || peak ? 0 : timing.speedOfLight;
  const isMemory = isMemorySide({ intensity, ridge });
  const bandwidthShare = bandwidth ? achievedBytesPerS / bandwidth : isMemory ? found : 0;
  const arithmeticShare = peak ? achievedFlopPerS / peak : isMemory ? 0 : found;
  const { counters = {} } = resources;
  const moved: number | undefined = counters[deviceMemoryCounter];
  const computed: number | undefined = counters[arithmeticCounter];
  const leastBytes = achievedBytesPerS * candidateS;
  const throughScratch = scratchBytes > subject.device.cacheBytes ? 2 * scratchBytes : 0;
  return {
    timing,
    bandwidthShare,
    arithmeticShare,
    speedOfLight: Math.max(bandwidthShare, arithmeticShare),
    launchShare: launchS ? Math.min(1, (launches * launchS) / candidateS) : 0,
    launches,
    intensity,
    ridge,
    trafficRatio:
      moved !== undefined && bandwidthShare > 0
        ? moved / bandwidthShare
        : 1 + (leastBytes > 0 ? throughScratch / leastBytes : 0),
    arithmeticRatio: computed !== undefined && arithmeticShare > 0 ? computed / arithmeticShare : undefined,
    occupancy: counters[residentWarpsCounter] ?? resources.occupancy,
    memoryBusy: moved,
    stall: stallsOf(counters)[0],
    resources,
    device: subject.device,
  };
}

/** Launches and scratch memory, where the source states them. */
function planOf({ text }: Artifact, { shape }: ShapeTiming, { task, dataType }: Subject) {
  const once = { launches: 1, scratchBytes: 0 };
  if (!text.includes('@launch')) return once;
  try {
    const tensors = taskTensors(task, dataType, shape).map(({ name }) => name);
    const { launches, scratchBytes } = launchPlan(text, shape, tensors);
    return { launches: launches.length, scratchBytes };
  } catch {
    // It ran, so whoever ran it read its lines in another way.
    return once;
  }
}
