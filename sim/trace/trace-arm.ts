import type { Executor } from '../engine/executor.ts';
import type { Observer } from '../engine/job.ts';
import type { ServingGraph } from '../serving/build-graph.ts';
import { components } from '../serving/components.ts';
import type { DemandRecord } from '../serving/demand-record.ts';
import type { ArmPlan } from '../serving/plan.ts';
import { runRequests, warmUpRequests } from '../serving/serving-run.ts';
import type { ReplicationKey } from '../streams.ts';
import { TraceBuilder } from './build-trace.ts';
import { type ChosenRequest, LatencyList, windowsOf } from './choose-requests.ts';
import { pathSteps } from './critical-path.ts';
import { TaskRecorder } from './task-recorder.ts';
import {
  type ArmTrace,
  type Part,
  type PoolCounter,
  type TracedInstance,
  type TracedRequest,
  traceVersion,
} from './trace-result.ts';

/** Most tasks that a trace holds: with their waits, arrows and counters some 200 000 events of a file. */
export const mostTracedTasks = 50_000;

/** Most values of all counters of a file. */
export const mostCounterValues = 50_000;

/** Values of a counter that are kept for each request at most, however few pools there are. */
const mostPointsPerRequest = 100;

export interface TraceOptions {
  /** So many measured requests are traced from the first on, beside the slowest and the median. */
  first: number;
  mostTasks?: number;
  mostValues?: number;
  /** What the requests need, as far as other runs recorded it. */
  recorded?: DemandRecord;
}

/** What is traced, and what came of it in the run that recorded it. */
interface Recorded {
  serving: ServingGraph;
  executor: Executor;
  recorder: TaskRecorder;
  chosen: ChosenRequest[];
  /** By number of the request. */
  parts: ReadonlyMap<number, Part[]>;
  mostValues: number;
}

/**
 * Traces some requests of one replication of an arm: runs it once to know which, and again to record them. Pure: the
 * same plan and key give the same trace.
 * @throws InputError when the arm is so overloaded that no request is measured
 */
export function traceArm(plan: ArmPlan, key: ReplicationKey, options: TraceOptions): ArmTrace {
  const { requests, instances, ...rest } = assemble(plan, record(plan, key, options));
  const { seed, replication } = key;
  return {
    format: 'rankfleet-trace',
    version: traceVersion,
    arm: plan.arm.name,
    seed,
    replication,
    requests,
    instances,
    ...rest,
  };
}

function record(
  plan: ArmPlan,
  key: ReplicationKey,
  { first, mostTasks = mostTracedTasks, mostValues = mostCounterValues, recorded }: TraceOptions,
): Recorded {
  const sharing = recorded ? { recorded } : {};
  const latencies = new LatencyList(warmUpRequests(plan));
  runRequests(plan, key, latencies, sharing);
  const chosen = latencies.choose(first);
  const parts = new PartsOf(chosen.map(({ number }) => number));
  let recorder: TaskRecorder | undefined;
  const { serving, executor } = runRequests(plan, key, parts, {
    ...sharing,
    watch: (watched) => {
      recorder = new TaskRecorder(watched, {
        requests: chosen.map(({ number }) => number),
        windows: windowsOf(chosen, pointsPerRequest(mostValues, watched.servers.length * chosen.length)),
        mostTasks,
      });
      return recorder;
    },
  });
  return { serving, executor, recorder: recorder!, chosen, parts: parts.byNumber, mostValues };
}

/** Values of the counter of one pool during one request. @param counted pools times requests */
function pointsPerRequest(mostValues: number, counted: number): number {
  return Math.max(1, Math.min(mostPointsPerRequest, Math.floor(mostValues / counted)));
}

/** Keeps what the critical paths of some requests consist of. */
class PartsOf implements Observer {
  readonly byNumber = new Map<number, Part[]>();
  private readonly numbers: ReadonlySet<number>;

  constructor(numbers: readonly number[]) {
    this.numbers = new Set(numbers);
  }

  jobDone(jobIndex: number, _arrival: number, _latency: number, path: Float64Array): void {
    if (!this.numbers.has(jobIndex)) return;
    const parts = components.map((component, position) => ({ component, seconds: path[position] }));
    this.byNumber.set(
      jobIndex,
      parts.filter(({ seconds }) => seconds !== 0),
    );
  }
}

function assemble(
  plan: ArmPlan,
  { serving, executor, recorder, chosen, parts, mostValues }: Recorded,
): Pick<ArmTrace, 'hosts' | 'requests' | 'instances' | 'counters' | 'leftOut'> {
  const { kept, samples } = recorder;
  const builder = new TraceBuilder(serving, plan.arm, (group, replica, pool) =>
    executor.hosts.poolAt(group, replica, pool),
  );
  const instances = chosen.flatMap((_, rank) => kept.ofRank(rank).map((each) => builder.instance(each)));
  const isThere = (_: ChosenRequest, rank: number) => !kept.isLeftOut(rank);
  const requests = chosen.filter(isThere).map(({ number, why, arrivalS, latencyS }): TracedRequest => {
    const { candidates, endS, instances: batches, path } = recorder.requests.get(number)!;
    return {
      number,
      why,
      arrivalS,
      endS,
      latencyS,
      candidates,
      batches,
      rpcs: rpcsOf(instances, number),
      components: parts.get(number)!,
      path: pathSteps(path, builder.names),
    };
  });
  const counted = builder.counters(samples.samples);
  const counters = asManyAs(mostValues, counted);
  return {
    hosts: builder.threads.hosts,
    requests,
    instances,
    counters,
    leftOut: {
      counters: counted.length - counters.length,
      requests: chosen.filter((_, rank) => kept.isLeftOut(rank)).map(({ number }) => number),
      batches: chosen.reduce((sum, _, rank) => sum + kept.lostBy(rank), 0),
    },
  };
}

/** The first counters, as long as all of their values are no more. */
function asManyAs(mostValues: number, counters: readonly PoolCounter[]): PoolCounter[] {
  let values = 0;
  return counters.filter(({ timesS }) => {
    values += timesS.length;
    return values <= mostValues;
  });
}

function rpcsOf(instances: readonly TracedInstance[], request: number): number {
  return instances
    .filter(({ requests }) => requests.includes(request))
    .reduce((sum, { messages }) => sum + messages.filter(({ kind }) => kind === 'rpc').length, 0);
}
