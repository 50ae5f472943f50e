import { InputError } from '../../foundation/problem.ts';
import { Executor, type ExecutorOptions } from '../engine/executor.ts';
import type { Demand, Observer } from '../engine/job.ts';
import type { ReplicationKey } from '../streams.ts';
import { requestSource } from '../workload/arrivals.ts';
import { BatchDemand } from './batch-demand.ts';
import { buildGraph, type ServingGraph } from './build-graph.ts';
import { at } from './components.ts';
import type { DemandRecord } from './demand-record.ts';
import type { ArmPlan } from './plan.ts';

export interface ServingRunOptions {
  /**
   * What requests need is taken from here, as far as it was recorded by earlier replications, and recorded for later
   * ones. The outcome is that without a record, bit by bit; runs of the same arm and key at other rates, replicas
   * or workers get cheaper.
   */
  recorded?: DemandRecord;
  /** Makes what sees every task of the run; it changes nothing of the outcome. */
  watch?: ExecutorOptions['watch'];
}

/** A finished replication of an arm: its graph, what its requests needed, and the executor with what it counted. */
export interface ServingRun {
  serving: ServingGraph;
  demand: Required<Demand>;
  executor: Executor;
}

/**
 * Runs the requests of one replication of an arm.
 * @param observer is told of each finished request, those of the warm-up too
 * @throws InputError when so many requests pile up that none is left to measure
 */
export function runRequests(
  plan: ArmPlan,
  key: ReplicationKey,
  observer: Observer,
  { recorded, watch }: ServingRunOptions = {},
): ServingRun {
  const { arm } = plan;
  const serving = buildGraph(arm, plan.placement);
  const warmUp = warmUpRequests(plan);
  const source = requestSource(arm.load, arm.trace, key);
  const demand = recorded?.demandOf(plan, serving, key) ?? new BatchDemand(plan, serving, key);
  const { dynamic_batching: batching } = arm.serving;
  const executor = new Executor(serving.graph, source, demand, observer, {
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
    ...(watch && { watch }),
  });
  executor.run();
  if (executor.population.isCutShort && executor.population.completed <= warmUp) {
    throw new InputError(
      `arm '${arm.name}' is overloaded: requests piled up beyond what memory holds before the warm-up of ${warmUp} was over; lower the rate or the number of requests`,
    );
  }
  return { serving, demand, executor };
}

/** Requests that are left out at the start. */
export function warmUpRequests({ arm: { load, trace } }: ArmPlan): number {
  const requests = Math.min(load.requests, trace?.timesS.length ?? load.requests);
  const share = load.warm_up ?? (load.arrivals.kind === 'serial' ? 0 : 0.1);
  return Math.min(Math.floor(requests * share), requests - 1);
}
