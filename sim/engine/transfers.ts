import { firstByte, transferEnd } from './event-kinds.ts';
import type { EventQueue } from './event-queue.ts';
import type { Hosts } from './hosts.ts';
import type { Instances } from './instances.ts';
import type { SlotBinding } from './slot-binding.ts';
import type { CompiledGraph } from './task-graph.ts';
import type { Watcher } from './watcher.ts';

/** Messages under way between the links of two hosts, and what passes time on no resource at all. */
export class Transfers {
  private readonly compiled: CompiledGraph;
  private readonly instances: Instances;
  private readonly hosts: Hosts;
  private readonly binding: SlotBinding;
  private readonly queue: EventQueue;
  private readonly watcher: Watcher | undefined;

  constructor(
    compiled: CompiledGraph,
    instances: Instances,
    hosts: Hosts,
    binding: SlotBinding,
    queue: EventQueue,
    watcher: Watcher | undefined,
  ) {
    this.compiled = compiled;
    this.instances = instances;
    this.hosts = hosts;
    this.binding = binding;
    this.queue = queue;
    this.watcher = watcher;
  }

  /** The message queues at the sending link; its first byte reaches the other end one latency later. */
  start(instance: number, task: number, now: number): void {
    const { compiled, instances, hosts } = this;
    const handle = instance * instances.taskCount + task;
    const work = instance * instances.workCount + compiled.workOffset[task];
    if (compiled.resource[task] < 0) {
      this.queue.push(now + instances.work[work], (handle << 3) | transferEnd);
      return;
    }
    const link = this.binding.linkOf(instance, compiled.slot[task], compiled.resource[task]);
    this.binding.replicaOf(instance, compiled.toSlot[task]);
    const bytes = instances.work[work];
    const begins = hosts.occupyLink(link, bytes, now);
    this.watcher?.sends(handle, begins);
    const arrives = begins + instances.work[work + 1];
    instances.startAt[handle] = arrives + bytes * hosts.secondsPerByte[link];
    this.queue.push(arrives, (handle << 3) | firstByte);
  }

  /** Cut-through: the receiving link takes the message as it comes, once it is free, no faster than it was sent. */
  firstByteArrives(handle: number, now: number): void {
    const { compiled, instances, hosts } = this;
    const instance = (handle / instances.taskCount) | 0;
    const task = handle - instance * instances.taskCount;
    const link = this.binding.linkOf(instance, compiled.toSlot[task], compiled.toResource[task]);
    const bytes = instances.work[instance * instances.workCount + compiled.workOffset[task]];
    const begins = hosts.occupyLink(link, bytes, now);
    this.watcher?.receives(handle, begins);
    const lastByteSent = instances.startAt[handle];
    const end = Math.max(begins + bytes * hosts.secondsPerByte[link], lastByteSent);
    this.queue.push(end, (handle << 3) | transferEnd);
  }
}
