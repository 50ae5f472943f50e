import { InputError } from '../../foundation/problem.ts';
import { Executor } from '../engine/executor.ts';
import type { Demand, Observer } from '../engine/job.ts';
import { BreakdownSketch } from '../statistics/breakdown-sketch.ts';
import { QuantileSketch } from '../statistics/quantile-sketch.ts';
import type { ReplicationKey } from '../streams.ts';
import { offeredRate, requestSource } from '../workload/arrivals.ts';
import { BatchDemand } from './batch-demand.ts';
import { buildGraph, type NetTasks, type Route, type ServingGraph } from './build-graph.ts';
import { at, components } from './components.ts';
import type { DemandRecord } from './demand-record.ts';
import { type FullLoad, fullLoad } from './full-load.ts';
import { acceleratorsPerBatch, cores, processors, replicasOf, tierGroup } from './host-groups.ts';
import type { ArmPlan } from './plan.ts';
import { type ResourceUse, resourceUse } from './resource-use.ts';

/** Probabilities at which the latency distribution is kept for reports. */
export const curveProbabilities: readonly number[] = [
  0,
  0.001,
  0.005,
  ...Array.from({ length: 98 }, (_, i) => (i + 1) / 100),
  0.985,
  0.99,
  0.9925,
  0.995,
  0.9975,
  0.999,
  0.9995,
  0.9999,
  1,
];

/** Percentiles that are reported. */
export const percentiles = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, 'p99.9': 0.999 } as const;
export type Percentile = keyof typeof percentiles;

/** What one replication of one arm found. Times in seconds; per request means per measured request. */
export interface ReplicationOutcome {
  requests: number;
  durationS: number;
  events: number;
  mean: number;
  max: number;
  percentiles: Record<Percentile, number>;
  curve: number[];
  /** Mean seconds by component of requests around the median (p40 to p60), and of those above p99. */
  typical: number[];
  tail: number[];
  /** CPU seconds per request by component, both tiers; accelerator seconds per request. */
  cpuS: number[];
  acceleratorS: number;
  /** CPU seconds per request on a tier that preprocesses in front of the main hosts, those above included. */
  tierCpuS: number;
  rpcs: number;
  networkBytes: number;
  resources: ResourceUse[];
  /** Per shard: busy CPU seconds per request, and the share of (request, net) pairs that it bounded. */
  shards: { busyS: number; bounding: number }[];
  /** Completions per second from the first measured arrival to the end. */
  throughputPerS: number;
}

export interface ReplicationOptions {
  /**
   * What requests need is taken from here, as far as it was recorded by earlier replications, and recorded for later
   * ones. The outcome is that without a record, bit by bit; runs of the same arm and key at other rates, replicas
   * or workers get cheaper.
   */
  recorded?: DemandRecord;
}

/** Simulates one replication of an arm. Pure: the same plan and key give the same outcome. */
export function simulateReplication(
  plan: ArmPlan,
  key: ReplicationKey,
  { recorded }: ReplicationOptions = {},
): ReplicationOutcome {
  const { arm } = plan;
  const serving = buildGraph(arm, plan.placement);
  const warmUp = warmUpRequests(plan);
  const recorder = new Recorder(warmUp);
  const source = requestSource(arm.load, arm.trace, key);
  const demand = recorded?.demandOf(plan, serving, key) ?? new BatchDemand(plan, serving, key);
  const { dynamic_batching: batching } = arm.serving;
  const executor = new Executor(serving.graph, source, demand, recorder, {
    warmUpJobs: warmUp,
    ...(batching && {
      batching: {
        entry: 0,
        maxItems: batching.max_candidates,
        maxWaitS: batching.max_wait,
        component: at.batching,
      },
    }),
    seed: (Math.imul(key.seed, 0x9e3779b1) + key.replication) | 0,
  });
  executor.run();
  if (executor.population.isCutShort && recorder.latencies.count === 0) {
    throw new InputError(
      `arm '${arm.name}' is overloaded: requests piled up beyond what memory holds before the warm-up of ${warmUp} was over; lower the rate or the number of requests`,
    );
  }
  return outcomeOf(plan, serving, executor, recorder, { demand, key });
}

/** Requests that are left out at the start. */
export function warmUpRequests({ arm: { load, trace } }: ArmPlan): number {
  const requests = Math.min(load.requests, trace?.timesS.length ?? load.requests);
  const share = load.warm_up ?? (load.arrivals.kind === 'serial' ? 0 : 0.1);
  return Math.min(Math.floor(requests * share), requests - 1);
}

/** Collects latencies and their parts in flat memory. */
class Recorder implements Observer {
  readonly latencies = new QuantileSketch();
  readonly parts = new BreakdownSketch(components.length);
  firstArrival = Number.POSITIVE_INFINITY;
  private readonly warmUp: number;

  constructor(warmUp: number) {
    this.warmUp = warmUp;
  }

  jobDone(jobIndex: number, arrival: number, latency: number, path: Float64Array): void {
    if (jobIndex < this.warmUp) return;
    this.latencies.add(latency);
    this.parts.add(latency, path);
    if (arrival < this.firstArrival) this.firstArrival = arrival;
  }
}

/** The requests of a replication, and what they need. */
interface Requested {
  demand: Required<Demand>;
  key: ReplicationKey;
}

function outcomeOf(
  plan: ArmPlan,
  serving: ServingGraph,
  executor: Executor,
  { latencies, parts, firstArrival }: Recorder,
  requested: Requested,
): ReplicationOutcome {
  const requests = latencies.count;
  const durationS = executor.now - firstArrival;
  const names = Object.keys(percentiles) as Percentile[];
  const values = latencies.quantiles(Object.values(percentiles));
  return {
    requests,
    durationS,
    events: executor.events,
    mean: latencies.mean(),
    max: latencies.max,
    percentiles: Object.fromEntries(names.map((name, i) => [name, values[i]])) as Record<Percentile, number>,
    curve: latencies.quantiles(curveProbabilities),
    typical: parts.meanBetween(0.4, 0.6),
    tail: parts.meanBetween(0.99, 1),
    ...workPerRequest(plan, serving, executor, requests),
    resources: resourceUse(serving.graph, executor, {
      durationS,
      ...offeredWork(plan, serving, executor, requests, requested),
      offeredPerS: offeredRate(plan.arm.load, plan.arm.trace),
    }),
    shards: shardUse(plan, serving, executor, requests),
    throughputPerS: requests / durationS,
  };
}

/** What requests ask of each resource: what they took in the run, or what they take in full batches. */
function offeredWork(
  plan: ArmPlan,
  serving: ServingGraph,
  { accounting }: Executor,
  requests: number,
  { demand, key }: Requested,
): FullLoad {
  const work = accounting.workTotals;
  const { accelerated, serving: spec } = plan.arm;
  if (!accelerated && !spec.dynamic_batching) return { requests, work, streamS: 0 };
  const full = fullLoad(plan, serving, demand, key);
  return spec.dynamic_batching
    ? full
    : { requests, work, streamS: (full.streamS / full.requests) * requests };
}

function workPerRequest(
  { arm }: ArmPlan,
  { graph, routes }: ServingGraph,
  { accounting }: Executor,
  requests: number,
) {
  const cpuS = new Array<number>(components.length).fill(0);
  const together = arm.accelerated ? acceleratorsPerBatch(arm.accelerated) : 1;
  let acceleratorS = 0;
  let tierCpuS = 0;
  let networkBytes = 0;
  let value = 0;
  for (const task of graph.tasks) {
    if (task.kind === 'transfer') {
      networkBytes += accounting.workTotals[value] / requests;
      value += 2;
      continue;
    }
    if (task.kind === 'delay') {
      value++;
      continue;
    }
    const group = graph.groups[graph.slots[task.slot].group];
    const isUnit = group.perEntryHost !== undefined;
    for (const { component } of task.phases) {
      const seconds = accounting.workTotals[value++] / requests;
      if (group.name === tierGroup) tierCpuS += seconds;
      if (!isUnit && task.pool === cores) cpuS[component] += seconds;
      else if (isUnit && task.pool === processors) acceleratorS += seconds * together;
    }
  }
  const sent = netsOf(routes).flatMap(({ rpcs }) =>
    rpcs.map(({ serialise }) => accounting.skippedCounts[serialise]),
  );
  const rpcs = sent.reduce((sum, skipped) => sum + accounting.measuredInstances - skipped, 0) / requests;
  return { cpuS, acceleratorS, tierCpuS, networkBytes, rpcs };
}

function netsOf(routes: readonly Route[]): NetTasks[] {
  return routes.flatMap(({ nets }) => nets);
}

function shardUse(
  { arm, placement }: ArmPlan,
  { routes }: ServingGraph,
  { accounting, hosts, now }: Executor,
  requests: number,
): ReplicationOutcome['shards'] {
  return placement.shards.map((_, shard) => {
    const group = 1 + shard;
    const replicas = replicasOf(arm, shard);
    let busyS = 0;
    for (let replica = 0; replica < replicas; replica++) {
      busyS += hosts.busySeconds(hosts.poolAt(group, replica, cores), now);
    }
    const handled = netsOf(routes).flatMap(({ rpcs }) =>
      rpcs.filter((rpc) => rpc.shard === shard).map(({ handle }) => handle),
    );
    const bounding = handled.reduce((sum, task) => sum + accounting.criticalCounts[task], 0);
    return {
      busyS: busyS / requests,
      bounding: bounding / requests / arm.model.nets.length,
    };
  });
}
