import type { ComputeDevice, Kernel } from '../../harness/device.ts';
import type { Rotation } from '../../harness/rotation.ts';
import type { Ceilings, LeastWork } from './ceilings.ts';
import { CandidateFailed } from './failed.ts';
import type { InterleavedTimes } from './time-shape.ts';

/** More than this many times as fast as the reference is worth a second look. */
export const unusualSpeedup = 10;

/**
 * Looks for times that cannot be.
 * @returns what is worth a second look, if anything
 * @throws CandidateFailed
 */
export function suspectTimes(
  { candidateS, speedup, cache, freshness }: InterleavedTimes,
  least: LeastWork,
  { leastShare, source }: Ceilings,
): string | undefined {
  // What stays in a cache need not be read from memory.
  const { certainS = least.seconds } = least;
  if (cache === 'cold' && candidateS < leastShare * certainS) {
    const figures = `${microseconds(candidateS)}, where the device needs ${microseconds(certainS)} (${source})`;
    throw new CandidateFailed('cheat', `impossible speed: ${figures}`);
  }
  refuseSkippedWork(candidateS, freshness);
  return speedup.low > unusualSpeedup
    ? `${speedup.mean.toFixed(1)} times as fast as the reference: more than ${unusualSpeedup} times is unusual`
    : undefined;
}

/** Slower on poisoned outputs than on its own last answers by this factor, and much more so than the reference is. */
const skippedFactor = 3;
/** Differences below this may be the clock's. */
const leastDifferenceS = 20e-6;

/** @throws CandidateFailed for a kernel that does less when its last answer is still there */
function refuseSkippedWork(
  candidateS: number,
  { candidate, reference }: InterleavedTimes['freshness'],
): void {
  const usual = Math.max(1, reference);
  if (candidate < skippedFactor * usual || (candidate - usual) * candidateS < leastDifferenceS) return;
  const figures = `${microseconds(candidateS)}, but ${microseconds(candidate * candidateS)} after its outputs were cleared`;
  throw new CandidateFailed('cheat', `skips work that seems to be done: ${figures}`);
}

const mostRepeats = 5000;
const tries = 5;

/**
 * Times once more with the host's clock running: a candidate in this process that tampers with the device's clock, or goes on
 * working when it says that it is done, shows.
 * @param watchedS seconds of work to compare over; as much may pass beside it unseen
 * @throws CandidateFailed
 */
export async function compareWithWallClock(
  device: ComputeDevice,
  kernel: Kernel,
  { sets }: Rotation,
  candidateS: number,
  watchedS: number,
): Promise<void> {
  const few = sets.slice(0, Math.max(1, Math.floor(watchedS / candidateS)));
  const launches = few.map(({ memories }) => ({ kernel, tensors: memories }));
  const repeats = Math.max(1, Math.min(mostRepeats, Math.ceil(watchedS / (candidateS * launches.length))));
  let [told, waited] = [0, 0];
  for (let turn = 0; turn < tries; turn++) {
    const began = performance.now();
    const seconds = await device.time(launches, { warmUp: 0, repeats });
    waited = (performance.now() - began) / 1000;
    told = seconds.reduce((sum, each) => sum + each, 0) * launches.length;
    if (waited <= 2 * told + watchedS) return;
  }
  const figures = `${told.toFixed(3)} s by the device's clock, ${waited.toFixed(3)} s by the host's`;
  throw new CandidateFailed('cheat', `works longer than it says: ${figures}`);
}

function microseconds(seconds: number): string {
  return `${(seconds * 1e6).toPrecision(3)} µs`;
}
