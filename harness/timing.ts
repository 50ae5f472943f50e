import type { ComputeDevice, Launch } from './device.ts';

/** Seconds of one launch over the repeats. */
export interface Timing {
  medianS: number;
  /** Interquartile range over the median. */
  spread: number;
  repeats: number;
}

export interface TimingOptions {
  /** Seconds after which no more repeats are begun, once there are `minRepeats`. */
  longestS: number;
  minRepeats: number;
  /** A spread that is small enough to stop at. */
  spread: number;
}

/** A repeat lasts at least this long, so that a clock's grain does not show. */
const repeatS = 200e-6;
const mostLaunches = 2048;
const mostRepeats = 200;
/** Repeats are dropped until the device has worked for so long: clocks rise and caches settle. */
const warmUpS = 2e-3;

/**
 * Times launches that differ in their inputs only. A repeat runs each of them once or several times in turn; where that
 * takes far longer than there is time, a repeat is one launch, the next of them each time.
 */
export async function timeLaunches(
  device: ComputeDevice,
  launches: readonly Launch[],
  options: TimingOptions,
): Promise<Timing> {
  const started = performance.now();
  const isTimeLeft = () => (performance.now() - started) / 1000 < options.longestS;
  const next = await repeater(device, launches, options);

  const times: number[] = [];
  while (times.length < options.minRepeats) times.push(...(await next()));
  let timing = summarise(times);
  while (timing.spread > options.spread && times.length < mostRepeats && isTimeLeft()) {
    times.push(...(await next()));
    timing = summarise(times);
  }
  return timing;
}

/**
 * Prepares what is timed again and again: each call gives seconds of a launch for some repeats, `minRepeats` of them, or
 * one where all launches in turn would take far longer than there is time.
 */
export async function repeater(
  device: ComputeDevice,
  launches: readonly Launch[],
  { longestS, minRepeats }: Pick<TimingOptions, 'longestS' | 'minRepeats'>,
): Promise<() => Promise<Float64Array>> {
  const [onceS] = await device.time([launches[0]], { warmUp: 0, repeats: 1 });
  const roundS = onceS * launches.length;
  const isLong = launches.length > 1 && roundS * minRepeats > 4 * longestS;
  return isLong ? oneByOne(device, launches) : inRounds(device, launches, roundS, minRepeats);
}

function inRounds(
  device: ComputeDevice,
  launches: readonly Launch[],
  roundS: number,
  repeats: number,
): () => Promise<Float64Array> {
  const most = Math.max(1, Math.floor(mostLaunches / launches.length));
  const rounds = Math.max(1, Math.min(most, Math.ceil(repeatS / roundS)));
  const list = Array.from({ length: rounds }, () => launches).flat();
  const warmUp = Math.max(1, Math.min(10, Math.ceil(warmUpS / (rounds * roundS))));
  return () => device.time(list, { warmUp, repeats });
}

function oneByOne(device: ComputeDevice, launches: readonly Launch[]): () => Promise<Float64Array> {
  // The first has just been run.
  let turn = 1;
  return () => device.time([launches[turn++ % launches.length]], { warmUp: 0, repeats: 1 });
}

/** Median and interquartile range of repeats, quartiles interpolated. */
export function summarise(times: readonly number[]): Timing {
  const sorted = [...times].sort((a, b) => a - b);
  const quantile = (q: number) => {
    const place = q * (sorted.length - 1);
    const below = Math.floor(place);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  };
  const medianS = quantile(0.5);
  if (!(medianS > 0)) throw new Error(`the device's clock gave ${medianS} s for a launch`);
  return { medianS, spread: (quantile(0.75) - quantile(0.25)) / medianS, repeats: times.length };
}
