import type { Component } from '../serving/components.ts';

export type { Component } from '../serving/components.ts';

/** Version of the format of a trace; it changes when a field changes its meaning. */
export const traceVersion = 1;

/**
 * What happened to some requests of one replication of an arm: plain data. Times are simulated, in seconds since the
 * replication began: arms that draw the same requests meet them at the same times.
 */
export interface ArmTrace {
  format: 'rankfleet-trace';
  version: typeof traceVersion;
  arm: string;
  seed: number;
  replication: number;
  /** Each replica of each group: tier in front, main hosts, shards. Only those with threads served these requests. */
  hosts: TracedHost[];
  /** The most important first: the slowest, the median, then the first. */
  requests: TracedRequest[];
  /** Those of the first request first, each in the order in which they were done. */
  instances: TracedInstance[];
  counters: PoolCounter[];
  leftOut: LeftOut;
}

export interface TracedHost {
  name: string;
  threads: TracedThread[];
}

/** A server of a pool (a core, a stream, an accelerator) or a direction of a NIC: does one thing at a time. */
export interface TracedThread {
  name: string;
  /** What waits for it waits for this: `cores`. */
  resource: string;
  /** Threads of a host are shown in this order. */
  order: number;
}

export type Reason = 'slowest' | 'median' | 'first';

export interface TracedRequest {
  /** Position among all requests of the replication, from 0, those of the warm-up counted. */
  number: number;
  why: Reason[];
  arrivalS: number;
  endS: number;
  latencyS: number;
  candidates: number;
  /** Batches of its own, or shared ones that it is part of. */
  batches: number;
  rpcs: number;
  /** Seconds of its critical path, as the simulation accounts for them; components without time are left out. */
  components: Part[];
  /** The critical path in order of time, from arrival to completion. */
  path: PathStep[];
}

export interface Part {
  component: Component;
  seconds: number;
}

/**
 * A step of a critical path. At a gate a request waits for its batches, whose steps follow within its time; all other
 * steps follow one another without a gap.
 */
export interface PathStep {
  kind: 'wait' | 'task' | 'gate';
  name: string;
  fromS: number;
  toS: number;
  /** What the time counts as, in order; nothing at a gate. */
  parts: Part[];
}

/** One run through the task graph. */
export interface TracedInstance {
  /** A batch of one request, a batch of parts of several, or what a tier in front does for a whole request. */
  kind: 'batch' | 'shared batch' | 'envelope';
  /** Which batch of its request, from 0; of all batches in order of start where they are shared. */
  batch: number;
  /** Numbers of the requests that it serves. */
  requests: number[];
  tasks: TracedTask[];
  messages: Message[];
}

export interface TracedTask {
  name: string;
  /** When all before it was done, when it had what it waited for, and when it was done itself (s). */
  readyS: number;
  startS: number;
  endS: number;
  parts: Part[];
  /** What a message carries. */
  bytes?: number;
  /** Where it stood: one server, the links of sender and receiver, or nothing for a delay. */
  on: Occupation[];
  /** Whether a request of the trace waited for it. */
  isCritical: boolean;
}

export interface Occupation {
  /** Position among the hosts, and among the threads of the host. */
  host: number;
  thread: number;
  /** Until a server is handed back, which may be later than the task is done. */
  fromS: number;
  toS: number;
  /** How long it waited for this before (s). */
  waitS: number;
}

/** Tasks that a message passes through, in order: an RPC goes to a shard and comes back. */
export interface Message {
  kind: 'rpc' | 'message';
  /** Positions among the tasks of the instance. */
  tasks: number[];
}

/** How many servers of a pool were busy, and how many tasks waited for one. Each value holds until the next time. */
export interface PoolCounter {
  host: number;
  name: string;
  timesS: number[];
  busy: number[];
  queued: number[];
}

/** What was chosen and is not there, since a trace holds so many tasks and values only. */
export interface LeftOut {
  /** Whole requests, by their numbers. */
  requests: number[];
  /** Batches of requests that are there, those done first. */
  batches: number;
  /** Counters of pools that the tasks ran on. */
  counters: number;
}
