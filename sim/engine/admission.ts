import type { BatchFormer } from './batch-former.ts';
import type { Envelopes } from './envelopes.ts';
import type { Hosts } from './hosts.ts';
import type { Instances } from './instances.ts';
import { type Demand, oneMember } from './job.ts';
import type { Jobs } from './jobs.ts';
import type { SlotBinding } from './slot-binding.ts';
import type { CompiledGraph } from './task-graph.ts';
import type { WaitingLines } from './waiting-lines.ts';

/** What admission shares with the executor. */
interface Shared {
  compiled: CompiledGraph;
  instances: Instances;
  jobs: Jobs;
  hosts: Hosts;
  binding: SlotBinding;
  lines: WaitingLines;
  demand: Demand;
  former: BatchFormer | undefined;
  envelopes: Envelopes | undefined;
}

/** What the executor does with what admission has made. */
interface Steps {
  /** A task may start, or is skipped. */
  ready(instance: number, task: number): void;
  /** A task starts on a server that it holds. */
  start(instance: number, task: number, pool: number): void;
  batchIsDue(batch: number): void;
}

/** Turns arriving jobs into instances of the graph: one for each part, parts merged into batches, or an envelope first. */
export class Admission {
  /** Those for whom the next instance works. */
  readonly members = oneMember();
  private readonly shared: Shared;
  private readonly steps: Steps;

  constructor(shared: Shared, steps: Steps) {
    this.shared = shared;
    this.steps = steps;
  }

  arrive(job: number, now: number): void {
    const { jobs, binding, envelopes } = this.shared;
    if (envelopes) {
      this.openEnvelope(job, envelopes.entry, now);
    } else {
      jobs.replica[job] = binding.chooseEntry();
      this.admit(job, now);
    }
  }

  /** An envelope has come to its gate, on a host of the entry: the job goes on there. */
  enterGate(envelope: number, now: number): void {
    const { jobs, instances, binding } = this.shared;
    const job = instances.job[envelope];
    jobs.replica[job] = binding.replicaOf(envelope, 0);
    jobs.entered[job] = now;
    this.admit(job, now);
  }

  startInstance(job: number, pool: number): void {
    const { jobs, instances, compiled } = this.shared;
    const instance = instances.allocate(job, jobs.replica[job], compiled.predecessors);
    this.listPart(job, jobs.started[job]++);
    const entry = jobs.entry[job];
    const task = compiled.entries[entry];
    instances.readyAt[instance * compiled.taskCount + task] = jobs.entered[job];
    this.fill(instance, entry);
    this.steps.start(instance, task, pool);
  }

  /** Writes what an instance needs for the members listed; other entries than its own are skipped. */
  fill(instance: number, entry: number): void {
    const { instances, compiled, demand } = this.shared;
    demand.fill(this.members, entry, instances.work, instance * instances.workCount);
    for (let other = 0; other < compiled.entries.length; other++) {
      if (other !== entry) this.steps.ready(instance, compiled.entries[other]);
    }
  }

  /** Starts the instance that surrounds the others of a job, on a tier in front of the entry's hosts. */
  private openEnvelope(job: number, entry: number, now: number): void {
    const { jobs, instances, compiled } = this.shared;
    const instance = instances.allocate(job, -1, compiled.predecessors);
    const task = compiled.entries[entry];
    jobs.envelope[job] = instance;
    instances.readyAt[instance * compiled.taskCount + task] = now;
    this.listPart(job, 0);
    this.fill(instance, entry);
    this.steps.ready(instance, task);
  }

  /** A job that is bound to a replica of the entry joins a batch, or starts as many instances as have a server. */
  private admit(job: number, now: number): void {
    const { jobs, former, compiled, binding, hosts, lines } = this.shared;
    if (former?.batching.entry === jobs.entry[job]) {
      former.join(job, now, this.steps.batchIsDue);
      return;
    }
    const task = compiled.entries[jobs.entry[job]];
    const pool = binding.entryPool(task, jobs.replica[job]);
    while (hosts.free[pool] > 0 && jobs.started[job] < jobs.instances[job]) {
      hosts.acquire(pool, now);
      this.startInstance(job, pool);
    }
    if (jobs.started[job] < jobs.instances[job]) lines.addJob(pool, compiled.priority[task], job);
  }

  private listPart(job: number, part: number): void {
    const { jobs } = this.shared;
    const { members } = this;
    members.count = 1;
    members.jobIndex[0] = jobs.index[job];
    members.size[0] = jobs.size[job];
    members.part[0] = part;
  }
}
