import { ActiveRun, grown } from './active-run.ts';
import { TickWidth } from './tick-width.ts';

/** Events in a chunk, 2⁵: as many as the run loads at once, no more. */
const CHUNK_BITS = 5;
const CHUNK = 1 << CHUNK_BITS;
/** The bucket of the events beyond the window. */
const FAR = 3 * 256;
/** Ticks in a window. */
const TICKS = 2 ** 24;
/** Pending times looked at to choose a window. */
const SAMPLE = 32;

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
  /** Pending events. */
  size = 0;
  private readonly run = new ActiveRun();
  private readonly tuning = new TickWidth();

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

  private enteredAtWindow = 0;
  private crowdedGap = 0;
  private readonly sample = new Float64Array(SAMPLE);

  /** Time of the last popped event, in the caller's unit; 0 before the first pop. */
  get time(): number {
    return this.run.time;
  }

  /** Elements moved, plus levels of heap walked, so far: the work done, in place of a clock. */
  get work(): number {
    return this.run.work;
  }

  /**
   * @param time finite and not below the time of the last pop; not checked here
   * @param payload integer in [0, 2³¹)
   */
  push(time: number, payload: number): void {
    this.size++;
    const tick = (time - this.base) * this.ticksPerUnit;
    if (tick < this.activeEnd) this.run.push(time, payload);
    else this.append(this.bucketOf(tick), time, payload);
  }

  /** Takes the earliest event: its payload, or -1 when there is none. Its time is then `this.time`. */
  pop(): number {
    if (this.run.isEmpty()) {
      if (this.size === 0) return -1;
      this.advance();
    }
    this.size--;
    return this.run.pop();
  }

  /** Time of the earliest event, Infinity when there is none. */
  peekTime(): number {
    if (this.size === 0) return Number.POSITIVE_INFINITY;
    if (this.run.isEmpty()) this.advance();
    return this.run.peekTime();
  }

  /** Drops all events and sets the clock; keeps the memory. */
  clear(time = 0): void {
    this.size = 0;
    this.run.clear(time);
    this.tuning.clear(this.run);
    this.heads.fill(0);
    this.tails.fill(0);
    this.occupied.fill(0);
    this.free = 0;
    this.fresh = 1;
    this.activeEnd = this.windowEnd = Number.NEGATIVE_INFINITY;
    this.enteredAtWindow = this.run.entered;
    this.crowdedGap = 0;
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

  /** Moves the clock to the next occupied tick and serves it. Needs a pending event and nothing to serve. */
  private advance(): void {
    if (this.tuning.isDue(this.run, this.size)) this.review();
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
      this.run.work += end - start;
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

  /** Makes a bucket of level 0 the run. */
  private serve(bucket: number): void {
    const tail = this.tails[bucket];
    const head = this.heads[bucket];
    this.empty(bucket);
    if (head === (tail - 1) >> CHUNK_BITS) {
      this.run.load(this.times, this.payloads, head << CHUNK_BITS, tail);
      this.release(head);
    } else this.serveCrowded(head, tail);
  }

  /** Serves a bucket of several chunks event by event: the run copes with any order. */
  private serveCrowded(head: number, tail: number): void {
    const { times, payloads, run } = this;
    const lateBefore = run.lateCount;
    const enteredBefore = run.entered;
    let chunk = head;
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    for (let last = false; !last; chunk = this.release(chunk)) {
      last = chunk === (tail - 1) >> CHUNK_BITS;
      const end = last ? tail : (chunk + 1) << CHUNK_BITS;
      for (let i = chunk << CHUNK_BITS; i < end; i++) {
        least = Math.min(least, times[i]);
        most = Math.max(most, times[i]);
        run.insert(times[i], payloads[i]);
      }
    }
    if (run.lateCount !== lateBefore) this.crowdedGap = (most - least) / (run.entered - enteredBefore);
  }

  /** Starts a window at the earliest event of the far bucket, which then holds all pending events. */
  private openWindow(): void {
    const { sample, tuning, run } = this;
    const sampled = this.sampleFar();
    const earliest = sample[0];
    if (tuning.width === 0) tuning.guess(sample, sampled, this.size);
    // Looking through the far bucket must have been earned by the events served since the last time, or else
    // drain a quarter of it; then each event is looked at a few times at most.
    const earned = 4 * (run.entered - this.enteredAtWindow) >= this.size;
    const draining = (sample[sampled >> 2] - earliest) / (TICKS - 1);
    this.enteredAtWindow = run.entered;
    this.base = earliest;
    this.ticksPerUnit = 1 / (earned ? tuning.width : Math.max(tuning.width, draining));
    this.current = 0;
    this.windowEnd = TICKS;
    this.scatter(FAR);
  }

  /** Fills `sample` with sorted times from the far bucket, at even distances, the least of all first. */
  private sampleFar(): number {
    const { sample, times, next } = this;
    const stride = Math.ceil(this.size / SAMPLE);
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
    this.run.work += seen;
    sample.sort();
    sample[0] = earliest;
    return Math.ceil(seen / stride);
  }

  private review(): void {
    if (this.tuning.review(this.run, this.crowdedGap, this.size)) this.layOutAnew();
    this.tuning.startPeriod(this.run, this.size);
    this.crowdedGap = 0;
  }

  /** Moves all pending events to the far bucket and opens a window on them. */
  private layOutAnew(): void {
    this.windowEnd = Number.NEGATIVE_INFINITY;
    for (let word = 0; word < 24; word += 8) {
      let bucket = this.firstOccupied(word);
      for (; bucket >= 0; bucket = this.firstOccupied(word)) this.scatter(bucket);
    }
    this.openWindow();
  }
}
