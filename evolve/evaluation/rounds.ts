import { medianInterval } from '../replay/median.ts';

/** The fewest whose order statistics give a 95 % interval of a median. */
const leastForOrder = 6;
/** The fewest that tell how far rounds lie apart. */
const leastForSpread = 3;

/** How long and how often a shape is timed. */
export interface TimingRules {
  rounds: number;
  /** The fewest after which they may end. */
  least: number;
  /** Seconds after which no round is begun, once there are as many as that. */
  longestS: number;
  /** Half of an interval over its middle that is narrow enough to end at, once there are as many as `settlesAfter`. */
  narrow: number;
  settlesAfter: number;
  /** Whether they end, too, where a candidate is clearly slower than the fastest so far. */
  leavesSlowOnes: boolean;
  /** Where all launches in turn take longer, a repeat is one launch (seconds). */
  longestRoundS: number;
  /** Seconds of work over which the device's clock is compared with the host's. */
  watchedS: number;
}

export const searchRules: TimingRules = {
  rounds: 7,
  least: leastForSpread,
  longestS: 1,
  narrow: 0.01,
  settlesAfter: leastForSpread,
  leavesSlowOnes: true,
  longestRoundS: 0.02,
  watchedS: 0.02,
};

export const finalRules: TimingRules = {
  rounds: 21,
  least: leastForOrder,
  longestS: 5,
  narrow: 0.005,
  settlesAfter: 9,
  leavesSlowOnes: false,
  longestRoundS: 1,
  watchedS: 0.1,
};

/** This many times as long as the fastest candidate so far, in its best round: how much longer does not matter. */
const clearlySlower = 1.5;

/** Student's quantiles of 97.5 % for 2, 3 and 4 degrees of freedom. */
const studentQuantiles = [4.303, 3.182, 2.776];

export interface Centre {
  median: number;
  low: number;
  high: number;
}

/**
 * Median of positive values with its 95 % interval: from order statistics; of 3, 4 or 5 rounds, which are enough where they
 * agree, from the spread of their logarithms (Student).
 */
export function centreOf(values: readonly number[]): Centre {
  const { median, low, high } = medianInterval(values, 0.95);
  if (low !== undefined && high !== undefined) return { median, low, high };
  if (values.length < leastForSpread) return { median, low: median, high: median };
  const logs = values.map(Math.log);
  const mean = logs.reduce((sum, each) => sum + each, 0) / logs.length;
  const squares = logs.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  const error = Math.sqrt(squares / (logs.length - 1) / logs.length);
  const factor = Math.exp(studentQuantiles[logs.length - leastForSpread] * error);
  return { median, low: median / factor, high: median * factor };
}

/** Whether rounds tell what is to be known. @param fastestS seconds of the fastest candidate so far */
export function isSettled(
  { narrow, settlesAfter, leavesSlowOnes }: TimingRules,
  values: readonly number[],
  seconds: readonly number[],
  fastestS?: number,
): boolean {
  if (values.length < settlesAfter) return false;
  const { median, low, high } = centreOf(values);
  if (high - low < 2 * narrow * median) return true;
  return leavesSlowOnes && fastestS !== undefined && Math.min(...seconds) > clearlySlower * fastestS;
}

/**
 * Rounds of some sides, each side once in a round.
 * @param isEnough asked after each round, where rounds may end early
 * @returns seconds by side
 */
export async function inRounds(
  sides: readonly (() => Promise<number>)[],
  { rounds, least, longestS }: TimingRules,
  isEnough: (times: readonly number[][]) => boolean,
): Promise<number[][]> {
  const started = performance.now();
  const times = sides.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    if (round >= least && (performance.now() - started) / 1000 > longestS) break;
    if (isEnough(times)) break;
    for (const [i, next] of sides.entries()) times[i].push(await next());
  }
  return times;
}
