/** Tasks as the executor ran them, named by their positions in the graph. Times in seconds. */

export interface RecordedTask {
  task: number;
  readyS: number;
  startS: number;
  endS: number;
  /** Server of the pool, of a task that computes. */
  lane: number;
  /** When the links of sender and receiver began to pass a message. */
  sentS: number;
  receivedS: number;
  /** Work values of the task, shared phases in seconds. */
  work: number[];
  isCritical: boolean;
}

export interface RecordedInstance {
  kind: 'batch' | 'shared batch' | 'envelope';
  /** Part of its request; number of a shared batch in order of start; 0 for an envelope. */
  batch: number;
  /** Numbers of those that it serves. */
  requests: number[];
  /** Replica of each slot, -1 where it was never bound. */
  replicas: number[];
  tasks: RecordedTask[];
}

/** What a request waited for last, traced back to its arrival. */
export interface RecordedPath {
  /** When the request came to the first of the tasks: what is before its start is waiting. */
  fromS: number;
  isShared: boolean;
  /** In the order in which they ran; the first is an entry of the graph. */
  tasks: RecordedTask[];
  /** What stands in the place of the gate, where the tasks are those of an envelope. */
  atGate?: RecordedPath;
}

/** What was recorded of one request. */
export interface RecordedRequest {
  candidates: number;
  endS: number;
  instances: number;
  path: RecordedPath;
}
