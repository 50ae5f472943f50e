import type { ArmDeployment } from '../../scenarios/deployment.ts';
import { replicasOf } from '../serving/host-groups.ts';
import { type Interval, interval } from '../statistics/interval.ts';
import { fleetOf, pricePerHour } from './fleet-of.ts';
import type { Planner } from './planner.ts';
import type { RateRun } from './rate-runs.ts';
import { crossingOf, judgedRuns, type Measured } from './sensitivity-measure.ts';
import type { KnobSide } from './sensitivity-result.ts';

/** Relative changes of the answers from one measured plan to another, paired by replication. */
export function changes(
  planner: Planner,
  base: Measured,
  turned: Measured,
): Required<Pick<KnobSide, 'throughput' | 'latency' | 'power'>> &
  Pick<KnobSide, 'money' | 'price' | 'overloaded'> {
  const { confidence } = planner.scenario.settings;
  const count = base.runs.length;
  const ratio = (of: (measured: Measured, left: number) => number) =>
    jackknife((left) => of(turned, left) / of(base, left) - 1, count, confidence);
  const capacity = (measured: Measured, left: number) => crossingOf(planner, measured, left).ratePerS;
  const basePrice = priceOf(base);
  const priceRatio = priceOf(turned) / basePrice;
  const meetsLimit = capacity(turned, -1) > 0;
  return {
    throughput: ratio(capacity),
    latency: ratio((measured, left) => latencyAt(planner, measured, left)),
    ...(isOverloaded(turned) && { overloaded: true }),
    ...(basePrice > 0 && priceRatio !== 1 && { price: priceRatio - 1 }),
    ...(basePrice > 0 &&
      meetsLimit && {
        money: jackknife(
          (left) => (priceRatio * capacity(base, left)) / capacity(turned, left) - 1,
          count,
          confidence,
        ),
      }),
    power: ratio(wattsAt),
  };
}

/** The judged percentile at the judged rate, on the mean over replications (s). */
export function latencyAt({ sla }: Planner, measured: Measured, left = -1): number {
  return mean(
    judgedRuns(measured).map(({ percentilesS }) => percentilesS[sla.percentile]),
    left,
  );
}

/** Power at the judged rate (W). */
export function wattsAt(measured: Measured, left = -1): number {
  return mean(
    judgedRuns(measured).map((run) => wattsOf(measured, run)),
    left,
  );
}

/** Price of the hosts of a measured plan (USD/h). */
export function priceOf({ plan: { arm, placement } }: Measured): number {
  return pricePerHour(
    arm,
    sparseReplicas(arm, placement.shards.length).reduce((sum, one) => sum + one, 0),
  );
}

function isOverloaded(measured: Measured): boolean {
  return judgedRuns(measured).some(({ usePerRate, ratePerS }) =>
    usePerRate.some(({ offered }) => offered * ratePerS >= 1),
  );
}

function wattsOf({ plan: { arm, placement } }: Measured, { usePerRate, ratePerS }: RateRun): number {
  const utilisation = usePerRate.map(({ group, resource, offered }) => {
    const use = { mean: offered * ratePerS };
    return { group, resource, mean: use, busiest: use.mean, offered: use };
  });
  const none = { sizeBytes: 0, tables: 0, lookupsPerCandidate: 0, lookupsPerUser: 0, bounding: 0 };
  const shards = sparseReplicas(arm, placement.shards.length).map((replicas) => ({
    ...none,
    replicas,
    busyS: { mean: 0 },
  }));
  return fleetOf(arm, shards, utilisation, ratePerS).powerW!;
}

function sparseReplicas(arm: ArmDeployment, shards: number): number[] {
  return Array.from({ length: shards }, (_, shard) => replicasOf(arm, shard));
}

/**
 * The interval of a figure that is formed from all replications together: pseudo-values n·θ − (n − 1)·θ₋ᵢ and Student's
 * t, about the figure itself.
 * @param of the figure without one replication; −1 leaves none out
 */
export function jackknife(of: (left: number) => number, count: number, level: number): Interval {
  const whole = of(-1);
  if (count < 2) return { mean: whole };
  const pseudo = Array.from({ length: count }, (_, left) => count * whole - (count - 1) * of(left));
  const { mean: middle, high } = interval(pseudo, level);
  const half = high! - middle;
  return Number.isFinite(half) ? { mean: whole, low: whole - half, high: whole + half } : { mean: whole };
}

function mean(values: readonly number[], left: number): number {
  const kept = values.filter((_, index) => index !== left);
  return kept.reduce((sum, value) => sum + value, 0) / kept.length;
}
