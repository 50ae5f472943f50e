import type { Instances } from './instances.ts';
import type { CompiledGraph } from './task-graph.ts';

/** What finished instances spent their time on, in all and along the critical paths of their jobs. */
export class Accounting {
  /** Seconds (transfers: bytes, seconds) of each work value of the graph, summed over measured instances. */
  readonly workTotals: Float64Array;
  /** How often each task was on the critical path of a measured job. */
  readonly criticalCounts: Float64Array;
  /** How often each task was skipped. */
  readonly skippedCounts: Float64Array;
  measuredInstances = 0;
  private readonly compiled: CompiledGraph;
  private readonly instances: Instances;
  private readonly path: Float64Array;
  private readonly memberPath: Float64Array;

  constructor(compiled: CompiledGraph, instances: Instances, components: number) {
    this.compiled = compiled;
    this.instances = instances;
    this.workTotals = new Float64Array(instances.workCount);
    this.criticalCounts = new Float64Array(compiled.taskCount);
    this.skippedCounts = new Float64Array(compiled.taskCount);
    this.path = new Float64Array(components);
    this.memberPath = new Float64Array(components);
  }

  addInstance(instance: number): void {
    const { instances, workTotals, skippedCounts, compiled } = this;
    const { workOffset } = compiled;
    const base = instance * instances.workCount;
    this.measuredInstances++;
    for (let task = 0; task < compiled.taskCount; task++) {
      const first = workOffset[task];
      if (instances.work[base + first] < 0) {
        skippedCounts[task]++;
        continue;
      }
      const end = workOffset[task + 1];
      for (let value = first; value < end; value++) workTotals[value] += instances.work[base + value];
    }
  }

  /**
   * Walks back from the task that finished last, always to the predecessor that was waited for, and adds up
   * the seconds by component. The parts add up to the job's latency. The array is reused by the next call.
   * @param measuredJobs jobs of which this is the critical path, those of the warm-up left out
   */
  tracePath(instance: number, lastTask: number, measuredJobs: number): Float64Array {
    const { instances, path, criticalCounts, compiled } = this;
    const base = instance * instances.taskCount;
    path.fill(0);
    for (let task = lastTask; ; task = instances.criticalPredecessor[base + task]) {
      if (!instances.isSkipped(instance, task)) {
        criticalCounts[task] += measuredJobs;
        this.addTask(instance, task);
      }
      if (compiled.predecessors[task] === 0) return path;
    }
  }

  /**
   * The path that `tracePath` found last, for one member of a batch: from the member's own arrival until the batch
   * was due it waited for the batch, since then for a server.
   * @param entry the task where the batch entered
   * @param component that waiting for the batch counts as
   */
  pathOfMember(batch: number, entry: number, arrival: number, component: number): Float64Array {
    const { instances, compiled, path, memberPath } = this;
    const due = instances.readyAt[batch * instances.taskCount + entry];
    memberPath.set(path);
    if (arrival < due) memberPath[component] += due - arrival;
    else memberPath[compiled.waitComponent[entry]] -= arrival - due;
    return memberPath;
  }

  private addTask(instance: number, task: number): void {
    const { compiled, instances, path } = this;
    // At its gate an envelope waits for other instances, whose own path takes this place.
    if (task === compiled.gate) return;
    const handle = instance * instances.taskCount + task;
    const component = compiled.waitComponent[task];
    if (compiled.isTransfer[task] === 1) {
      path[component] += instances.endAt[handle] - instances.readyAt[handle];
      return;
    }
    path[component] += instances.startAt[handle] - instances.readyAt[handle];
    const base = instance * instances.workCount;
    for (let phase = compiled.workOffset[task]; phase < compiled.workOffset[task + 1]; phase++) {
      path[compiled.phaseComponent[phase]] += instances.work[base + phase];
    }
  }
}
