import { sharedEnd } from './event-kinds.ts';
import type { EventQueue } from './event-queue.ts';
import type { Hosts } from './hosts.ts';
import type { Instances } from './instances.ts';
import type { CompiledGraph } from './task-graph.ts';

/** Phases of tasks that draw on the shared bandwidth of their pool. */
export class SharedPhases {
  private readonly compiled: CompiledGraph;
  private readonly instances: Instances;
  private readonly hosts: Hosts;
  private readonly queue: EventQueue;

  constructor(compiled: CompiledGraph, instances: Instances, hosts: Hosts, queue: EventQueue) {
    this.compiled = compiled;
    this.instances = instances;
    this.hosts = hosts;
    this.queue = queue;
  }

  join(pool: number, handle: number, units: number, now: number): void {
    const bandwidth = this.hosts.shared[pool];
    if (!bandwidth) throw new Error('a shared phase needs a pool with shared bandwidth');
    const before = bandwidth.nextEnd;
    this.instances.endAt[handle] = now;
    bandwidth.join(handle, units, now);
    if (bandwidth.nextEnd !== before) this.queue.push(bandwidth.nextEnd, (pool << 3) | sharedEnd);
  }

  /** The handle of the task whose shared phase ends now, or -1 if the event was overtaken by a change of rate. */
  leave(pool: number, now: number): number {
    const { compiled, instances } = this;
    const bandwidth = this.hosts.shared[pool]!;
    if (bandwidth.nextEnd !== now) return -1;
    const handle = bandwidth.leave(now);
    if (bandwidth.nextEnd < Number.POSITIVE_INFINITY) {
      this.queue.push(bandwidth.nextEnd, (pool << 3) | sharedEnd);
    }
    const instance = (handle / instances.taskCount) | 0;
    const task = handle - instance * instances.taskCount;
    // The units have become seconds: what is accounted from here on is time.
    instances.work[instance * instances.workCount + compiled.sharedPhase[task]] =
      now - instances.endAt[handle];
    return handle;
  }
}
