import { BatchMembers } from './batch-members.ts';
import { batchDue } from './event-kinds.ts';
import type { EventQueue } from './event-queue.ts';
import { type Instances, resized } from './instances.ts';
import type { Jobs } from './jobs.ts';
import type { CompiledGraph } from './task-graph.ts';

/** How jobs that enter the graph at one of its entries are merged into batches: dynamic batching. */
export interface Batching {
  /** Position among the graph's entries. */
  entry: number;
  /** Most items (candidates) of a batch; a larger job is cut into parts of this size and a rest. */
  maxItems: number;
  /** A batch is due when its oldest member has waited this long, or when it is full (s). */
  maxWaitS: number;
  /** Component that waiting for the batch to be due counts as. */
  component: number;
}

/** Stands for the job of an instance that works for several. */
export const batched = -1;

const none = -1;

/**
 * Merges jobs into batches. Every replica has at most one batch that takes members: from its first member until it
 * starts, or until a part comes that does not fit. A batch that is due waits for a server like any other instance,
 * and still takes members meanwhile.
 */
export class BatchFormer {
  readonly batching: Batching;
  readonly members = new BatchMembers();
  private readonly compiled: CompiledGraph;
  private readonly instances: Instances;
  private readonly jobs: Jobs;
  private readonly queue: EventQueue;
  /** By replica: the batch that takes members, or -1. */
  private readonly forming: Int32Array;
  /** By batch. */
  private items = new Float64Array(0);
  private dueAt = new Float64Array(0);
  private wasDue = new Int32Array(0);

  constructor(
    batching: Batching,
    replicas: number,
    compiled: CompiledGraph,
    instances: Instances,
    jobs: Jobs,
    queue: EventQueue,
  ) {
    this.batching = batching;
    this.compiled = compiled;
    this.instances = instances;
    this.jobs = jobs;
    this.queue = queue;
    this.forming = new Int32Array(replicas).fill(none);
  }

  /** Parts of a job, each of which fits a batch. */
  partsOf(size: number): number {
    return Math.max(1, Math.ceil(size / this.batching.maxItems));
  }

  /**
   * Each part of a job joins the batch that forms at its replica, or begins another.
   * @param becomesDue called for each batch that is due by this, before further parts join
   */
  join(job: number, now: number, becomesDue: (batch: number) => void): void {
    const { jobs, batching } = this;
    const { maxItems, maxWaitS } = batching;
    const replica = jobs.replica[job];
    for (let part = 0; part < jobs.instances[job]; part++) {
      const items = Math.min(maxItems, jobs.size[job] - part * maxItems);
      let batch = this.forming[replica];
      if (batch >= 0 && this.items[batch] + items > maxItems) {
        this.close(batch);
        if (this.markDue(batch)) becomesDue(batch);
        batch = none;
      }
      if (batch < 0) batch = this.open(replica, now);
      this.members.add(batch, job, part);
      this.items[batch] += items;
      const isDue = maxWaitS === 0 || this.items[batch] >= maxItems;
      if (isDue && this.markDue(batch)) becomesDue(batch);
    }
  }

  /** A reminder set when a batch was opened: whether that batch is due now, and was not before. */
  hasWaitedEnough(instance: number, now: number): boolean {
    // The instance may belong to another batch by now, or to no batch.
    const isForming = this.forming[this.replicaOf(instance)] === instance;
    return isForming && this.dueAt[instance] === now && this.markDue(instance);
  }

  /** The batch takes no more members. */
  close(batch: number): void {
    const replica = this.replicaOf(batch);
    if (this.forming[replica] === batch) this.forming[replica] = none;
  }

  private open(replica: number, now: number): number {
    const batch = this.instances.allocate(batched, replica, this.compiled.predecessors);
    if (batch >= this.items.length) this.grow(Math.max(16, 2 * batch));
    this.members.begin(batch);
    this.forming[replica] = batch;
    this.items[batch] = 0;
    this.wasDue[batch] = 0;
    this.dueAt[batch] = now + this.batching.maxWaitS;
    if (this.batching.maxWaitS > 0) this.queue.push(this.dueAt[batch], (batch << 3) | batchDue);
    return batch;
  }

  private markDue(batch: number): boolean {
    if (this.wasDue[batch] === 1) return false;
    this.wasDue[batch] = 1;
    return true;
  }

  private replicaOf(batch: number): number {
    return this.instances.replica[batch * this.instances.slotCount];
  }

  private grow(capacity: number): void {
    this.items = resized(this.items, capacity);
    this.dueAt = resized(this.dueAt, capacity);
    this.wasDue = resized(this.wasDue, capacity);
  }
}
