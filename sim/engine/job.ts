/** Where jobs come from. Open sources draw the next arrival when one arrives, closed ones when a job ends. */
export interface JobSource {
  /** Jobs in flight that the source keeps up; undefined for an open source. */
  readonly clients?: number;
  /** Arrival time (s) and size (candidates) of the job drawn last. */
  time: number;
  size: number;
  /** Draws the next job, not before `now`; false when there are no more. */
  draw(now: number): boolean;
}

/**
 * Whom one instance works for: a part of one job, or parts of several that were batched, in the order in which
 * they came. The arrays are reused; only their first `count` entries mean something.
 */
export interface Members {
  count: number;
  /** Sequence numbers of the jobs, and their sizes. */
  jobIndex: Float64Array;
  size: Float64Array;
  /** Which part of its job this is, from 0. */
  part: Int32Array;
}

/** Room for one member; lists of more replace the arrays by longer ones. */
export function oneMember(): Members {
  return {
    count: 1,
    jobIndex: new Float64Array(1),
    size: new Float64Array(1),
    part: new Int32Array(1),
  };
}

/** What a job's instances need. `fill` is called once per instance, so it must not allocate. */
export interface Demand {
  /** Instances (batches) of a job of this size, or parts that join batches; at least 1. */
  instances(size: number): number;
  /** Which of the graph's entries a job of this size takes; the first where this is absent. */
  entry?(size: number): number;
  /**
   * Writes all work values of an instance from `work[offset]` on. A negative first value of a task skips it; the
   * task where the instance enters cannot be skipped, other entries must be, with all that follows from them.
   */
  fill(members: Members, entry: number, work: Float64Array, offset: number): void;
}

/** Told about each finished job. Times in seconds; `path` holds the seconds of its critical path by component. */
export interface Observer {
  jobDone(jobIndex: number, arrival: number, latency: number, path: Float64Array): void;
}
