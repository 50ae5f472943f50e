import type { ArmDeployment } from '../../scenarios/deployment.ts';
import type { LoadSpec } from '../../scenarios/load-schema.ts';
import { planArm } from '../../sim/serving/plan.ts';
import { type ReplicationOutcome, simulateReplication } from '../../sim/serving/replication.ts';
import { deploymentOf, meanPairs } from './deployment.ts';
import { type LatencyPercentile, latencyPercentiles } from './published-rows.ts';
import type { System } from './system.ts';

/** Batches that a saturated run serves, and how many are waiting or under way all the time. */
const saturatedBatches = 32;
const standingBatches = 5;

/** A Server run: batches at the cap that its requests would fill, bounds on requests, and replications. */
const servedBatches = 200;
const fewestRequests = 12_000;
const mostRequests = 150_000;
const replications = 3;

const seed = 1;

/** Latencies of one system at one rate. */
export interface ServedLatency {
  latencyS: Record<LatencyPercentile, number>;
  /** Mean pairs of a batch. */
  events: number;
}

/**
 * Samples per second that a system serves when there is always more work: one accelerator with full batches times
 * their number, or all CPUs. By Little's law, clients that ask again at once over the mean time of an answer.
 */
export async function capacityPerS(system: System, capPairs: number): Promise<number> {
  const perBatch = capPairs / meanPairs;
  const isOnCpu = system.accelerators === 0;
  const clients = Math.ceil(isOnCpu ? cpuClients(system) : Math.max(4, standingBatches * perBatch));
  const requests = Math.ceil(isOnCpu ? 12 * clients : saturatedBatches * perBatch + 2 * clients);
  const arm = deploymentOf(system, capPairs, { kind: 'closed', clients, think_time: 0 }, requests);
  const { mean } = await run(arm, 0);
  return (clients / mean) * Math.max(1, system.accelerators);
}

function cpuClients(system: System): number {
  return 4 * deploymentOf(system, 1, { kind: 'serial', gap: 0 }, 1).main.workers;
}

/**
 * Latencies at a Poisson rate over the whole system. Samples are dealt to the accelerators in turn, so each of N sees
 * every N-th: gamma-distributed gaps with a coefficient of variation of 1/√N.
 */
export async function latencyAt(
  system: System,
  capPairs: number,
  samplesPerS: number,
): Promise<ServedLatency> {
  const parts = Math.max(1, system.accelerators);
  const rate = samplesPerS / parts;
  const arrivals: LoadSpec['arrivals'] =
    parts === 1
      ? { kind: 'poisson', rate }
      : { kind: 'gamma', rate, coefficient_of_variation: 1 / Math.sqrt(parts) };
  const wanted = Math.ceil((servedBatches * capPairs) / meanPairs);
  const requests = Math.min(mostRequests, Math.max(fewestRequests, wanted));
  const arm = deploymentOf(system, capPairs, arrivals, requests);
  const outcomes: ReplicationOutcome[] = [];
  for (let replication = 0; replication < replications; replication++)
    outcomes.push(await run(arm, replication));
  const mean = (of: (outcome: ReplicationOutcome) => number) =>
    outcomes.reduce((sum, outcome) => sum + of(outcome), 0) / outcomes.length;
  return {
    latencyS: Object.fromEntries(
      latencyPercentiles.map((name) => [name, mean(({ percentiles }) => percentiles[name])]),
    ) as ServedLatency['latencyS'],
    events: mean(({ events }) => events),
  };
}

async function run(arm: ArmDeployment, replication: number): Promise<ReplicationOutcome> {
  return simulateReplication(await planArm(arm), { seed, replication });
}
