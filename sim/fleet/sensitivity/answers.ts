import type { ArmDeployment } from '../../../scenarios/deployment.ts';
import { replicasOf } from '../../serving/host-groups.ts';
import { relativeDifference } from '../../statistics/interval.ts';
import { fleetOf, pricePerHour } from '../fleet-of.ts';
import type { Planner } from '../planner.ts';
import type { RateRun } from '../rate-runs.ts';
import { judgedRuns, type Measured, throughputs } from './measure.ts';
import type { KnobSide } from './sensitivity-result.ts';

/** Relative changes of the answers from one measured plan to another, paired by replication. */
export function changes(
  planner: Planner,
  base: Measured,
  turned: Measured,
): Required<Pick<KnobSide, 'throughput' | 'latency' | 'power'>> &
  Pick<KnobSide, 'money' | 'price' | 'overloaded'> {
  const { confidence } = planner.scenario.settings;
  const relative = (values: readonly number[], bases: readonly number[]) =>
    relativeDifference(values, bases, confidence);
  const [before, after] = [throughputs(planner, base), throughputs(planner, turned)];
  const basePrice = priceOf(base);
  const priceRatio = priceOf(turned) / basePrice;
  return {
    throughput: relative(after, before),
    latency: relative(latencies(planner, turned), latencies(planner, base)),
    ...(isOverloaded(turned) && { overloaded: true }),
    ...(basePrice > 0 && priceRatio !== 1 && { price: priceRatio - 1 }),
    ...(basePrice > 0 &&
      after.every((rate) => rate > 0) && {
        money: relative(
          after.map((rate) => priceRatio / rate),
          before.map((rate) => 1 / rate),
        ),
      }),
    power: relative(watts(turned), watts(base)),
  };
}

/** The judged percentile of each replication at the judged rate (s). */
export function latencies({ sla }: Planner, measured: Measured): number[] {
  return judgedRuns(measured).map(({ percentilesS }) => percentilesS[sla.percentile]);
}

/** Power at the judged rate by replication (W). */
export function watts(measured: Measured): number[] {
  return judgedRuns(measured).map((run) => wattsOf(measured, run));
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
