import { RandomStream } from '../../foundation/random.ts';
import { Accounting } from './accounting.ts';
import { EventQueue } from './event-queue.ts';
import { Hosts } from './hosts.ts';
import { Instances } from './instances.ts';
import type { Demand, JobSource, Observer } from './job.ts';
import { Jobs } from './jobs.ts';
import { SlotBinding } from './slot-binding.ts';
import { type CompiledGraph, compileGraph, type TaskGraph } from './task-graph.ts';
import { WaitingLines } from './waiting-lines.ts';

const fixedEnd = 0;
const sharedEnd = 1;
const firstByte = 2;
const transferEnd = 3;
const arrival = 4;

/**
 * Runs jobs through a task graph until the source is exhausted and everything has finished.
 * Simultaneous events happen in the order they were scheduled.
 */
export class Executor {
  readonly hosts: Hosts;
  readonly jobs = new Jobs();
  /** Events handled so far. */
  events = 0;
  now = 0;
  /** When the first measured job arrived. */
  measuredFrom = 0;
  readonly accounting: Accounting;
  /** Jobs drawn from the source, whether or not they have arrived yet. */
  drawn = 0;
  arrived = 0;
  /** Jobs between arrival and completion, and the integral of that number over time (job-seconds). */
  inSystem = 0;
  inSystemArea = 0;
  private inSystemChangedAt = 0;
  completed = 0;
  /** Whether the run stopped drawing jobs since too many were in flight. */
  isCutShort = false;
  private readonly compiled: CompiledGraph;
  private readonly instances: Instances;
  private readonly binding: SlotBinding;
  private readonly lines: WaitingLines;
  private readonly queue = new EventQueue();
  private readonly source: JobSource;
  private readonly demand: Demand;
  private readonly observer: Observer;
  private readonly warmUpJobs: number;
  private readonly mostTasks: number;

  /**
   * @param warmUpJobs jobs at the start that accounting leaves out
   * @param mostTasks tasks of instances in flight beyond which no more jobs are drawn: an overloaded run ends
   *   before it fills the memory
   */
  constructor(
    graph: TaskGraph,
    source: JobSource,
    demand: Demand,
    observer: Observer,
    { warmUpJobs = 0, seed = 0, mostTasks = 2 ** 22 } = {},
  ) {
    this.compiled = compileGraph(graph);
    this.hosts = new Hosts(graph.groups, new RandomStream(seed, 0x6c62));
    this.instances = new Instances(this.compiled, graph.slots.length);
    this.binding = new SlotBinding(graph.slots, this.compiled, this.instances, this.hosts);
    this.lines = new WaitingLines(this.hosts.free.length, this.instances, this.jobs);
    this.source = source;
    this.demand = demand;
    this.observer = observer;
    this.warmUpJobs = warmUpJobs;
    this.mostTasks = mostTasks;
    this.accounting = new Accounting(this.compiled, this.instances, graph.components.length);
  }

  run(): void {
    for (let client = 0; client < (this.source.clients ?? 1); client++) this.drawJob(0);
    const { queue } = this;
    for (let event = queue.pop(); event >= 0; event = queue.pop()) {
      this.now = queue.time;
      this.events++;
      const subject = event >> 3;
      switch (event & 7) {
        case fixedEnd:
          this.fixedPartEnds(subject);
          break;
        case sharedEnd:
          this.sharedPartEnds(subject);
          break;
        case firstByte:
          this.firstByteArrives(subject);
          break;
        case transferEnd:
          this.transferEnds(subject);
          break;
        case arrival:
          this.jobArrives(subject);
          break;
      }
    }
  }

  private drawJob(now: number): void {
    const { source, instances } = this;
    if (instances.inFlight * instances.taskCount > this.mostTasks) {
      this.isCutShort = true;
      return;
    }
    if (!source.draw(now)) return;
    const job = this.jobs.allocate(
      this.drawn++,
      source.size,
      source.time,
      this.demand.instances(source.size),
    );
    this.queue.push(source.time, (job << 3) | arrival);
  }

  private jobArrives(job: number): void {
    const { jobs } = this;
    if (this.source.clients === undefined) this.drawJob(this.now);
    if (this.arrived++ === this.warmUpJobs) {
      this.measuredFrom = this.now;
      this.hosts.resetAccounting(this.now);
    }
    this.changeInSystem(1);
    jobs.replica[job] = this.binding.chooseEntry();
    const pool = this.binding.entryPool(jobs.replica[job]);
    while (this.hosts.free[pool] > 0 && jobs.started[job] < jobs.instances[job]) {
      this.hosts.acquire(pool, this.now);
      this.startInstance(job, pool);
    }
    if (jobs.started[job] < jobs.instances[job]) this.lines.addJob(pool, this.compiled.priority[0], job);
  }

  private changeInSystem(change: number): void {
    this.inSystemArea += this.inSystem * (this.now - this.inSystemChangedAt);
    this.inSystemChangedAt = this.now;
    this.inSystem += change;
  }

  private startInstance(job: number, pool: number): void {
    const { jobs, instances, compiled } = this;
    const instance = instances.allocate(job, jobs.replica[job], compiled.predecessors);
    const part = jobs.started[job]++;
    this.demand.fill(jobs.index[job], jobs.size[job], part, instances.work, instance * instances.workCount);
    instances.readyAt[instance * compiled.taskCount] = jobs.arrival[job];
    this.startCompute(instance, 0, pool);
  }

  private ready(instance: number, task: number): void {
    const { compiled, instances } = this;
    if (this.instances.isSkipped(instance, task)) {
      this.complete(instance, task);
      // It holds no server to hand on, so whoever would have taken it over queues like any other task.
      const next = compiled.chainNext[task];
      if (next >= 0) this.ready(instance, next);
      return;
    }
    if (compiled.isTransfer[task] === 1) {
      this.startTransfer(instance, task);
      return;
    }
    const pool = this.binding.poolOf(instance, task);
    if (this.hosts.free[pool] > 0) {
      this.hosts.acquire(pool, this.now);
      this.startCompute(instance, task, pool);
    } else {
      this.lines.addTask(pool, compiled.priority[task], instance * instances.taskCount + task);
    }
  }

  private startCompute(instance: number, task: number, pool: number): void {
    const { compiled, instances, queue, now } = this;
    const handle = instance * instances.taskCount + task;
    instances.startAt[handle] = now;
    const base = instance * instances.workCount;
    const shared = compiled.sharedPhase[task];
    let fixedS = 0;
    for (let phase = compiled.workOffset[task]; phase < compiled.workOffset[task + 1]; phase++) {
      if (phase !== shared) fixedS += instances.work[base + phase];
    }
    if (fixedS > 0 || shared < 0) queue.push(now + fixedS, (handle << 3) | fixedEnd);
    else this.joinShared(pool, handle, instances.work[base + shared]);
  }

  private fixedPartEnds(handle: number): void {
    const { compiled, instances } = this;
    const instance = (handle / instances.taskCount) | 0;
    const task = handle - instance * instances.taskCount;
    const shared = compiled.sharedPhase[task];
    const units = shared < 0 ? 0 : instances.work[instance * instances.workCount + shared];
    if (units > 0) {
      this.joinShared(this.binding.poolOf(instance, task), handle, units);
    } else {
      this.finishCompute(instance, task);
    }
  }

  private joinShared(pool: number, handle: number, units: number): void {
    const bandwidth = this.hosts.shared[pool];
    if (!bandwidth) throw new Error('a shared phase needs a pool with shared bandwidth');
    const before = bandwidth.nextEnd;
    this.instances.endAt[handle] = this.now;
    bandwidth.join(handle, units, this.now);
    if (bandwidth.nextEnd !== before) this.queue.push(bandwidth.nextEnd, (pool << 3) | sharedEnd);
  }

  /** The earliest shared part of a pool ends, unless this event was overtaken by a change of rate. */
  private sharedPartEnds(pool: number): void {
    const { compiled, instances, now } = this;
    const bandwidth = this.hosts.shared[pool]!;
    if (bandwidth.nextEnd !== now) return;
    const handle = bandwidth.leave(now);
    if (bandwidth.nextEnd < Number.POSITIVE_INFINITY) {
      this.queue.push(bandwidth.nextEnd, (pool << 3) | sharedEnd);
    }
    const instance = (handle / instances.taskCount) | 0;
    const task = handle - instance * instances.taskCount;
    // The units have become seconds: what is accounted from here on is time.
    instances.work[instance * instances.workCount + compiled.sharedPhase[task]] =
      now - instances.endAt[handle];
    this.finishCompute(instance, task);
  }

  private finishCompute(instance: number, task: number): void {
    const { chainNext } = this.compiled;
    const pool = this.binding.poolOf(instance, task);
    let next = chainNext[task];
    this.complete(instance, task);
    while (next >= 0 && this.instances.isSkipped(instance, next)) {
      const skipped = next;
      next = chainNext[skipped];
      this.complete(instance, skipped);
    }
    if (next >= 0) this.startCompute(instance, next, pool);
    else this.passOnServer(pool);
  }

  /** A server has come free: the first in line gets it. */
  private passOnServer(pool: number): void {
    const { lines, jobs, instances } = this;
    const line = lines.firstLine(pool);
    if (line < 0) {
      this.hosts.release(pool, this.now);
      return;
    }
    const item = lines.front(line);
    if (item >= 0) {
      lines.shift(line);
      const instance = (item / instances.taskCount) | 0;
      this.startCompute(instance, item - instance * instances.taskCount, pool);
    } else {
      const job = -2 - item;
      if (jobs.started[job] + 1 === jobs.instances[job]) lines.shift(line);
      this.startInstance(job, pool);
    }
  }

  /** The message queues at the sending link; its first byte reaches the other end one latency later. */
  private startTransfer(instance: number, task: number): void {
    const { compiled, instances, hosts, now } = this;
    const link = this.binding.linkOf(instance, compiled.slot[task], compiled.resource[task]);
    this.binding.replicaOf(instance, compiled.toSlot[task]);
    const work = instance * instances.workCount + compiled.workOffset[task];
    const bytes = instances.work[work];
    const begins = hosts.occupyLink(link, bytes, now);
    const handle = instance * instances.taskCount + task;
    const arrives = begins + instances.work[work + 1];
    instances.startAt[handle] = arrives + bytes * hosts.secondsPerByte[link];
    this.queue.push(arrives, (handle << 3) | firstByte);
  }

  /** Cut-through: the receiving link takes the message as it comes, once it is free, no faster than it was sent. */
  private firstByteArrives(handle: number): void {
    const { compiled, instances, hosts, now } = this;
    const instance = (handle / instances.taskCount) | 0;
    const task = handle - instance * instances.taskCount;
    const link = this.binding.linkOf(instance, compiled.toSlot[task], compiled.toResource[task]);
    const bytes = instances.work[instance * instances.workCount + compiled.workOffset[task]];
    const begins = hosts.occupyLink(link, bytes, now);
    const lastByteSent = instances.startAt[handle];
    const end = Math.max(begins + bytes * hosts.secondsPerByte[link], lastByteSent);
    this.queue.push(end, (handle << 3) | transferEnd);
  }

  private transferEnds(handle: number): void {
    const { instances } = this;
    const instance = (handle / instances.taskCount) | 0;
    this.complete(instance, handle - instance * instances.taskCount);
  }

  /** A task is done: its successors may start, its slot may be released, its instance may be finished. */
  private complete(instance: number, task: number): void {
    const { compiled, instances, now } = this;
    const base = instance * instances.taskCount;
    instances.endAt[base + task] = now;
    this.binding.releaseAfter(instance, task);
    const last = compiled.successorStart[task + 1];
    for (let edge = compiled.successorStart[task]; edge < last; edge++) {
      const next = compiled.successors[edge];
      if (--instances.pending[base + next] > 0) continue;
      instances.criticalPredecessor[base + next] = task;
      instances.readyAt[base + next] = now;
      if (compiled.chainNext[task] !== next) this.ready(instance, next);
    }
    if (--instances.remaining[instance] === 0) this.instanceDone(instance, task);
  }

  private instanceDone(instance: number, lastTask: number): void {
    const { jobs, instances } = this;
    const job = instances.job[instance];
    const isMeasured = jobs.index[job] >= this.warmUpJobs;
    if (isMeasured) this.accounting.addInstance(instance);
    if (++jobs.finished[job] === jobs.instances[job]) {
      const path = this.accounting.tracePath(instance, lastTask, isMeasured);
      this.completed++;
      this.changeInSystem(-1);
      this.binding.releaseEntry(jobs.replica[job]);
      this.observer.jobDone(jobs.index[job], jobs.arrival[job], this.now - jobs.arrival[job], path);
      jobs.release(job);
      if (this.source.clients !== undefined) this.drawJob(this.now);
    }
    instances.release(instance);
  }
}
