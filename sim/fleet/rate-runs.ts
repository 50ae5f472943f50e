import type { DemandRecord } from '../serving/demand-record.ts';
import type { ArmPlan } from '../serving/plan.ts';
import { type Percentile, simulateReplication } from '../serving/replication.ts';
import type { ReplicationKey } from '../streams.ts';
import { atRate } from './at-rate.ts';

/** One replication of an arm, simulated at several arrival rates with the same requests. */
export interface RateJob {
  plan: ArmPlan;
  key: ReplicationKey;
  /** Requests per second. */
  ratesPerS: readonly number[];
}

/** What a replication showed at one rate. */
export interface RateRun {
  ratePerS: number;
  percentilesS: Record<Percentile, number>;
  /** Work that a request asks of each resource: offered use at one request per second. */
  usePerRate: { group: string; resource: string; offered: number }[];
}

/**
 * Simulates one replication at every rate. Pure.
 * @param recorded what earlier runs worked out; the answers are the same without
 */
export function runRates({ plan, key, ratesPerS }: RateJob, recorded?: DemandRecord): RateRun[] {
  return ratesPerS.map((ratePerS) => {
    const { percentiles, resources } = simulateReplication(
      { ...plan, arm: atRate(plan.arm, ratePerS) },
      key,
      recorded && { recorded },
    );
    return {
      ratePerS,
      percentilesS: percentiles,
      usePerRate: resources.map(({ group, resource, offered = 0 }) => ({
        group,
        resource,
        offered: offered / ratePerS,
      })),
    };
  });
}
