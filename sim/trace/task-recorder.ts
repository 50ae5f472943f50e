import { batched } from '../engine/batch-former.ts';
import { resized } from '../engine/instances.ts';
import type { Watched, Watcher } from '../engine/watcher.ts';
import { PoolSamples, type Window } from './pool-samples.ts';
import { RankedInstances } from './ranked-instances.ts';
import type { RecordedInstance, RecordedPath, RecordedRequest, RecordedTask } from './recorded.ts';
import { ServerLanes } from './server-lanes.ts';

/** What a recorder keeps. */
export interface Recording {
  /** Numbers of the requests, the most important first. */
  requests: readonly number[];
  /** When pools are watched. */
  windows: readonly Window[];
  /** Most tasks that are kept. */
  mostTasks: number;
}

const noServer = -1;

/** Records what the tasks of some requests did and on which server, and how busy pools were meanwhile. */
export class TaskRecorder implements Watcher {
  readonly samples: PoolSamples;
  readonly kept: RankedInstances<RecordedInstance>;
  /** By number. */
  readonly requests = new Map<number, RecordedRequest>();
  private readonly watched: Watched;
  private readonly lanes: ServerLanes;
  private readonly ranks: Map<number, number>;
  /** By handle: the server of the pool, and when the links began to pass a message. */
  private lane = new Int32Array(0);
  private sentS = new Float64Array(0);
  private receivedS = new Float64Array(0);
  /** By instance: which part of its job it is, or which batch. */
  private batch = new Int32Array(0);
  private sharedBatches = 0;
  private inherited = noServer;
  /** By request: what its envelope waits for. */
  private readonly pathsAtGate = new Map<number, RecordedPath>();

  constructor(watched: Watched, { requests, windows, mostTasks }: Recording) {
    this.watched = watched;
    this.ranks = new Map(requests.map((number, rank) => [number, rank]));
    this.lanes = new ServerLanes(watched.servers);
    this.samples = new PoolSamples(watched.servers.length, windows);
    this.kept = new RankedInstances(mostTasks);
  }

  waits(pool: number, count: number): void {
    this.samples.change(pool, 0, count, this.watched.queue.time);
  }

  starts(instance: number, task: number, pool: number): void {
    const { compiled, instances, jobs, queue } = this.watched;
    this.makeRoom();
    if (this.inherited === noServer) this.samples.change(pool, 1, 0, queue.time);
    const lane = this.inherited === noServer ? this.lanes.take(pool) : this.inherited;
    this.lane[instance * instances.taskCount + task] = lane;
    this.inherited = noServer;
    if (compiled.predecessors[task] > 0) return;
    const job = instances.job[instance];
    if (job === batched) this.batch[instance] = this.sharedBatches++;
    else this.batch[instance] = this.isEnvelope(instance, job) ? 0 : jobs.started[job] - 1;
  }

  handsOn(handle: number): void {
    this.inherited = this.lane[handle];
  }

  frees(handle: number, pool: number, isAwaited: boolean): void {
    this.lanes.free(pool, this.lane[handle]);
    this.samples.change(pool, -1, isAwaited ? -1 : 0, this.watched.queue.time);
  }

  sends(handle: number, beginsAt: number): void {
    this.makeRoom();
    this.sentS[handle] = beginsAt;
  }

  receives(handle: number, beginsAt: number): void {
    this.receivedS[handle] = beginsAt;
  }

  instanceDone(instance: number, lastTask: number): void {
    const { instances, jobs } = this.watched;
    const served = this.jobsOf(instance);
    const chosen = served.filter((job) => this.ranks.has(jobs.index[job]));
    if (chosen.length === 0) return;
    const tasks = this.tasksOf(instance);
    const job = instances.job[instance];
    const isEnvelope = job !== batched && this.isEnvelope(instance, job);
    const ending = chosen.filter((each) => jobs.finished[each] === jobs.instances[each]);
    if (ending.length > 0) {
      const path = this.criticalTasks(instance, lastTask, tasks);
      const cameAt = isEnvelope ? jobs.arrival : jobs.entered;
      for (const each of ending) {
        this.ends(each, { fromS: cameAt[each], isShared: job === batched, tasks: path }, isEnvelope);
      }
    }
    const rank = Math.min(...chosen.map((each) => this.ranks.get(jobs.index[each])!));
    const first = instance * instances.slotCount;
    this.kept.add(rank, {
      kind: job === batched ? 'shared batch' : isEnvelope ? 'envelope' : 'batch',
      batch: this.batch[instance],
      requests: served.map((each) => jobs.index[each]),
      replicas: [...instances.replica.subarray(first, first + instances.slotCount)],
      tasks: [...tasks.values()].sort((a, b) => a.startS - b.startS || a.task - b.task),
    });
  }

  /** A job's last instance is done; its envelope, if it has one, comes after the others. */
  private ends(job: number, path: RecordedPath, isEnvelope: boolean): void {
    const { compiled, jobs, queue } = this.watched;
    const number = jobs.index[job];
    if (compiled.gate >= 0 && !isEnvelope) {
      this.pathsAtGate.set(number, path);
      return;
    }
    const atGate = this.pathsAtGate.get(number);
    this.pathsAtGate.delete(number);
    this.requests.set(number, {
      candidates: jobs.size[job],
      endS: queue.time,
      instances: jobs.instances[job],
      path: { ...path, ...(atGate && { atGate }) },
    });
  }

  private jobsOf(instance: number): number[] {
    const { instances, former } = this.watched;
    const job = instances.job[instance];
    if (job !== batched) return [job];
    const jobs = new Set<number>();
    const { members } = former!;
    for (let node = members.firstOf(instance); node >= 0; node = members.next(node)) {
      jobs.add(members.jobOf(node));
    }
    return [...jobs];
  }

  /** By position in the graph; skipped tasks are left out. */
  private tasksOf(instance: number): Map<number, RecordedTask> {
    const { instances, compiled } = this.watched;
    const tasks = new Map<number, RecordedTask>();
    const firstWork = instance * instances.workCount;
    for (let task = 0; task < compiled.taskCount; task++) {
      if (instances.isSkipped(instance, task)) continue;
      const handle = instance * instances.taskCount + task;
      const work = instances.work.subarray(
        firstWork + compiled.workOffset[task],
        firstWork + compiled.workOffset[task + 1],
      );
      tasks.set(task, {
        task,
        readyS: instances.readyAt[handle],
        startS: compiled.isTransfer[task] === 1 ? instances.readyAt[handle] : instances.startAt[handle],
        endS: instances.endAt[handle],
        lane: this.lane[handle],
        sentS: this.sentS[handle],
        receivedS: this.receivedS[handle],
        work: [...work],
        isCritical: false,
      });
    }
    return tasks;
  }

  /** Those that the last task waited for, in their order; they are marked. */
  private criticalTasks(
    instance: number,
    lastTask: number,
    tasks: ReadonlyMap<number, RecordedTask>,
  ): RecordedTask[] {
    const { instances, compiled } = this.watched;
    const path: RecordedTask[] = [];
    for (let task = lastTask; ; task = instances.criticalPredecessor[instance * instances.taskCount + task]) {
      const recorded = tasks.get(task);
      if (recorded) {
        recorded.isCritical = true;
        path.unshift(recorded);
      }
      if (compiled.predecessors[task] === 0) return path;
    }
  }

  private isEnvelope(instance: number, job: number): boolean {
    const { compiled, jobs } = this.watched;
    return compiled.gate >= 0 && jobs.envelope[job] === instance;
  }

  /** The instances in flight may have become more. */
  private makeRoom(): void {
    const { instances } = this.watched;
    const handles = instances.readyAt.length;
    if (this.lane.length === handles) return;
    this.lane = resized(this.lane, handles);
    this.sentS = resized(this.sentS, handles);
    this.receivedS = resized(this.receivedS, handles);
    this.batch = resized(this.batch, instances.job.length);
  }
}
