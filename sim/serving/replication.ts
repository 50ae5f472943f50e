import type { Executor } from '../engine/executor.ts';
import type { Observer } from '../engine/job.ts';
import { BreakdownSketch } from '../statistics/breakdown-sketch.ts';
import { QuantileSketch } from '../statistics/quantile-sketch.ts';
import type { ReplicationKey } from '../streams.ts';
import { offeredRate } from '../workload/arrivals.ts';
import type { NetTasks, Route, ServingGraph } from './build-graph.ts';
import { components } from './components.ts';
import { type FullLoad, fullLoad } from './full-load.ts';
import { acceleratorsPerBatch, cores, processors, replicasOf, tierGroup } from './host-groups.ts';
import type { ArmPlan } from './plan.ts';
import { type ResourceUse, resourceUse } from './resource-use.ts';
import { runRequests, type ServingRun, type ServingRunOptions, warmUpRequests } from './serving-run.ts';

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

/** Simulates one replication of an arm. Pure: the same plan and key give the same outcome. */
export function simulateReplication(
  plan: ArmPlan,
  key: ReplicationKey,
  options: ServingRunOptions = {},
): ReplicationOutcome {
  const recorder = new Recorder(warmUpRequests(plan));
  const run = runRequests(plan, key, recorder, options);
  return outcomeOf(plan, key, run, recorder);
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

function outcomeOf(
  plan: ArmPlan,
  key: ReplicationKey,
  run: ServingRun,
  { latencies, parts, firstArrival }: Recorder,
): ReplicationOutcome {
  const { serving, executor } = run;
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
      ...offeredWork(plan, key, run, requests),
      offeredPerS: offeredRate(plan.arm.load, plan.arm.trace),
    }),
    shards: shardUse(plan, serving, executor, requests),
    throughputPerS: requests / durationS,
  };
}

/** What requests ask of each resource: what they took in the run, or what they take in full batches. */
function offeredWork(
  plan: ArmPlan,
  key: ReplicationKey,
  { serving, demand, executor }: ServingRun,
  requests: number,
): FullLoad {
  const work = executor.accounting.workTotals;
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
