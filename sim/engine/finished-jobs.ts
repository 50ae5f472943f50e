import type { Accounting } from './accounting.ts';
import { type BatchFormer, batched } from './batch-former.ts';
import type { Envelopes } from './envelopes.ts';
import type { Instances } from './instances.ts';
import type { Observer } from './job.ts';
import type { Jobs } from './jobs.ts';
import type { CompiledGraph } from './task-graph.ts';
import type { Watcher } from './watcher.ts';

/** Ends the jobs whose last instance is done, and accounts for what they took. */
export class FinishedJobs {
  private readonly compiled: CompiledGraph;
  private readonly instances: Instances;
  private readonly jobs: Jobs;
  private readonly accounting: Accounting;
  private readonly former: BatchFormer | undefined;
  private readonly envelopes: Envelopes | undefined;
  private readonly observer: Observer;
  private readonly warmUpJobs: number;
  private readonly release: (job: number) => void;
  private readonly passGate: (job: number) => void;
  private readonly watcher: Watcher | undefined;

  /**
   * @param release called with each finished job once the observer knows of it
   * @param passGate called with each job whose instances are done but for its envelope, which waits for them
   */
  constructor(
    compiled: CompiledGraph,
    instances: Instances,
    jobs: Jobs,
    accounting: Accounting,
    former: BatchFormer | undefined,
    envelopes: Envelopes | undefined,
    observer: Observer,
    warmUpJobs: number,
    release: (job: number) => void,
    passGate: (job: number) => void,
    watcher: Watcher | undefined,
  ) {
    this.compiled = compiled;
    this.instances = instances;
    this.jobs = jobs;
    this.accounting = accounting;
    this.former = former;
    this.envelopes = envelopes;
    this.observer = observer;
    this.warmUpJobs = warmUpJobs;
    this.release = release;
    this.passGate = passGate;
    this.watcher = watcher;
  }

  /** All tasks of an instance are done, `lastTask` last. */
  instanceDone(instance: number, lastTask: number, now: number): void {
    const { jobs, instances, accounting } = this;
    const job = instances.job[instance];
    if (job === batched) {
      this.batchDone(instance, lastTask, now);
    } else {
      const isMeasured = this.isMeasured(job);
      if (isMeasured) accounting.addInstance(instance);
      const isEnvelope = this.envelopes?.isEnvelope(instance, job) === true;
      if (!isEnvelope) jobs.finished[job]++;
      this.watcher?.instanceDone(instance, lastTask);
      if (isEnvelope) {
        const path = accounting.tracePath(instance, lastTask, isMeasured ? 1 : 0);
        this.envelopes!.addKept(job, path);
        this.answered(job, path, now);
      } else if (jobs.finished[job] === jobs.instances[job]) {
        this.jobDone(job, accounting.tracePath(instance, lastTask, isMeasured ? 1 : 0), now);
      }
    }
    instances.release(instance);
  }

  /** Ends the members whose last part this was. A batch is measured if its first member is. */
  private batchDone(batch: number, lastTask: number, now: number): void {
    const { jobs, accounting } = this;
    const { members, batching } = this.former!;
    if (this.isMeasured(members.jobOf(members.firstOf(batch)))) accounting.addInstance(batch);
    let measuredJobs = 0;
    for (let node = members.firstOf(batch); node >= 0; node = members.next(node)) {
      const job = members.jobOf(node);
      if (++jobs.finished[job] === jobs.instances[job] && this.isMeasured(job)) measuredJobs++;
    }
    this.watcher?.instanceDone(batch, lastTask);
    accounting.tracePath(batch, lastTask, measuredJobs);
    const entry = this.compiled.entries[batching.entry];
    for (let node = members.firstOf(batch); node >= 0; node = members.next(node)) {
      const job = members.jobOf(node);
      if (jobs.finished[job] < jobs.instances[job]) continue;
      const path = accounting.pathOfMember(batch, entry, jobs.entered[job], batching.component);
      this.jobDone(job, path, now);
    }
    members.release(batch);
  }

  /** The instances of a job are done, those that its envelope surrounds if it has one. */
  private jobDone(job: number, path: Float64Array, now: number): void {
    if (this.envelopes) {
      this.envelopes.keep(job, path);
      this.passGate(job);
    } else {
      this.answered(job, path, now);
    }
  }

  private answered(job: number, path: Float64Array, now: number): void {
    const { index, arrival } = this.jobs;
    this.observer.jobDone(index[job], arrival[job], now - arrival[job], path);
    this.release(job);
  }

  private isMeasured(job: number): boolean {
    return this.jobs.index[job] >= this.warmUpJobs;
  }
}
