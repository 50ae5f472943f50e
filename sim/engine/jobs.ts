import { resized } from './instances.ts';

/** Jobs (requests) that have arrived or are about to, in reused typed arrays. */
export class Jobs {
  private capacity = 0;
  private firstFree = -1;
  /** Sequence number of the job: the n-th drawn from its source. */
  index = new Float64Array(0);
  size = new Float64Array(0);
  arrival = new Float64Array(0);
  /** When it got to the entry's hosts: its arrival, or when its envelope came to the gate. */
  entered = new Float64Array(0);
  /** Instances of the graph that the job needs, has started and has finished. */
  instances = new Int32Array(0);
  started = new Int32Array(0);
  finished = new Int32Array(0);
  replica = new Int32Array(0);
  /** Which of the graph's entries it takes. */
  entry = new Int32Array(0);
  /** The instance that surrounds its others, where the graph has an envelope. */
  envelope = new Int32Array(0);
  nextInQueue = new Int32Array(0);
  private nextFree = new Int32Array(0);

  constructor() {
    this.grow(64);
  }

  allocate(index: number, size: number, arrival: number, instances: number, entry: number): number {
    if (this.firstFree < 0) this.grow(this.capacity * 2);
    const job = this.firstFree;
    this.firstFree = this.nextFree[job];
    this.index[job] = index;
    this.size[job] = size;
    this.arrival[job] = arrival;
    this.entered[job] = arrival;
    this.instances[job] = instances;
    this.entry[job] = entry;
    this.started[job] = 0;
    this.finished[job] = 0;
    return job;
  }

  release(job: number): void {
    this.nextFree[job] = this.firstFree;
    this.firstFree = job;
  }

  private grow(capacity: number): void {
    this.index = resized(this.index, capacity);
    this.size = resized(this.size, capacity);
    this.arrival = resized(this.arrival, capacity);
    this.entered = resized(this.entered, capacity);
    this.instances = resized(this.instances, capacity);
    this.started = resized(this.started, capacity);
    this.finished = resized(this.finished, capacity);
    this.replica = resized(this.replica, capacity);
    this.entry = resized(this.entry, capacity);
    this.envelope = resized(this.envelope, capacity);
    this.nextInQueue = resized(this.nextInQueue, capacity);
    this.nextFree = resized(this.nextFree, capacity);
    for (let job = capacity - 1; job >= this.capacity; job--) this.release(job);
    this.capacity = capacity;
  }
}
