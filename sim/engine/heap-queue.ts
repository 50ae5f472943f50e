/**
 * Event list for few pending events: a 4-ary heap on typed arrays. `pop` leaves the root open and the next
 * `push` fills it, so the usual pop-then-push costs one walk down instead of a walk down and a walk up.
 *
 * Order: by time; simultaneous events leave in the order in which they were pushed, exactly. A sequence
 * number per event breaks ties; it is looked at only when two times are equal.
 *
 * Layout: node i has the children 4i+1 … 4i+4. Slots behind the last node hold the time Infinity, so the
 * choice of the least child always reads four times and needs no test for the end. Source of the technique:
 * LaMarca and Ladner, "The influence of caches on the performance of heaps" (1996), d-heaps.
 */
export class HeapQueue {
  /** Time of the last popped event, in the caller's unit; 0 before the first pop. */
  time = 0;
  /** Pending events. */
  size = 0;
  private times: Float64Array;
  /** Two integers a node: sequence number, payload. */
  private keys: Int32Array;
  private capacity: number;
  private sequence = 0;
  /** 1 while the root has been popped and not yet refilled; nodes in use are then `size + 1`. */
  private open = 0;

  constructor(capacity = 64) {
    this.capacity = Math.max(8, capacity);
    this.times = new Float64Array(this.capacity + 4).fill(Number.POSITIVE_INFINITY);
    this.keys = new Int32Array(2 * (this.capacity + 4));
  }

  /**
   * @param time finite and not below the time of the last pop; not checked here
   * @param payload integer in [0, 2³¹)
   */
  push(time: number, payload: number): void {
    if (this.sequence === MAX_SEQUENCE) this.renumber();
    const sequence = this.sequence++;
    const size = this.size++;
    if (this.open === 1) {
      this.open = 0;
      this.siftDown(time, sequence, payload, size + 1);
    } else {
      if (size === this.capacity) this.grow();
      this.siftUp(time, sequence, payload, size);
    }
  }

  /** Takes the earliest event: its payload, or -1 when there is none. Its time is then `this.time`. */
  pop(): number {
    if (this.open === 1) this.close();
    if (this.size === 0) return -1;
    this.size--;
    this.open = 1;
    this.time = this.times[0];
    return this.keys[1];
  }

  /** Time of the earliest event, Infinity when there is none. */
  peekTime(): number {
    if (this.open === 0) return this.times[0];
    const { times } = this;
    return Math.min(Math.min(times[1], times[2]), Math.min(times[3], times[4]));
  }

  /** Drops all events and sets the clock back to 0; keeps the memory. */
  clear(): void {
    this.times.fill(Number.POSITIVE_INFINITY, 0, this.size + this.open);
    this.time = this.size = this.open = this.sequence = 0;
  }

  /** Fills the open root with the last node. */
  private close(): void {
    const { times, keys } = this;
    const last = this.size;
    this.open = 0;
    const time = times[last];
    times[last] = Number.POSITIVE_INFINITY;
    if (last > 0) this.siftDown(time, keys[2 * last], keys[2 * last + 1], last);
  }

  /** Puts an event at the root or below it, in a heap whose root is open and which then has `size` nodes. */
  private siftDown(time: number, sequence: number, payload: number, size: number): void {
    const { times, keys } = this;
    let node = 0;
    for (let child = 1; child < size; child = 4 * node + 1) {
      // Branch-free: which child is least is a coin toss that no branch predictor wins.
      const left = child + asInt(times[child + 1] < times[child]);
      const right = child + 2 + asInt(times[child + 3] < times[child + 2]);
      let least = times[right] < times[left] ? right : left;
      let leastTime = times[least];
      if (tied(times, child, leastTime)) {
        least = firstPushed(times, keys, child, leastTime);
        leastTime = times[least];
      }
      if (time < leastTime || (time === leastTime && sequence < keys[2 * least])) break;
      times[node] = leastTime;
      keys[2 * node] = keys[2 * least];
      keys[2 * node + 1] = keys[2 * least + 1];
      node = least;
    }
    times[node] = time;
    keys[2 * node] = sequence;
    keys[2 * node + 1] = payload;
  }

  /** Puts a newly pushed event at `node` or above; it is the youngest, so it never passes an equal time. */
  private siftUp(time: number, sequence: number, payload: number, last: number): void {
    const { times, keys } = this;
    let node = last;
    while (node > 0) {
      const parent = (node - 1) >> 2;
      if (times[parent] <= time) break;
      times[node] = times[parent];
      keys[2 * node] = keys[2 * parent];
      keys[2 * node + 1] = keys[2 * parent + 1];
      node = parent;
    }
    times[node] = time;
    keys[2 * node] = sequence;
    keys[2 * node + 1] = payload;
  }

  private grow(): void {
    this.capacity *= 2;
    const times = new Float64Array(this.capacity + 4).fill(Number.POSITIVE_INFINITY);
    const keys = new Int32Array(2 * (this.capacity + 4));
    times.set(this.times.subarray(0, this.size));
    keys.set(this.keys);
    this.times = times;
    this.keys = keys;
  }

  /** Starts the sequence numbers anew once in 2³¹ pushes, in the order of leaving, which keeps every tie. */
  private renumber(): void {
    const clock = this.time;
    const pending: [number, number][] = [];
    for (let payload = this.pop(); payload >= 0; payload = this.pop()) pending.push([this.time, payload]);
    this.clear();
    for (const [time, payload] of pending) this.push(time, payload);
    this.time = clock;
  }
}

const MAX_SEQUENCE = 2 ** 31 - 1;

/** A comparison as 0 or 1 without a branch. */
function asInt(comparison: boolean): number {
  return (comparison as unknown as number) | 0;
}

/** Whether more than one of the four children has the least time. */
function tied(times: Float64Array, child: number, least: number): boolean {
  const equal =
    asInt(times[child] === least) +
    asInt(times[child + 1] === least) +
    asInt(times[child + 2] === least) +
    asInt(times[child + 3] === least);
  return equal > 1;
}

/** Of the children with the least time, the one pushed first. */
function firstPushed(times: Float64Array, keys: Int32Array, child: number, least: number): number {
  let first = -1;
  for (let i = child; i < child + 4; i++)
    if (times[i] === least && (first < 0 || keys[2 * i] < keys[2 * first])) first = i;
  return first;
}
