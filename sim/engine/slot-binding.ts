import type { Hosts } from './hosts.ts';
import type { Instances } from './instances.ts';
import type { CompiledGraph, Slot } from './task-graph.ts';

/** Which replica each slot of an instance is bound to, and so which pool or link its tasks use. */
export class SlotBinding {
  private readonly slots: readonly Slot[];
  private readonly compiled: CompiledGraph;
  private readonly instances: Instances;
  private readonly hosts: Hosts;
  /** By task: its pool on replica 0 of its slot's group, and how far those of two replicas lie apart. */
  private readonly firstPool: Int32Array;
  private readonly poolStride: Int32Array;

  constructor(slots: readonly Slot[], compiled: CompiledGraph, instances: Instances, hosts: Hosts) {
    this.slots = slots;
    this.compiled = compiled;
    this.instances = instances;
    this.hosts = hosts;
    const { slot, resource } = compiled;
    const poolAt = (task: number, replica: number) =>
      hosts.poolAt(slots[slot[task]].group, replica, resource[task]);
    this.firstPool = Int32Array.from(resource, (_, task) => poolAt(task, 0));
    this.poolStride = this.firstPool.map((first, task) => poolAt(task, 1) - first);
  }

  /** Binds the entry slot for a whole job. */
  chooseEntry(): number {
    return this.hosts.choose(this.slots[0].group);
  }

  /** The job bound by `chooseEntry` is done. */
  releaseEntry(replica: number): void {
    this.hosts.unchoose(this.slots[0].group, replica);
  }

  /** The pool of an entry task on a replica of the entry slot. */
  entryPool(task: number, replica: number): number {
    return this.firstPool[task] + replica * this.poolStride[task];
  }

  /** The replica of a slot; chosen by the group's policy when it is first asked for. */
  replicaOf(instance: number, slot: number): number {
    const { replica, slotCount } = this.instances;
    const at = instance * slotCount + slot;
    if (replica[at] < 0) {
      replica[at] = this.hosts.choose(this.slots[slot].group, replica[instance * slotCount]);
    }
    return replica[at];
  }

  poolOf(instance: number, task: number): number {
    return this.firstPool[task] + this.replicaOf(instance, this.compiled.slot[task]) * this.poolStride[task];
  }

  linkOf(instance: number, slot: number, link: number): number {
    return this.hosts.linkAt(this.slots[slot].group, this.replicaOf(instance, slot), link);
  }

  /** Gives up the slots that a finished task releases, those that were bound. */
  releaseAfter(instance: number, task: number): void {
    const { releases, nextRelease } = this.compiled;
    for (let slot = releases[task]; slot >= 0; slot = nextRelease[slot]) {
      const replica = this.instances.replica[instance * this.instances.slotCount + slot];
      if (replica >= 0) this.hosts.unchoose(this.slots[slot].group, replica);
    }
  }
}
