import type { Interval } from '../statistics/interval.ts';
import { interval, withCostError } from '../statistics/interval.ts';
import { isotonic } from '../statistics/isotonic.ts';

/** The judged percentile of every replication at one arrival rate. */
export interface RatePoint {
  ratePerS: number;
  /** Seconds, in order of replication. */
  latencyS: readonly number[];
}

/** Curves of latency over load that all replications have in common, with what bounds the rate from above. */
export interface LoadCurve {
  points: readonly RatePoint[];
  /** Rate at which the busiest resource is used as much as it may be, by replication. */
  highestPerS: readonly number[];
}

/** Share of the highest rate at which requests hardly meet each other. */
export const idleShare = 0.02;

export type LimitedBy = 'latency' | 'utilisation' | 'unloaded-latency';

/** Where the mean over replications meets the limit. */
export interface Crossing {
  /** Requests per second; 0 where the limit is missed however low the rate. */
  ratePerS: number;
  limitedBy: LimitedBy;
  /** The rates beside it that were simulated: the curve is known there. */
  lowPerS: number;
  highPerS: number;
}

/**
 * The highest rate at which the percentile, averaged over replications, keeps the limit. All rates see the same
 * requests, so latency hardly ever falls with the rate; where it does it is levelled (isotonic regression). Between
 * two rates it is a straight line in logarithms.
 * @param left replication left out, for the jackknife
 */
export function crossing({ points, highestPerS }: LoadCurve, limitS: number, left = -1): Crossing {
  const sorted = [...points].sort((a, b) => a.ratePerS - b.ratePerS);
  const latencies = isotonic(sorted.map(({ latencyS }) => meanWithout(latencyS, left)));
  // Use grows in proportion to the rate, so it is uses that are averaged.
  const highest =
    1 /
    meanWithout(
      highestPerS.map((rate) => 1 / rate),
      left,
    );
  const rates = sorted.map(({ ratePerS }) => ratePerS);
  if (latencies[0] > limitS && rates[0] <= 1.5 * idleShare * highest) {
    return { ratePerS: 0, limitedBy: 'unloaded-latency', lowPerS: 0, highPerS: rates[0] };
  }
  const above = latencies.findIndex((latency) => latency > limitS);
  if (above < 0 && rates.at(-1)! >= highest * (1 - 1e-9)) {
    return { ratePerS: highest, limitedBy: 'utilisation', lowPerS: rates.at(-1)!, highPerS: highest };
  }
  // Beyond the rates that were simulated the nearest line goes on.
  const upper = Math.min(Math.max(above < 0 ? rates.length - 1 : above, 1), rates.length - 1);
  const ratePerS = onLine(rates, latencies, upper, limitS);
  const [lowPerS, highPerS] = [rates[upper - 1], rates[upper]];
  return ratePerS < highest
    ? { ratePerS, limitedBy: 'latency', lowPerS, highPerS }
    : { ratePerS: highest, limitedBy: 'utilisation', lowPerS, highPerS: highest };
}

/** The rate at which a line in logarithms through two neighbouring points reaches a latency. */
function onLine(
  rates: readonly number[],
  latencies: readonly number[],
  upper: number,
  limitS: number,
): number {
  const [low, high] = [rates[upper - 1], rates[upper]];
  const rise = Math.log(latencies[upper] / latencies[upper - 1]);
  // A level line says nothing of where the limit is met.
  const share =
    rise > 1e-9 ? Math.log(limitS / latencies[upper - 1]) / rise : limitS >= latencies[upper] ? 2 : -1;
  return low * (high / low) ** Math.min(2, Math.max(-1, share));
}

/**
 * Interval of the crossing by the jackknife over replications: pseudo-values n·θ − (n − 1)·θ₋ᵢ and Student's t.
 * @param perturbed the same replications with the cost model off by its known error; undefined where none is known
 */
export function crossingInterval(
  curve: LoadCurve,
  limitS: number,
  level: number,
  perturbed?: LoadCurve,
): Interval {
  const rate = crossing(curve, limitS).ratePerS;
  const count = curve.highestPerS.length;
  const pseudo = curve.highestPerS.map(
    (_, left) => count * rate - (count - 1) * crossing(curve, limitS, left).ratePerS,
  );
  if (count < 2) return { mean: rate };
  const { mean, high } = interval(pseudo, level);
  const half = high! - mean;
  const sampled: Interval = { mean: rate, low: Math.max(0, rate - half), high: rate + half };
  if (!perturbed) return sampled;
  // Each replication's perturbation is a draw of its own: its crossing with its own curve, against the nominal one.
  const alone = (of: LoadCurve) => of.highestPerS.map((_, one) => crossing(only(of, one), limitS).ratePerS);
  const { low, ...rest } = withCostError(sampled, alone(curve), alone(perturbed), level);
  return { ...rest, low: Math.max(0, low ?? 0) };
}

function only({ points, highestPerS }: LoadCurve, one: number): LoadCurve {
  return {
    points: points.map(({ ratePerS, latencyS }) => ({ ratePerS, latencyS: [latencyS[one]] })),
    highestPerS: [highestPerS[one]],
  };
}

function meanWithout(values: readonly number[], left: number): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) if (index !== left) sum += values[index];
  return sum / (left >= 0 && left < values.length ? values.length - 1 : values.length);
}
