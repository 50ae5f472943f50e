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

/** What a job's instances need. `fill` is called once per instance, so it must not allocate. */
export interface Demand {
  /** Instances (batches) of a job of this size; at least 1. */
  instances(size: number): number;
  /**
   * Writes all work values of instance `part` of the job from `work[offset]` on. A negative first value of a
   * task other than task 0 skips it.
   */
  fill(jobIndex: number, size: number, part: number, work: Float64Array, offset: number): void;
}

/** Told about each finished job. Times in seconds; `path` holds the seconds of its critical path by component. */
export interface Observer {
  jobDone(jobIndex: number, arrival: number, latency: number, path: Float64Array): void;
}
