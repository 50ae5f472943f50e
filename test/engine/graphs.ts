import { Executor, type ExecutorOptions } from '../../sim/engine/executor.ts';
import type { JobSource } from '../../sim/engine/job.ts';
import type { ComputeTask, HostGroup, TaskGraph, TransferTask } from '../../sim/engine/task-graph.ts';

/** Components of every test graph: waiting, working, moving bytes. */
export const wait = 0;
export const work = 1;
export const move = 2;

/** A host group with one pool of one server and one NIC of 100 B/s each way, unless said otherwise. */
export function group(over: Partial<HostGroup> = {}): HostGroup {
  return {
    name: 'hosts',
    replicas: 1,
    policy: 'round-robin',
    pools: [{ name: 'cores', servers: 1 }],
    links: [
      { name: 'out', bytesPerS: 100 },
      { name: 'in', bytesPerS: 100 },
    ],
    ...over,
  };
}

/** Computes for one phase on pool 0 of slot 0, after the tasks given. */
export function compute(after: number[], over: Partial<ComputeTask> = {}): ComputeTask {
  return {
    kind: 'compute',
    name: 'compute',
    after,
    slot: 0,
    pool: 0,
    priority: 0,
    waitComponent: wait,
    phases: [{ component: work }],
    ...over,
  };
}

/** Moves bytes from link 0 of one slot to link 1 of another. */
export function transfer(after: number[], from: number, to: number): TransferTask {
  return {
    kind: 'transfer',
    name: 'transfer',
    after,
    from: { slot: from, link: 0 },
    to: { slot: to, link: 1 },
    component: move,
  };
}

/** A graph whose slot n is on group n; slots other than the entry are released by the last task. */
export function graphOf(groups: HostGroup[], tasks: TaskGraph['tasks']): TaskGraph {
  return {
    components: ['wait', 'work', 'move'],
    groups,
    slots: groups.map((_, index) => ({ group: index, releasedBy: index === 0 ? 0 : tasks.length - 1 })),
    tasks,
  };
}

/** Open jobs at given times, each of one size. */
export function jobsAt(times: readonly number[], size = 1): JobSource {
  let next = 0;
  return {
    time: 0,
    size,
    draw() {
      if (next === times.length) return false;
      this.time = times[next++];
      return true;
    },
  };
}

/** When each task of one finished instance was ready, started and ended (s), and where it ran. */
export interface TracedInstance {
  job: number;
  ready: number[];
  start: number[];
  end: number[];
  skipped: boolean[];
  /** Replica of each slot, -1 where the slot was never bound. */
  replicas: number[];
}

export interface Run {
  executor: Executor;
  latencies: number[];
  /** Seconds by component on the critical path of each job. */
  paths: number[][];
  /** Jobs in order of completion. */
  order: number[];
  trace: TracedInstance[];
}

interface RunOptions {
  /** Work values of one instance; the same for all if it is an array. */
  work: readonly number[] | ((job: number, part: number) => readonly number[]);
  seed?: number;
  watch?: NonNullable<ExecutorOptions['watch']>;
  /** Sees the executor before it runs. */
  prepare?: (executor: Executor) => void;
}

/** Runs jobs of as many instances as their size, tracing every task. */
export function runGraph(graph: TaskGraph, source: JobSource, options: RunOptions): Run {
  const run: Omit<Run, 'executor'> = { latencies: [], paths: [], order: [], trace: [] };
  const values = options.work;
  const executor = new Executor(
    graph,
    source,
    {
      instances: (size) => size,
      fill({ jobIndex, part }, _entry, target, offset) {
        target.set(typeof values === 'function' ? values(jobIndex[0], part[0]) : values, offset);
      },
    },
    {
      jobDone(job, _arrival, latency, path) {
        run.latencies[job] = latency;
        run.paths[job] = [...path];
        run.order.push(job);
      },
    },
    { seed: options.seed ?? 1, ...(options.watch && { watch: options.watch }) },
  );
  traceInstances(executor, graph, run.trace);
  options.prepare?.(executor);
  executor.run();
  return { executor, ...run };
}

/** The executor hands every finished instance to its accounting: the place to read its times. */
function traceInstances(
  { accounting, jobs }: Executor,
  { tasks, slots }: TaskGraph,
  trace: TracedInstance[],
) {
  const { instances } = accounting as unknown as { instances: TracedArrays };
  const original = accounting.addInstance.bind(accounting);
  accounting.addInstance = (instance) => {
    original(instance);
    const at = (array: Float64Array) => tasks.map((_, task) => array[instance * tasks.length + task]);
    trace.push({
      job: jobs.index[instances.job[instance]],
      ready: at(instances.readyAt),
      start: at(instances.startAt),
      end: at(instances.endAt),
      skipped: tasks.map((_, task) => instances.isSkipped(instance, task)),
      replicas: slots.map((_, slot) => instances.replica[instance * slots.length + slot]),
    });
  };
}

interface TracedArrays {
  readyAt: Float64Array;
  startAt: Float64Array;
  endAt: Float64Array;
  replica: Int32Array;
  job: Int32Array;
  isSkipped(instance: number, task: number): boolean;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
