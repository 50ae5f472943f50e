import type { CompiledGraph } from './task-graph.ts';

/**
 * Task instances in flight, in typed arrays that double when full and are reused: no allocation per instance
 * once warm. A handle is `instance × tasks of the graph + task`.
 */
export class Instances {
  readonly taskCount: number;
  readonly workCount: number;
  readonly slotCount: number;
  private readonly workOffset: Int32Array;
  private capacity = 0;
  private firstFree = -1;
  /** Instances between allocation and release. */
  inFlight = 0;
  /** By handle. */
  pending = new Int32Array(0);
  nextInQueue = new Int32Array(0);
  criticalPredecessor = new Int32Array(0);
  readyAt = new Float64Array(0);
  startAt = new Float64Array(0);
  endAt = new Float64Array(0);
  /** By instance × work value. A negative first value means that the task is skipped. */
  work = new Float64Array(0);
  /** By instance × slot; -1 is not bound yet. */
  replica = new Int32Array(0);
  /** By instance. */
  remaining = new Int32Array(0);
  job = new Int32Array(0);
  private nextFree = new Int32Array(0);

  constructor(graph: CompiledGraph, slotCount: number) {
    this.taskCount = graph.taskCount;
    this.workCount = graph.workOffset[graph.taskCount];
    this.slotCount = slotCount;
    this.workOffset = graph.workOffset;
    this.grow(16);
  }

  /** Takes a free instance for a job. Its work values are not cleared: the caller writes all of them. */
  allocate(job: number, jobReplica: number, predecessors: Int32Array): number {
    if (this.firstFree < 0) this.grow(this.capacity * 2);
    this.inFlight++;
    const instance = this.firstFree;
    this.firstFree = this.nextFree[instance];
    this.pending.set(predecessors, instance * this.taskCount);
    const firstSlot = instance * this.slotCount;
    this.replica.fill(-1, firstSlot, firstSlot + this.slotCount);
    this.replica[firstSlot] = jobReplica;
    this.remaining[instance] = this.taskCount;
    this.job[instance] = job;
    return instance;
  }

  isSkipped(instance: number, task: number): boolean {
    return this.work[instance * this.workCount + this.workOffset[task]] < 0;
  }

  release(instance: number): void {
    this.inFlight--;
    this.setFree(instance);
  }

  private setFree(instance: number): void {
    this.nextFree[instance] = this.firstFree;
    this.firstFree = instance;
  }

  private grow(capacity: number): void {
    const handles = capacity * this.taskCount;
    if (handles > 2 ** 27) throw new RangeError(`more than ${this.capacity} task graph instances in flight`);
    this.pending = resized(this.pending, handles);
    this.nextInQueue = resized(this.nextInQueue, handles);
    this.criticalPredecessor = resized(this.criticalPredecessor, handles);
    this.readyAt = resized(this.readyAt, handles);
    this.startAt = resized(this.startAt, handles);
    this.endAt = resized(this.endAt, handles);
    this.work = resized(this.work, capacity * this.workCount);
    this.replica = resized(this.replica, capacity * this.slotCount);
    this.remaining = resized(this.remaining, capacity);
    this.job = resized(this.job, capacity);
    this.nextFree = resized(this.nextFree, capacity);
    for (let instance = capacity - 1; instance >= this.capacity; instance--) this.setFree(instance);
    this.capacity = capacity;
  }
}

/** A copy of a typed array with room for `length` elements. */
export function resized<Items extends Int32Array | Float64Array>(items: Items, length: number): Items {
  const larger = new (items.constructor as new (length: number) => Items)(length);
  larger.set(items);
  return larger;
}
