/**
 * A task graph template: what one instance (one batch of a request, one training step) does, on which
 * resources, in which order. The executor runs instances of it and knows nothing of what they mean.
 */
export interface TaskGraph {
  /** Names of what time is spent on; phases and waits refer to them by position. */
  components: string[];
  /** Kinds of host. A slot binds one replica of a group for an instance. */
  groups: HostGroup[];
  /** slots[0] is the entry slot: bound once per job. The others are bound when their first task is ready. */
  slots: Slot[];
  /** Tasks without predecessors compute on slot 0 (the envelope's on another); there are as many as entries. */
  tasks: Task[];
  /** Where an instance may enter: it takes one of these tasks and skips the others. Task 0 alone if absent. */
  entries?: number[];
  /**
   * What surrounds the instances of a job, on a tier in front of the entry's hosts: one instance more, which enters
   * at an entry of its own. When it gets to the gate, a delay, the job goes on to its other instances, on the
   * replica of slot 0 that the envelope is bound to; when they are done, the envelope goes on from the gate.
   */
  envelope?: { entry: number; gate: number };
}

/** Identical hosts; each has the same pools and links. */
export interface HostGroup {
  name: string;
  replicas: number;
  /**
   * Parts of the entry's hosts, such as their accelerators: so many of the replicas belong to each host, in order,
   * and an instance is bound to one of those of its own host.
   */
  perEntryHost?: number;
  policy: BalancingPolicy;
  pools: Pool[];
  links: Link[];
}

export type BalancingPolicy = 'random' | 'round-robin' | 'least-outstanding' | 'power-of-two';

/** Servers with one queue: cores, accelerator streams. Priority 0 goes first; FIFO within a priority. */
export interface Pool {
  name: string;
  servers: number;
  /** Units (bytes) per second that all servers share, and the most that one of them can draw. */
  shared?: { unitsPerS: number; unitsPerServerPerS: number };
}

/** One direction of a NIC or of a bus: messages pass one after the other. */
export interface Link {
  name: string;
  bytesPerS: number;
}

export interface Slot {
  group: number;
  /** The slot counts as outstanding work of its replica until this task is done (entry slot: until the job is). */
  releasedBy: number;
}

export type Task = ComputeTask | TransferTask | DelayTask;

/** Occupies one server of a pool for the sum of its phases. */
export interface ComputeTask {
  kind: 'compute';
  name: string;
  after: number[];
  slot: number;
  pool: number;
  priority: number;
  /** Takes over the server of its only predecessor instead of queueing. */
  chained?: boolean;
  /** Keeps its server until this later task is done. */
  holdsUntil?: number;
  /** Component that waiting for a server counts as. */
  waitComponent: number;
  /** Durations in seconds, one per phase; a shared phase (at most one) has units instead. */
  phases: { component: number; shared?: boolean }[];
}

/** Moves bytes from a link of one slot to a link of another, then over a latency. Its work is [bytes, latency s]. */
export interface TransferTask {
  kind: 'transfer';
  name: string;
  after: number[];
  from: { slot: number; link: number };
  to: { slot: number; link: number };
  component: number;
}

/** Time that passes on no resource. Its work is its seconds. */
export interface DelayTask {
  kind: 'delay';
  name: string;
  after: number[];
  component: number;
}

/** Values of work that one task needs: seconds or units per phase, bytes and latency, or a delay. */
export function workValues(task: Task): number {
  if (task.kind === 'delay') return 1;
  return task.kind === 'compute' ? task.phases.length : 2;
}

/** First work value of each task of an instance; the last entry is the number of values in all. */
export function workOffsets(tasks: Task[]): Int32Array {
  const offsets = new Int32Array(tasks.length + 1);
  tasks.forEach((task, index) => {
    offsets[index + 1] = offsets[index] + workValues(task);
  });
  return offsets;
}

/** The graph flattened into typed arrays, as the executor's inner loop reads it. */
export interface CompiledGraph {
  taskCount: number;
  entries: Int32Array;
  /** The task at which an envelope waits for the job's other instances, or -1. */
  gate: number;
  /** Transfers, and delays among them. */
  isTransfer: Uint8Array;
  /** Slot, and resource inside its group: a pool, the sending link, or -1 for a delay. */
  slot: Int32Array;
  resource: Int32Array;
  toSlot: Int32Array;
  toResource: Int32Array;
  priority: Uint8Array;
  /** Component of waiting (compute) or of the whole task (transfer). */
  waitComponent: Uint8Array;
  workOffset: Int32Array;
  phaseComponent: Uint8Array;
  /** Position of the shared phase among the instance's work values, or -1. */
  sharedPhase: Int32Array;
  predecessors: Int32Array;
  successorStart: Int32Array;
  successors: Int32Array;
  /** The task that takes over this one's server, or -1. */
  chainNext: Int32Array;
  /** Whether a task keeps its server when it ends; and the task whose server ends with this one, or -1. */
  holds: Uint8Array;
  freesServerOf: Int32Array;
  /** The first slot that a task releases, and the next one that is released with a slot; or -1. */
  releases: Int32Array;
  nextRelease: Int32Array;
}

/**
 * Flattens a graph.
 * @throws Error when the graph breaks its own rules (a compiler bug, not a user's mistake).
 */
export function compileGraph({ tasks, slots, entries = [0], envelope }: TaskGraph): CompiledGraph {
  const count = tasks.length;
  const workOffset = workOffsets(tasks);
  const compiled: CompiledGraph = {
    taskCount: count,
    entries: Int32Array.from(entries),
    gate: envelope?.gate ?? -1,
    isTransfer: Uint8Array.from(tasks, (task) => (task.kind === 'compute' ? 0 : 1)),
    slot: Int32Array.from(tasks, (task) => (task.kind === 'transfer' ? task.from.slot : slotOf(task))),
    resource: Int32Array.from(tasks, (task) => (task.kind === 'transfer' ? task.from.link : poolOf(task))),
    toSlot: Int32Array.from(tasks, (task) => (task.kind === 'transfer' ? task.to.slot : -1)),
    toResource: Int32Array.from(tasks, (task) => (task.kind === 'transfer' ? task.to.link : -1)),
    priority: Uint8Array.from(tasks, (task) => (task.kind === 'compute' ? task.priority : 0)),
    waitComponent: Uint8Array.from(tasks, (task) =>
      task.kind === 'compute' ? task.waitComponent : task.component,
    ),
    workOffset,
    phaseComponent: new Uint8Array(workOffset[count]),
    sharedPhase: new Int32Array(count).fill(-1),
    predecessors: Int32Array.from(tasks, (task) => task.after.length),
    successorStart: new Int32Array(count + 1),
    successors: new Int32Array(tasks.reduce((sum, task) => sum + task.after.length, 0)),
    chainNext: new Int32Array(count).fill(-1),
    holds: Uint8Array.from(tasks, (task) =>
      task.kind === 'compute' && task.holdsUntil !== undefined ? 1 : 0,
    ),
    freesServerOf: new Int32Array(count).fill(-1),
    releases: new Int32Array(count).fill(-1),
    nextRelease: new Int32Array(slots.length).fill(-1),
  };
  checkShape(tasks, entries, envelope);
  fillPhases(tasks, compiled);
  fillSuccessors(tasks, compiled);
  fillHolds(tasks, compiled);
  slots.forEach(({ releasedBy }, index) => {
    if (index === 0) return;
    compiled.nextRelease[index] = compiled.releases[releasedBy];
    compiled.releases[releasedBy] = index;
  });
  return compiled;
}

/** A delay takes nothing of any host; it stands under slot 0. */
function slotOf(task: ComputeTask | DelayTask): number {
  return task.kind === 'compute' ? task.slot : 0;
}

function poolOf(task: ComputeTask | DelayTask): number {
  return task.kind === 'compute' ? task.pool : -1;
}

function checkShape(tasks: Task[], entries: number[], envelope: TaskGraph['envelope']): void {
  tasks.forEach((task, index) => {
    const isRoot = task.after.length === 0;
    if (isRoot !== entries.includes(index)) {
      throw new Error(`task ${entries.join(' or ')} must be the only root; task ${index} breaks this`);
    }
    if (task.after.some((before) => before >= index))
      throw new Error(`task ${index} precedes its predecessor`);
  });
  entries.forEach((entry, position) => {
    const root = tasks[entry];
    const isEnvelope = position === envelope?.entry;
    if (root.kind !== 'compute' || (root.slot === 0) === isEnvelope) {
      throw new Error(`task ${entry} must compute on ${isEnvelope ? 'another slot than 0' : 'slot 0'}`);
    }
  });
  if (envelope && tasks[envelope.gate]?.kind !== 'delay') throw new Error('the gate must be a delay');
}

function fillPhases(tasks: Task[], { workOffset, phaseComponent, sharedPhase }: CompiledGraph): void {
  tasks.forEach((task, index) => {
    if (task.kind !== 'compute') return;
    task.phases.forEach((phase, position) => {
      phaseComponent[workOffset[index] + position] = phase.component;
      if (!phase.shared) return;
      if (sharedPhase[index] >= 0) throw new Error(`task ${task.name} has two shared phases`);
      sharedPhase[index] = workOffset[index] + position;
    });
  });
}

function fillSuccessors(tasks: Task[], { successorStart, successors, chainNext }: CompiledGraph): void {
  for (const task of tasks) for (const before of task.after) successorStart[before + 1]++;
  for (let index = 0; index < tasks.length; index++) successorStart[index + 1] += successorStart[index];
  const next = successorStart.slice();
  tasks.forEach((task, index) => {
    for (const before of task.after) successors[next[before]++] = index;
    if (task.kind !== 'compute' || !task.chained) return;
    const [before] = task.after;
    const predecessor = tasks[before];
    const sameServer =
      predecessor?.kind === 'compute' && predecessor.slot === task.slot && predecessor.pool === task.pool;
    if (task.after.length !== 1 || !sameServer || chainNext[before] >= 0) {
      throw new Error(`task ${task.name} cannot take over the server of its predecessor`);
    }
    chainNext[before] = index;
  });
}

function fillHolds(tasks: Task[], { chainNext, freesServerOf }: CompiledGraph): void {
  tasks.forEach((task, index) => {
    if (task.kind !== 'compute' || task.holdsUntil === undefined) return;
    const { holdsUntil, name } = task;
    if (chainNext[index] >= 0 || holdsUntil <= index || freesServerOf[holdsUntil] !== -1) {
      throw new Error(`task ${name} cannot hold its server until task ${holdsUntil}`);
    }
    freesServerOf[holdsUntil] = index;
  });
}
