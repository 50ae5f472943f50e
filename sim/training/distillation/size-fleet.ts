import { withPrefix } from '../../../foundation/units.ts';
import { fitJob } from '../step/fit.ts';
import { TrainingMemoryError } from '../step/memory.ts';
import type { TrainingJob } from '../step/training-job.ts';

/** Sizes that a fleet may have, smallest first, each with the job on it. */
export interface FleetSizes {
  count: number;
  job(index: number): TrainingJob;
}

export interface SizedFleet {
  index: number;
  /** Index of the smallest that holds the model. */
  leastForMemory: number;
}

/** A fleet cannot be made large enough. A result rather than a fault: the message says why, and what would help. */
export class TooSmallError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TooSmallError';
  }
}

/**
 * The smallest fleet that holds a model and serves a rate. A larger fleet holds what a smaller one does; rates grow with
 * size but for uneven tables, so that the last steps are tried one by one.
 * @param perS examples per second of a fleet that holds the model
 * @throws TrainingMemoryError where none holds it, TooSmallError where none is fast enough
 */
export function smallestFleet(
  { count, job }: FleetSizes,
  doesFit: (job: TrainingJob) => boolean,
  perS: (job: TrainingJob) => number,
  neededPerS: number,
): SizedFleet {
  const leastForMemory = firstIndex(count, (index) => doesFit(job(index)));
  if (leastForMemory === undefined) {
    // Names what lacks where memory of accelerators is not the tables', which more of them would share.
    fitJob(job(Math.min(count - 1, triedForMessage)));
    throw new TooSmallError(`no fleet of up to ${job(count - 1).fleet.hosts} hosts holds the model`);
  }
  let index = firstIndex(count, (at) => at >= leastForMemory && perS(job(at)) >= neededPerS);
  if (index === undefined)
    throw new TooSmallError(
      `${job(count - 1).fleet.hosts} hosts, the most that are looked at, reach ` +
        `${withPrefix(perS(job(count - 1))).trim()} of ${withPrefix(neededPerS).trim()} examples per second`,
    );
  while (index > leastForMemory && perS(job(index - 1)) >= neededPerS) index--;
  return { index, leastForMemory };
}

/** Size at which a job that never fits is described. */
const triedForMessage = 7;

/** First index at which something holds that keeps holding: by doubling from below, then by halving. */
function firstIndex(count: number, holds: (index: number) => boolean): number | undefined {
  let [low, high] = [-1, 0];
  while (!holds(high)) {
    if (high === count - 1) return undefined;
    [low, high] = [high, Math.min(2 * high + 1, count - 1)];
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** What a person is told of a fleet that cannot be: memory with its remedies, or speed. Other errors pass. */
export function problemOfFleet(error: unknown, what: string): string[] {
  if (error instanceof TrainingMemoryError || error instanceof TooSmallError)
    return `${what}: ${error.message}`.split('\n').map((line) => line.trim());
  throw error;
}
