import { RandomStream } from '../../foundation/random.ts';
import { Accounting } from './accounting.ts';
import { Admission } from './admission.ts';
import { BatchFormer, type Batching } from './batch-former.ts';
import { Envelopes } from './envelopes.ts';
import { arrival, batchDue, firstByte, fixedEnd, sharedEnd, transferEnd } from './event-kinds.ts';
import { EventQueue } from './event-queue.ts';
import { FinishedJobs } from './finished-jobs.ts';
import { Hosts } from './hosts.ts';
import { Instances } from './instances.ts';
import type { Demand, JobSource, Observer } from './job.ts';
import { JobDrawing } from './job-drawing.ts';
import { Jobs } from './jobs.ts';
import { Population } from './population.ts';
import { SharedPhases } from './shared-phases.ts';
import { SlotBinding } from './slot-binding.ts';
import { type CompiledGraph, compileGraph, type TaskGraph } from './task-graph.ts';
import { Transfers } from './transfers.ts';
import { WaitingLines } from './waiting-lines.ts';
import type { Watched, Watcher } from './watcher.ts';

export interface ExecutorOptions {
  /** Jobs at the start that accounting leaves out. */
  warmUpJobs?: number;
  seed?: number;
  /** Tasks of instances in flight beyond which no more jobs are drawn: an overloaded run ends before it fills the memory. */
  mostTasks?: number;
  /** How jobs of one entry are merged into batches; each job has instances of its own if absent. */
  batching?: Batching;
  /** Makes what sees every task of the run, for a trace. */
  watch?: (watched: Watched) => Watcher;
}

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
  readonly population = new Population();
  private readonly compiled: CompiledGraph;
  private readonly instances: Instances;
  private readonly binding: SlotBinding;
  private readonly lines: WaitingLines;
  private readonly transfers: Transfers;
  private readonly sharedPhases: SharedPhases;
  private readonly former: BatchFormer | undefined;
  private readonly admission: Admission;
  private readonly queue = new EventQueue();
  private readonly drawing: JobDrawing;
  private readonly finished: FinishedJobs;
  private readonly warmUpJobs: number;
  private readonly watcher: Watcher | undefined;

  constructor(
    graph: TaskGraph,
    source: JobSource,
    demand: Demand,
    observer: Observer,
    { warmUpJobs = 0, seed = 0, mostTasks = 2 ** 22, batching, watch }: ExecutorOptions = {},
  ) {
    this.compiled = compileGraph(graph);
    this.hosts = new Hosts(graph.groups, new RandomStream(seed, 0x6c62));
    this.instances = new Instances(this.compiled, graph.slots.length);
    this.binding = new SlotBinding(graph.slots, this.compiled, this.instances, this.hosts);
    const { compiled, instances, hosts, jobs, binding, queue } = this;
    const { replicas } = graph.groups[graph.slots[0].group];
    this.former = batching && new BatchFormer(batching, replicas, compiled, instances, jobs, queue);
    const { former, population } = this;
    this.watcher = watch?.({ compiled, instances, jobs, servers: hosts.servers, former, queue });
    const { watcher } = this;
    this.lines = new WaitingLines(hosts.free.length, instances, jobs, watcher);
    this.transfers = new Transfers(compiled, instances, hosts, binding, queue, watcher);
    this.sharedPhases = new SharedPhases(compiled, instances, hosts, queue);
    const envelopes = graph.envelope && new Envelopes(graph.envelope, jobs, graph.components.length);
    const parts = { compiled, instances, jobs, hosts, binding, lines: this.lines, demand, former, envelopes };
    this.admission = new Admission(parts, {
      ready: this.ready.bind(this),
      start: this.startCompute.bind(this),
      batchIsDue: this.queueBatch,
    });
    this.drawing = new JobDrawing(source, demand, jobs, instances, former, population, queue, mostTasks);
    this.warmUpJobs = warmUpJobs;
    this.accounting = new Accounting(compiled, instances, graph.components.length);
    this.finished = new FinishedJobs(
      compiled,
      instances,
      jobs,
      this.accounting,
      former,
      envelopes,
      observer,
      warmUpJobs,
      this.releaseJob.bind(this),
      (job) => this.complete(jobs.envelope[job], compiled.gate),
      watcher,
    );
  }

  run(): void {
    this.drawing.begin();
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
          this.transfers.firstByteArrives(subject, this.now);
          break;
        case transferEnd:
          this.transferEnds(subject);
          break;
        case arrival:
          this.jobArrives(subject);
          break;
        case batchDue:
          if (this.former!.hasWaitedEnough(subject, this.now)) this.queueBatch(subject);
          break;
      }
    }
  }

  private jobArrives(job: number): void {
    const { now, population } = this;
    if (this.drawing.isOpen) this.drawing.draw(now);
    if (population.arrived === this.warmUpJobs) {
      this.measuredFrom = now;
      this.hosts.resetAccounting(now);
    }
    population.arrive(now);
    this.admission.arrive(job, now);
  }

  /** A batch is due: it starts as soon as a server is free, and takes members until then. */
  private readonly queueBatch = (batch: number): void => {
    const { compiled, instances, hosts } = this;
    const task = compiled.entries[this.former!.batching.entry];
    const handle = batch * instances.taskCount + task;
    instances.readyAt[handle] = this.now;
    const pool = this.binding.poolOf(batch, task);
    if (hosts.free[pool] > 0) {
      hosts.acquire(pool, this.now);
      this.startBatch(batch, pool, this.former!);
    } else {
      this.lines.addTask(pool, compiled.priority[task], handle);
    }
  };

  private startBatch(batch: number, pool: number, former: BatchFormer): void {
    former.close(batch);
    former.members.list(batch, this.jobs, this.admission.members);
    this.admission.fill(batch, former.batching.entry);
    this.startCompute(batch, this.compiled.entries[former.batching.entry], pool);
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
    if (task === compiled.gate) {
      this.admission.enterGate(instance, this.now);
      return;
    }
    if (compiled.isTransfer[task] === 1) {
      this.transfers.start(instance, task, this.now);
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
    this.watcher?.starts(instance, task, pool);
    const base = instance * instances.workCount;
    const shared = compiled.sharedPhase[task];
    let fixedS = 0;
    for (let phase = compiled.workOffset[task]; phase < compiled.workOffset[task + 1]; phase++) {
      if (phase !== shared) fixedS += instances.work[base + phase];
    }
    if (fixedS > 0 || shared < 0) queue.push(now + fixedS, (handle << 3) | fixedEnd);
    else this.sharedPhases.join(pool, handle, instances.work[base + shared], now);
  }

  private fixedPartEnds(handle: number): void {
    const { compiled, instances } = this;
    const instance = (handle / instances.taskCount) | 0;
    const task = handle - instance * instances.taskCount;
    const shared = compiled.sharedPhase[task];
    const units = shared < 0 ? 0 : instances.work[instance * instances.workCount + shared];
    if (units > 0) {
      this.sharedPhases.join(this.binding.poolOf(instance, task), handle, units, this.now);
    } else {
      this.finishCompute(instance, task);
    }
  }

  private sharedPartEnds(pool: number): void {
    const handle = this.sharedPhases.leave(pool, this.now);
    if (handle < 0) return;
    const instance = (handle / this.instances.taskCount) | 0;
    this.finishCompute(instance, handle - instance * this.instances.taskCount);
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
    const handle = instance * this.instances.taskCount + task;
    if (next >= 0) {
      this.watcher?.handsOn(handle);
      this.startCompute(instance, next, pool);
    } else if (this.compiled.holds[task] === 0) {
      this.passOnServer(pool, handle);
    }
  }

  /** The server that a task held has come free: the first in line gets it. */
  private passOnServer(pool: number, handle: number): void {
    const { lines, jobs, instances, former } = this;
    const line = lines.firstLine(pool);
    this.watcher?.frees(handle, pool, line >= 0);
    if (line < 0) {
      this.hosts.release(pool, this.now);
      return;
    }
    const item = lines.front(line);
    if (item >= 0) {
      lines.shift(line);
      const instance = (item / instances.taskCount) | 0;
      const task = item - instance * instances.taskCount;
      if (former !== undefined && task === this.compiled.entries[former.batching.entry]) {
        this.startBatch(instance, pool, former);
      } else {
        this.startCompute(instance, task, pool);
      }
    } else {
      const job = -2 - item;
      if (jobs.started[job] + 1 === jobs.instances[job]) lines.shift(line);
      this.admission.startInstance(job, pool);
    }
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
    const held = compiled.freesServerOf[task];
    const freed = held < 0 || instances.isSkipped(instance, held) ? -1 : this.binding.poolOf(instance, held);
    this.binding.releaseAfter(instance, task);
    const last = compiled.successorStart[task + 1];
    for (let edge = compiled.successorStart[task]; edge < last; edge++) {
      const next = compiled.successors[edge];
      if (--instances.pending[base + next] > 0) continue;
      instances.criticalPredecessor[base + next] = task;
      instances.readyAt[base + next] = now;
      if (compiled.chainNext[task] !== next) this.ready(instance, next);
    }
    if (--instances.remaining[instance] === 0) this.finished.instanceDone(instance, task, now);
    if (freed >= 0) this.passOnServer(freed, base + held);
  }

  private releaseJob(job: number): void {
    this.population.complete(this.now);
    this.binding.releaseEntry(this.jobs.replica[job]);
    this.jobs.release(job);
    if (!this.drawing.isOpen) this.drawing.draw(this.now);
  }
}
