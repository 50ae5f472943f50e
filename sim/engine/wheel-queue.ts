import { HeapQueue } from './heap-queue.ts';

const CHUNK_BITS = 5;
const CHUNK = 1 << CHUNK_BITS;
const FAR = 3 * 256;
/** Ticks in a window. */
const TICKS = 2 ** 24;
/** Events wanted in a tick: fewer cost more buckets, more cost more sorting. */
const IDEAL = 6;
/** An event that would move this many others in the run goes to the heap instead. */
const SHORT = 32;
const SAMPLE = 32;
/** Events before the width is reviewed for the first time. */
const FIRST_REVIEW = 1024;

/**
 * Event list for many pending events: a ladder queue (Tang, Goh and Thng 2005) laid out as a wheel of three
 * levels of 256 buckets (Varghese and Lauck 1987). A bucket of level 0 is one tick wide, of level 1 256
 * ticks, of level 2 65 536. Events are appended to a bucket and only moved to a finer level when the clock
 * reaches it; a bucket of level 0 is sorted when reached and becomes the *run*, from which `pop` takes.
 *
 * Order: by time; simultaneous events leave in the order in which they were pushed, exactly. It costs
 * nothing: events of one time share a tick, which bucket a tick is in depends only on the tick and on where
 * the clock stands, and every move appends in the order of the old bucket.
 *
 * Guards, since a bare bucket queue degenerates on many delay shapes:
 * - an event pushed at the current time goes into a first-in first-out *lane*;
 * - a bucket that is crowded and not already in order is served by a heap (the *late* events), and so are
 *   events pushed far into the run: no event costs more than O(log n);
 * - the width of a tick follows the observed rate of events, or the gaps inside crowded buckets if that
 *   proves to be less work; each re-tuning makes the next one wait longer;
 * - events beyond the window of 2²⁴ ticks wait in one bucket; a window that drains too little of it to pay
 *   for looking through it is followed by a wider one.
 *
 * Storage is chunks of 32 events in typed arrays, taken from and returned to a free list: nothing is
 * allocated per event once the arrays have grown to the largest number pending.
 */
export class WheelQueue {
  /** Time of the last popped event, in the caller's unit; 0 before the first pop. */
  time = 0;
  /** Pending events. */
  size = 0;
  /** Elements moved, plus the levels of heap walked for late events: the work done, in place of a clock. */
  work = 0;

  // Chunks: events 32c … 32c+31 and the chunk after it, in its bucket or in the free list. Chunk 0 is none.
  private times = new Float64Array(64 * CHUNK);
  private payloads = new Int32Array(64 * CHUNK);
  private next = new Int32Array(64);
  private free = 0;
  private fresh = 1;

  // Buckets: level·256 + slot, then the far bucket. A tail is where the next event goes; 0 is an empty bucket.
  private readonly heads = new Int32Array(FAR + 1);
  private readonly tails = new Int32Array(FAR + 1);
  private readonly occupied = new Int32Array(FAR / 32 + 1);

  // The window: tick = (time - base) · ticksPerUnit. Ticks below `activeEnd` belong to the run.
  private base = 0;
  private ticksPerUnit = 1;
  private current = 0;
  private activeEnd = Number.NEGATIVE_INFINITY;
  private windowEnd = Number.NEGATIVE_INFINITY;

  // The run, in order from runHead to runEnd; `aside` counts the events in the lane and the late heap.
  private runTimes = new Float64Array(64);
  private runPayloads = new Int32Array(64);
  private runHead = 0;
  private runEnd = 0;
  private aside = 0;
  private lane = new Int32Array(64);
  private laneHead = 0;
  private laneSize = 0;
  private readonly late = new HeapQueue();

  // Tuning: what was seen since the last review, and the width of a tick (0: not known yet).
  private width = 0;
  private handled = 0;
  private handledLate = 0;
  private handledAtWindow = 0;
  private crowdedGap = 0;
  private reviewStart = 0;
  private workAtReview = 0;
  private reviewAfter = FIRST_REVIEW;
  private patience = 1;
  /** Work per event before the trial of a width taken from the gaps; 0 while the width follows the rate. */
  private effortBeforeTrial = 0;
  private trialIn = 0;
  private trialPause = 2;
  private readonly sample = new Float64Array(SAMPLE);

  /**
   * @param time finite and not below the time of the last pop; not checked here
   * @param payload integer in [0, 2³¹)
   */
  push(time: number, payload: number): void {
    this.size++;
    const tick = (time - this.base) * this.ticksPerUnit;
    if (tick < this.activeEnd) this.pushActive(time, payload);
    else this.append(this.bucketOf(tick), time, payload);
  }

  /** Takes the earliest event: its payload, or -1 when there is none. Its time is then `this.time`. */
  pop(): number {
    if (this.aside !== 0 || this.runHead === this.runEnd) {
      if (this.size === 0) return -1;
      if (this.aside === 0) this.advance();
      if (this.aside !== 0) return this.popAside();
    }
    const at = this.runHead++;
    this.size--;
    this.time = this.runTimes[at];
    return this.runPayloads[at];
  }

  /** Time of the earliest event, Infinity when there is none. */
  peekTime(): number {
    if (this.size === 0) return Number.POSITIVE_INFINITY;
    if (this.aside === 0 && this.runHead === this.runEnd) this.advance();
    if (this.laneSize !== 0) return this.time;
    return Math.min(this.runTime(), this.late.peekTime());
  }

  /** Drops all events and sets the clock; keeps the memory. */
  clear(time = 0): void {
    this.time = time;
    this.size = this.aside = this.laneSize = this.runHead = this.runEnd = 0;
    this.late.clear();
    this.heads.fill(0);
    this.tails.fill(0);
    this.occupied.fill(0);
    this.free = 0;
    this.fresh = 1;
    this.width = 0;
    this.activeEnd = this.windowEnd = Number.NEGATIVE_INFINITY;
    this.patience = 1;
    this.effortBeforeTrial = 0;
    this.trialIn = 0;
    this.trialPause = 2;
    this.handled = this.handledAtWindow = 0;
    this.startReview();
  }

  private bucketOf(tick: number): number {
    if (!(tick < this.windowEnd)) return FAR;
    const whole = tick | 0;
    const shift = (31 - Math.clz32((whole ^ this.current) | 1)) & 24;
    return (shift << 5) | ((whole >> shift) & 255);
  }

  private append(bucket: number, time: number, payload: number): void {
    let at = this.tails[bucket];
    if ((at & (CHUNK - 1)) === 0) at = this.extend(bucket, at);
    this.times[at] = time;
    this.payloads[at] = payload;
    this.tails[bucket] = at + 1;
  }

  /** Adds a chunk to a bucket whose last chunk is full; returns where its first event goes. */
  private extend(bucket: number, tail: number): number {
    let chunk = this.free;
    if (chunk !== 0) this.free = this.next[chunk];
    else {
      chunk = this.fresh++;
      if (chunk === this.next.length) this.growChunks();
    }
    if (tail === 0) {
      this.heads[bucket] = chunk;
      this.occupied[bucket >> 5] |= 1 << (bucket & 31);
    } else this.next[(tail - 1) >> CHUNK_BITS] = chunk;
    return chunk << CHUNK_BITS;
  }

  private growChunks(): void {
    this.times = grown(this.times, new Float64Array(2 * this.times.length));
    this.payloads = grown(this.payloads, new Int32Array(2 * this.payloads.length));
    this.next = grown(this.next, new Int32Array(2 * this.next.length));
  }

  /** An event at or before the tick being served: into the lane, the run or, if it would move many, the heap. */
  private pushActive(time: number, payload: number): void {
    if (time === this.time) {
      this.pushLane(payload);
      return;
    }
    this.handled++;
    this.insert(time, payload);
  }

  /** Inserts into the run, or into the heap where that would move many events. */
  private insert(time: number, payload: number): void {
    if (this.runEnd === this.runTimes.length) this.makeRunRoom(1);
    const { runTimes, runPayloads, runEnd } = this;
    // Once there is a late event, later pushes must join it: of equal times, those in the run go first.
    if (this.late.size !== 0 || (runEnd - this.runHead > SHORT && runTimes[runEnd - SHORT] > time)) {
      this.pushLate(time, payload);
      return;
    }
    let at = runEnd;
    for (; at > this.runHead && runTimes[at - 1] > time; at--) {
      runTimes[at] = runTimes[at - 1];
      runPayloads[at] = runPayloads[at - 1];
    }
    runTimes[at] = time;
    runPayloads[at] = payload;
    this.runEnd = runEnd + 1;
    this.work += 1 + runEnd - at;
  }

  private pushLate(time: number, payload: number): void {
    this.late.push(time, payload);
    this.aside++;
    this.handledLate++;
    this.work += 32 - Math.clz32(this.late.size);
  }

  private pushLane(payload: number): void {
    if (this.laneSize === this.lane.length) {
      // Unroll the ring twice: whatever part was wrapped is then found behind the old end.
      const unrolled = grown(this.lane, new Int32Array(2 * this.lane.length));
      unrolled.set(this.lane, this.lane.length);
      this.lane = unrolled;
    }
    this.lane[(this.laneHead + this.laneSize++) & (this.lane.length - 1)] = payload;
    this.aside++;
    this.work++;
  }

  /** Pops when there are events in the lane or the heap. Of equal times: the run, then the heap, then the lane. */
  private popAside(): number {
    const runTime = this.runTime();
    const lateTime = this.late.peekTime();
    this.size--;
    if (this.laneSize !== 0 && runTime !== this.time && lateTime !== this.time) {
      this.aside--;
      this.laneSize--;
      const at = this.laneHead;
      this.laneHead = (at + 1) & (this.lane.length - 1);
      return this.lane[at];
    }
    if (runTime <= lateTime) {
      this.time = runTime;
      return this.runPayloads[this.runHead++];
    }
    this.aside--;
    this.time = lateTime;
    return this.late.pop();
  }

  private runTime(): number {
    return this.runHead === this.runEnd ? Number.POSITIVE_INFINITY : this.runTimes[this.runHead];
  }

  /** Makes room for `more` events behind the run: moves it to the front of its array, or to a longer one. */
  private makeRunRoom(more: number): void {
    const size = this.runEnd - this.runHead;
    let length = this.runTimes.length;
    while (length < 2 * (size + more)) length *= 2;
    if (length === this.runTimes.length) {
      this.runTimes.copyWithin(0, this.runHead, this.runEnd);
      this.runPayloads.copyWithin(0, this.runHead, this.runEnd);
    } else {
      this.runTimes = grown(this.runTimes.subarray(this.runHead), new Float64Array(length));
      this.runPayloads = grown(this.runPayloads.subarray(this.runHead), new Int32Array(length));
    }
    this.runHead = 0;
    this.runEnd = size;
    this.work += size;
  }

  /** Moves the clock to the next occupied tick and serves it. Needs a pending event and nothing to serve. */
  private advance(): void {
    if (this.handled >= this.reviewAfter) this.review();
    for (;;) {
      let bucket = this.firstOccupied(0);
      if (bucket >= 0) {
        this.current = (this.current & ~255) | bucket;
        this.activeEnd = this.current + 1;
        this.serve(bucket);
        return;
      }
      bucket = this.firstOccupied(8);
      if (bucket >= 0) {
        this.current = (this.current & ~65535) | ((bucket & 255) << 8);
        this.scatter(bucket);
        continue;
      }
      bucket = this.firstOccupied(16);
      if (bucket >= 0) {
        this.current = (bucket & 255) << 16;
        this.scatter(bucket);
      } else this.openWindow();
    }
  }

  /** First occupied bucket of the level whose eight occupancy words start at `word`, or -1. */
  private firstOccupied(word: number): number {
    const { occupied } = this;
    for (let w = word; w < word + 8; w++) {
      const bits = occupied[w];
      if (bits !== 0) return (w << 5) + 31 - Math.clz32(bits & -bits);
    }
    return -1;
  }

  /** Appends the events of a bucket, in its order, to the buckets where they belong now. */
  private scatter(bucket: number): void {
    const { tails, base, ticksPerUnit } = this;
    const tail = tails[bucket];
    let { times, payloads } = this;
    let chunk = this.heads[bucket];
    this.empty(bucket);
    for (let last = false; !last; ) {
      last = chunk === (tail - 1) >> CHUNK_BITS;
      const start = chunk << CHUNK_BITS;
      const end = last ? tail : start + CHUNK;
      for (let i = start; i < end; i++) {
        const time = times[i];
        const payload = payloads[i];
        const target = this.bucketOf((time - base) * ticksPerUnit);
        let at = tails[target];
        if ((at & (CHUNK - 1)) === 0) {
          at = this.extend(target, at);
          times = this.times;
          payloads = this.payloads;
        }
        times[at] = time;
        payloads[at] = payload;
        tails[target] = at + 1;
      }
      this.work += end - start;
      chunk = this.release(chunk);
    }
  }

  private empty(bucket: number): void {
    this.tails[bucket] = 0;
    this.occupied[bucket >> 5] &= ~(1 << (bucket & 31));
  }

  /** Returns a chunk to the free list; gives the chunk that followed it. */
  private release(chunk: number): number {
    const following = this.next[chunk];
    this.next[chunk] = this.free;
    this.free = chunk;
    return following;
  }

  /** Makes a bucket of level 0 the run, sorted. */
  private serve(bucket: number): void {
    const tail = this.tails[bucket];
    const head = this.heads[bucket];
    this.empty(bucket);
    if (head !== (tail - 1) >> CHUNK_BITS) {
      this.serveCrowded(head, tail);
      return;
    }
    const { times, payloads, runTimes, runPayloads } = this;
    const start = head << CHUNK_BITS;
    let shifts = 0;
    for (let i = start; i < tail; i++) {
      const time = times[i];
      let at = i - start;
      for (; at > 0 && runTimes[at - 1] > time; at--) {
        runTimes[at] = runTimes[at - 1];
        runPayloads[at] = runPayloads[at - 1];
        shifts++;
      }
      runTimes[at] = time;
      runPayloads[at] = payloads[i];
    }
    this.runHead = 0;
    this.runEnd = tail - start;
    this.handled += tail - start;
    this.work += tail - start + shifts;
    this.release(head);
  }

  /** Serves a bucket of several chunks: the heap sorts what does not come nearly in order. */
  private serveCrowded(head: number, tail: number): void {
    const lateBefore = this.handledLate;
    let chunk = head;
    let count = 0;
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    this.runHead = this.runEnd = 0;
    for (let last = false; !last; ) {
      last = chunk === (tail - 1) >> CHUNK_BITS;
      const end = last ? tail : (chunk + 1) << CHUNK_BITS;
      for (let i = chunk << CHUNK_BITS; i < end; i++) {
        const time = this.times[i];
        least = Math.min(least, time);
        most = Math.max(most, time);
        this.insert(time, this.payloads[i]);
        count++;
      }
      chunk = this.release(chunk);
    }
    this.handled += count;
    if (this.handledLate !== lateBefore) this.crowdedGap = (most - least) / count;
  }

  /** Starts a window at the earliest event of the far bucket, which then holds all pending events. */
  private openWindow(): void {
    const { sample } = this;
    const earliest = this.sampleFar();
    const count = Math.ceil(this.size / this.sampleStride());
    if (this.width === 0) {
      const byMedian = (IDEAL * 2 * (sample[count >> 1] - earliest)) / this.size;
      const byRange = (IDEAL * (sample[count - 1] - earliest)) / this.size;
      this.width = usableWidth(byMedian, usableWidth(byRange, 1));
    }
    // Looking through the far bucket must have been earned by the events served since the last time, or else
    // drain a quarter of it; then each event is looked at a few times at most.
    const earned = 4 * (this.handled - this.handledAtWindow) >= this.size;
    const draining = (sample[count >> 2] - earliest) / (TICKS - 1);
    this.handledAtWindow = this.handled;
    this.base = earliest;
    this.ticksPerUnit = 1 / (earned ? this.width : Math.max(this.width, draining));
    this.current = 0;
    this.windowEnd = TICKS;
    this.scatter(FAR);
  }

  /** Fills `sample` with sorted times from the far bucket, at even distances; returns the least of all. */
  private sampleFar(): number {
    const { sample, times, next } = this;
    const stride = this.sampleStride();
    const tail = this.tails[FAR];
    let earliest = Number.POSITIVE_INFINITY;
    let seen = 0;
    sample.fill(Number.POSITIVE_INFINITY);
    let chunk = this.heads[FAR];
    for (let last = false; !last; chunk = next[chunk]) {
      last = chunk === (tail - 1) >> CHUNK_BITS;
      const end = last ? tail : (chunk + 1) << CHUNK_BITS;
      for (let i = chunk << CHUNK_BITS; i < end; i++, seen++) {
        earliest = Math.min(earliest, times[i]);
        if (seen % stride === 0) sample[seen / stride] = times[i];
      }
    }
    this.work += seen;
    sample.sort();
    return earliest;
  }

  private sampleStride(): number {
    return Math.ceil(this.size / SAMPLE);
  }

  /** Compares the width of a tick with what the events since the last review call for. */
  private review(): void {
    const { width, handled } = this;
    const effort = (this.work - this.workAtReview) / handled;
    const byRate = usableWidth((IDEAL * (this.time - this.reviewStart)) / handled, width);
    const byGap = usableWidth(IDEAL * this.crowdedGap, width);
    const crowded = 4 * this.handledLate > handled && 4 * byGap < width;
    if (this.effortBeforeTrial !== 0) {
      if (effort > 0.9 * this.effortBeforeTrial) {
        this.effortBeforeTrial = 0;
        this.trialPause = Math.min(1024, 4 * this.trialPause);
        this.trialIn = this.trialPause;
        this.retune(byRate);
      } else if (crowded) this.retune(byGap);
    } else if (width > 4 * byRate || byRate > 4 * width) this.retune(byRate);
    else if (crowded && --this.trialIn <= 0) {
      this.effortBeforeTrial = effort;
      this.retune(byGap);
    } else this.patience = Math.max(1, this.patience >> 1);
    this.startReview();
  }

  private startReview(): void {
    this.handledAtWindow -= this.handled;
    this.handled = this.handledLate = this.crowdedGap = 0;
    this.reviewStart = this.time;
    this.workAtReview = this.work;
    this.reviewAfter = Math.max(FIRST_REVIEW, this.size) * this.patience;
  }

  /** Lays out all pending events anew with another width of a tick. */
  private retune(width: number): void {
    this.width = width;
    this.patience = Math.min(64, 2 * this.patience);
    this.windowEnd = Number.NEGATIVE_INFINITY;
    for (let level = 0; level < 24; level += 8) {
      let bucket = this.firstOccupied(level);
      for (; bucket >= 0; bucket = this.firstOccupied(level)) this.scatter(bucket);
    }
    this.openWindow();
  }
}

function usableWidth(width: number, otherwise: number): number {
  return width > 0 && width < Number.POSITIVE_INFINITY ? Math.max(width, 1e-300) : otherwise;
}

/** Copies a typed array into a longer one. */
function grown<T extends Float64Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
