import type { Hosts } from './hosts.ts';
import type { Instances } from './instances.ts';
import type { CompiledGraph, Slot } from './task-graph.ts';

/** Which replica each slot of an instance is bound to, and so which pool or link its tasks use. */
export class SlotBinding {
  private readonly slots: readonly Slot[];
  private readonly compiled: CompiledGraph;
  private readonly instances: Instances;
  private readonly hosts: Hosts;

  constructor(slots: readonly Slot[], compiled: CompiledGraph, instances: Instances, hosts: Hosts) {
    this.slots = slots;
    this.compiled = compiled;
    this.instances = instances;
    this.hosts = hosts;
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
    return this.hosts.poolAt(this.slots[0].group, replica, this.compiled.resource[task]);
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
    const slot = this.compiled.slot[task];
    return this.hosts.poolAt(
      this.slots[slot].group,
      this.replicaOf(instance, slot),
      this.compiled.resource[task],
    );
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
