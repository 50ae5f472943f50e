import { resized } from './instances.ts';
import type { Members } from './job.ts';
import type { Jobs } from './jobs.ts';

const none = -1;

/** Which parts of which jobs each batch holds: linked nodes in reused typed arrays. A batch is an instance. */
export class BatchMembers {
  /** By batch. */
  private first = new Int32Array(0);
  private last = new Int32Array(0);
  private count = new Int32Array(0);
  /** By node. */
  private job = new Int32Array(0);
  private part = new Int32Array(0);
  private nextNode = new Int32Array(0);
  private firstFree = none;

  /** Makes a batch without members. */
  begin(batch: number): void {
    if (batch >= this.first.length) this.growBatches(Math.max(16, 2 * batch));
    this.first[batch] = none;
    this.last[batch] = none;
    this.count[batch] = 0;
  }

  add(batch: number, job: number, part: number): void {
    if (this.firstFree === none) this.growNodes(Math.max(64, 2 * this.job.length));
    const node = this.firstFree;
    this.firstFree = this.nextNode[node];
    this.job[node] = job;
    this.part[node] = part;
    this.nextNode[node] = none;
    if (this.first[batch] === none) this.first[batch] = node;
    else this.nextNode[this.last[batch]] = node;
    this.last[batch] = node;
    this.count[batch]++;
  }

  /** The first member of a batch that has some, as a node. */
  firstOf(batch: number): number {
    return this.first[batch];
  }

  /** The member after another, or -1. */
  next(node: number): number {
    return this.nextNode[node];
  }

  jobOf(node: number): number {
    return this.job[node];
  }

  /** Lists a batch for the demand. */
  list(batch: number, jobs: Jobs, members: Members): void {
    const count = this.count[batch];
    if (count > members.part.length) {
      members.jobIndex = new Float64Array(2 * count);
      members.size = new Float64Array(2 * count);
      members.part = new Int32Array(2 * count);
    }
    members.count = count;
    let at = 0;
    for (let node = this.first[batch]; node !== none; node = this.nextNode[node]) {
      const job = this.job[node];
      members.jobIndex[at] = jobs.index[job];
      members.size[at] = jobs.size[job];
      members.part[at++] = this.part[node];
    }
  }

  /** Forgets the members of a finished batch. */
  release(batch: number): void {
    this.nextNode[this.last[batch]] = this.firstFree;
    this.firstFree = this.first[batch];
  }

  private growBatches(capacity: number): void {
    this.first = resized(this.first, capacity);
    this.last = resized(this.last, capacity);
    this.count = resized(this.count, capacity);
  }

  private growNodes(capacity: number): void {
    const before = this.job.length;
    this.job = resized(this.job, capacity);
    this.part = resized(this.part, capacity);
    this.nextNode = resized(this.nextNode, capacity);
    for (let node = capacity - 1; node >= before; node--) {
      this.nextNode[node] = this.firstFree;
      this.firstFree = node;
    }
  }
}
