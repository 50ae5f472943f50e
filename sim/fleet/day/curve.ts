import type { ArmPlan } from '../../serving/plan.ts';
import type { Percentile } from '../../serving/replication.ts';
import type { Interval } from '../../statistics/interval.ts';
import { isotonic } from '../../statistics/isotonic.ts';
import { simulateFleets } from '../fleet-simulation.ts';
import type { Planner } from '../planner.ts';
import type { Hosts } from '../slice.ts';
import { tierOf } from '../tier-of.ts';

/** A fleet whose day is asked for: hosts that bear a rate within the SLA. */
export interface SizedForPeak {
  plan: ArmPlan;
  hosts: Hosts;
  ratePerS: number;
  unloadedS: number;
}

/** Latency of the fleet at one load. */
export interface CurvePoint {
  /** Load over the rate that the fleet was sized for. */
  load: number;
  /** Use of the busiest resource. */
  use: number;
  latencyS: Interval;
  /** Latencies at the probabilities of the curve. */
  quantilesS: readonly number[];
}

/** Latency as a function of the load for each host, from simulations with the same requests at every load. */
export interface LatencyCurve {
  percentile: Percentile;
  /** Ascending in load. */
  points: readonly CurvePoint[];
  probabilities: readonly number[];
  /** Use of each group's busiest resource at the rate that the fleet was sized for. */
  useOfGroup: ReadonlyMap<string, number>;
  /** Watts of the whole fleet beyond idle at that rate. */
  dynamicW: number;
}

/** Loads below that for which the fleet was sized, as shares of it. */
const below = [0.1, 0.3, 0.5, 0.7, 0.85, 1];

/** From there to this use of the busiest resource, in so many steps. */
const highestUse = 0.97;
const stepsAbove = 3;

/** Replications of each load at most: the curve is smooth, since all loads see the same requests. */
const mostReplications = 6;

/** Simulates the fleet at loads from hardly any to nearly full. */
export async function latencyCurve(planner: Planner, sized: SizedForPeak): Promise<LatencyCurve> {
  const { percentile } = planner.sla;
  const simulate = async (loads: readonly number[]) => {
    const questions = loads.map((load) => ({ state: '', ...sized, ratePerS: sized.ratePerS * load }));
    const most = Math.min(mostReplications, planner.scenario.settings.replications);
    return simulateFleets(planner, questions, most);
  };
  const answers = await simulate(below);
  const full = answers.at(-1)!;
  const busiest = full.state.utilisation[0].offered;
  const highest = highestUse / busiest;
  const above = Array.from(
    { length: stepsAbove },
    (_, index) => 1 + ((highest - 1) * (index + 1)) / stepsAbove,
  );
  const loads = highest > 1.01 ? [...below, ...above] : below;
  if (loads.length > below.length) answers.push(...(await simulate(above)));
  const level = (value: (latency: Interval) => number) =>
    isotonic(answers.map(({ state }) => value(state.latencyS[percentile])));
  const means = level(({ mean }) => mean);
  const lows = level(({ low, mean }) => low ?? mean);
  const highs = level(({ high, mean }) => high ?? mean);
  const hasInterval = full.state.latencyS[percentile].high !== undefined;
  const points = answers.map(
    ({ arm }, index): CurvePoint => ({
      load: loads[index],
      use: busiest * loads[index],
      latencyS: { mean: means[index], ...(hasInterval && { low: lows[index], high: highs[index] }) },
      quantilesS: arm.measured!.curve.latencyS,
    }),
  );
  const useOfGroup = new Map<string, number>();
  for (const { group, offered } of full.state.utilisation) {
    useOfGroup.set(group, Math.max(useOfGroup.get(group) ?? 0, offered));
  }
  const probabilities = full.arm.measured!.curve.probability;
  const dynamicW = Math.max(0, full.powerW - idleWatts(sized));
  return { percentile, points, probabilities, useOfGroup, dynamicW };
}

function idleWatts({ plan: { arm }, hosts }: SizedForPeak): number {
  return [...hosts].reduce((sum, [group, count]) => {
    const { powerIdleW } = tierOf(arm, group).host;
    return sum + count * powerIdleW.value;
  }, 0);
}

/** The percentile at a load (s): straight lines in the logarithm of latency; as at the ends beyond them. */
export function latencyAt({ points }: LatencyCurve, load: number): Interval {
  const { from, to, share } = between(points, load);
  const line = (a: number, b: number) =>
    a > 0 && b > 0 ? a ** (1 - share) * b ** share : a + share * (b - a);
  const mean = line(from.latencyS.mean, to.latencyS.mean);
  if (from.latencyS.high === undefined || to.latencyS.high === undefined) return { mean };
  return {
    mean,
    low: line(Math.max(0, from.latencyS.low!), Math.max(0, to.latencyS.low!)),
    high: line(from.latencyS.high, to.latencyS.high),
  };
}

/** Share of requests answered within a time at a load. */
export function shareWithin({ points, probabilities }: LatencyCurve, load: number, withinS: number): number {
  const { from, to, share } = between(points, load);
  const at = ({ quantilesS }: CurvePoint) => probabilityOf(quantilesS, probabilities, withinS);
  return (1 - share) * at(from) + share * at(to);
}

function between(points: readonly CurvePoint[], load: number) {
  const above = points.findIndex((point) => point.load > load);
  if (above === 0) return { from: points[0], to: points[0], share: 0 };
  if (above < 0) return { from: points.at(-1)!, to: points.at(-1)!, share: 0 };
  const [from, to] = [points[above - 1], points[above]];
  return { from, to, share: (load - from.load) / (to.load - from.load) };
}

function probabilityOf(
  quantilesS: readonly number[],
  probabilities: readonly number[],
  timeS: number,
): number {
  const above = quantilesS.findIndex((value) => value > timeS);
  if (above === 0) return 0;
  if (above < 0) return 1;
  const [low, high] = [quantilesS[above - 1], quantilesS[above]];
  const share = high > low ? (timeS - low) / (high - low) : 1;
  return probabilities[above - 1] + share * (probabilities[above] - probabilities[above - 1]);
}
