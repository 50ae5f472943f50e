import type { Instances } from './instances.ts';
import type { Jobs } from './jobs.ts';
import type { Watcher } from './watcher.ts';

/** Priorities a pool knows; 0 goes first. */
export const priorityLevels = 4;

const nothing = -1;

/**
 * Who waits for a server of each pool: FIFO within a priority, linked through the items themselves.
 * An item is a task (its handle, ≥ 0) or a job that still has instances to start (−2 − job).
 */
export class WaitingLines {
  private readonly head: Int32Array;
  private readonly tail: Int32Array;
  private readonly instances: Instances;
  private readonly jobs: Jobs;
  private readonly watcher: Watcher | undefined;

  constructor(pools: number, instances: Instances, jobs: Jobs, watcher: Watcher | undefined) {
    this.head = new Int32Array(pools * priorityLevels).fill(nothing);
    this.tail = new Int32Array(pools * priorityLevels).fill(nothing);
    this.instances = instances;
    this.jobs = jobs;
    this.watcher = watcher;
  }

  addTask(pool: number, priority: number, handle: number): void {
    this.watcher?.waits(pool, 1);
    this.instances.nextInQueue[handle] = nothing;
    this.append(pool * priorityLevels + priority, handle);
  }

  addJob(pool: number, priority: number, job: number): void {
    const { instances, started, nextInQueue } = this.jobs;
    this.watcher?.waits(pool, instances[job] - started[job]);
    nextInQueue[job] = nothing;
    this.append(pool * priorityLevels + priority, -2 - job);
  }

  /** The line that is served next, or -1 when nobody waits for this pool. */
  firstLine(pool: number): number {
    const { head } = this;
    for (let line = pool * priorityLevels; line < (pool + 1) * priorityLevels; line++) {
      if (head[line] !== nothing) return line;
    }
    return -1;
  }

  /** The item at the front of a line that is not empty. */
  front(line: number): number {
    return this.head[line];
  }

  /** Removes the item at the front. */
  shift(line: number): void {
    const next = this.nextOf(this.head[line]);
    this.head[line] = next;
    if (next === nothing) this.tail[line] = nothing;
  }

  private append(line: number, item: number): void {
    const last = this.tail[line];
    this.tail[line] = item;
    if (last === nothing) this.head[line] = item;
    else if (last >= 0) this.instances.nextInQueue[last] = item;
    else this.jobs.nextInQueue[-2 - last] = item;
  }

  private nextOf(item: number): number {
    return item >= 0 ? this.instances.nextInQueue[item] : this.jobs.nextInQueue[-2 - item];
  }
}
