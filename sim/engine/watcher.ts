import type { BatchFormer } from './batch-former.ts';
import type { EventQueue } from './event-queue.ts';
import type { Instances } from './instances.ts';
import type { Jobs } from './jobs.ts';
import type { CompiledGraph } from './task-graph.ts';

/** What a watcher may look at while the executor runs. It changes nothing of it. */
export interface Watched {
  compiled: CompiledGraph;
  instances: Instances;
  jobs: Jobs;
  /** Servers of every pool of every replica, as `Hosts` counts them. */
  servers: Int32Array;
  former: BatchFormer | undefined;
  /** Its time is that of the event being handled. */
  queue: EventQueue;
}

/**
 * Sees each task of a run where it happens, for a trace. Ordinary runs have none and pay one comparison for each call.
 * A handle is `instance × tasks of the graph + task`.
 */
export interface Watcher {
  /** So many instances begin to wait for a server of a pool. */
  waits(pool: number, count: number): void;
  /** A task starts on a server of a pool. */
  starts(instance: number, task: number, pool: number): void;
  /** A task is done, and the one that starts next takes over its server. */
  handsOn(handle: number): void;
  /** The server that a task held goes to the first in line, or is free where nobody waits for it. */
  frees(handle: number, pool: number, isAwaited: boolean): void;
  /** A message begins to pass a link at this time (s): that of its sender, later that of its receiver. */
  sends(handle: number, beginsAt: number): void;
  receives(handle: number, beginsAt: number): void;
  /** All tasks of an instance are done, `lastTask` last; its jobs have counted it, and nothing is released yet. */
  instanceDone(instance: number, lastTask: number): void;
}
