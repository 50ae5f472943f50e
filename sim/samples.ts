import type { ArmDeployment } from '../scenarios/deployment.ts';
import { fleetOf } from './fleet/fleet-of.ts';
import {
  type Measured,
  maxSampledReplications,
  type PerReplication,
  type Samples,
  type ShardResult,
} from './result.ts';
import { at } from './serving/components.ts';
import type { ReplicationOutcome } from './serving/replication.ts';

/** Outcomes of one arm, in order of replication; none for an arm that does not fit. */
export interface ArmOutcomes {
  nominal: readonly ReplicationOutcome[];
  /** The same replications with the cost model off by what is known of its error; none where nothing is. */
  perturbed: readonly ReplicationOutcome[];
}

/** CPU seconds of a request, all tiers. */
export function cpuSeconds({ cpuS }: ReplicationOutcome): number {
  return cpuS.reduce((sum, seconds) => sum + seconds, 0);
}

/** CPU seconds on the sparse tier; gathers of a singular host count as main. */
export function shardCpuSeconds(outcome: ReplicationOutcome): number {
  const onShards = outcome.cpuS.slice(at.shardSerialisation).reduce((sum, seconds) => sum + seconds, 0);
  return outcome.rpcs > 0 ? onShards + outcome.cpuS[at.sparse] : 0;
}

/** Position of the resource of the highest ρ. */
export function busiestResource(utilisation: Measured['utilisation']): number {
  const demand = ({ offered, mean }: Measured['utilisation'][number]) => (offered ?? mean).mean;
  return utilisation.reduce(
    (best, use, index) => (demand(use) > demand(utilisation[best]) ? index : best),
    0,
  );
}

interface Measuring {
  arm: ArmDeployment;
  shards: readonly ShardResult[];
  utilisation: Measured['utilisation'];
  offered: number | undefined;
}

/**
 * The figures of each replication by themselves, from which two arms can be compared pair by pair; undefined where
 * they are more than a result should hold.
 */
export function perReplication(outcomes: ArmOutcomes, measuring: Measuring): PerReplication | undefined {
  return outcomes.nominal.length > maxSampledReplications ? undefined : samplesOf(outcomes, measuring);
}

/** The same, however many there are. */
export function samplesOf({ nominal, perturbed }: ArmOutcomes, measuring: Measuring): PerReplication {
  const busiest = busiestResource(measuring.utilisation);
  const columns = (outcomes: readonly ReplicationOutcome[]): Samples => {
    const rows = outcomes.map((outcome) => figuresOf(outcome, busiest, measuring));
    const column = (name: keyof Samples) => rows.map((row) => row[name]);
    return Object.fromEntries(
      Object.keys(rows[0]).map((name) => [name, column(name as keyof Samples)]),
    ) as Samples;
  };
  return { nominal: columns(nominal), ...(perturbed.length > 0 && { perturbed: columns(perturbed) }) };
}

function figuresOf(
  outcome: ReplicationOutcome,
  busiest: number,
  { arm, shards, offered }: Measuring,
): Record<keyof Samples, number> {
  const { resources } = outcome;
  const use = resources[busiest];
  const utilisation = resources.map(({ utilisation: mean, offered: asked, ...rest }) => ({
    ...rest,
    mean: { mean },
    ...(asked !== undefined && { offered: { mean: asked } }),
  }));
  return {
    mean: outcome.mean,
    ...outcome.percentiles,
    throughputPerS: outcome.throughputPerS,
    mainCpuS: cpuSeconds(outcome) - shardCpuSeconds(outcome),
    shardCpuS: shardCpuSeconds(outcome),
    acceleratorS: outcome.acceleratorS,
    rpcs: outcome.rpcs,
    networkBytes: outcome.networkBytes,
    rho: use.offered ?? use.utilisation,
    powerW: fleetOf(arm, shards, utilisation, offered).powerW ?? 0,
  };
}
