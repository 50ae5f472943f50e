import { HeapQueue } from './heap-queue.ts';

/** An event that would move this many others in the run goes to the heap instead. */
const SHORT = 32;
/** Most events that `load` takes at once. */
const LOAD_LIMIT = 32;

/**
 * The events that are next: those of the tick being served by a wheel of buckets, in order, and what is
 * pushed into that tick meanwhile. In three parts, so that no event costs more than O(log n):
 * - the *run*, sorted, for a handful of events;
 * - the *late* heap, for an event that would have to be inserted far from the end of the run;
 * - the *lane*, first in, first out, for events pushed at the time of the last pop.
 *
 * Of equal times, those in the run are the oldest and those in the lane the youngest.
 */
export class ActiveRun {
  /** Time of the last popped event. */
  time = 0;
  /** Counters since the start: elements moved plus levels of heap walked, */
  work = 0;
  /** events that entered (other than through the lane), */
  entered = 0;
  /** and those of them that went to the heap. */
  lateCount = 0;

  private times = new Float64Array(64);
  private payloads = new Int32Array(64);
  private head = 0;
  private end = 0;
  private readonly ranks = new Int32Array(LOAD_LIMIT);

  /** Events in the lane and the late heap. */
  private aside = 0;
  private readonly late = new HeapQueue();
  /** A ring; its length is a power of two. */
  private lane = new Int32Array(64);
  private laneHead = 0;
  private laneSize = 0;

  isEmpty(): boolean {
    return this.head === this.end && this.aside === 0;
  }

  /** Takes the earliest event and gives its payload; there must be one. */
  pop(): number {
    if (this.aside !== 0) return this.popAside();
    const at = this.head++;
    this.time = this.times[at];
    return this.payloads[at];
  }

  peekTime(): number {
    return this.laneSize === 0 ? Math.min(this.runTime(), this.late.peekTime()) : this.time;
  }

  clear(time: number): void {
    this.time = time;
    this.head = this.end = this.aside = this.laneSize = 0;
    this.late.clear();
  }

  push(time: number, payload: number): void {
    if (time === this.time) this.pushLane(payload);
    else this.insert(time, payload);
  }

  /** Inserts into the run, or into the heap where that would move many events. */
  insert(time: number, payload: number): void {
    this.entered++;
    if (this.end === this.times.length) this.makeRoom();
    const { times, payloads, end } = this;
    // The events that would move leave after this one, so a later push at its time finds them still there and
    // goes to the heap too: of equal times, those in the run are always the older ones.
    if (end - this.head >= SHORT && times[end - SHORT] > time) {
      this.pushLate(time, payload);
      return;
    }
    let at = end;
    for (; at > this.head && times[at - 1] > time; at--) {
      times[at] = times[at - 1];
      payloads[at] = payloads[at - 1];
    }
    times[at] = time;
    payloads[at] = payload;
    this.end = end + 1;
    this.work += 1 + end - at;
  }

  /**
   * Takes over at most LOAD_LIMIT events in any order; the run must be empty. Sorts by counting who comes
   * before whom: no branch to mispredict, so half the time of an insertion sort on a handful of events.
   */
  load(times: Float64Array, payloads: Int32Array, start: number, end: number): void {
    const { ranks, times: runTimes, payloads: runPayloads } = this;
    for (let i = start; i < end; i++) {
      const time = times[i];
      let rank = i - start;
      for (let j = start; j < i; j++) {
        const before = asInt(time < times[j]);
        ranks[j - start] += before;
        rank -= before;
      }
      ranks[i - start] = rank;
    }
    for (let i = start; i < end; i++) {
      const rank = ranks[i - start];
      runTimes[rank] = times[i];
      runPayloads[rank] = payloads[i];
    }
    this.head = 0;
    this.end = end - start;
    this.entered += end - start;
    this.work += end - start;
  }

  private pushLate(time: number, payload: number): void {
    this.late.push(time, payload);
    this.aside++;
    this.lateCount++;
    this.work += 32 - Math.clz32(this.late.size);
  }

  private pushLane(payload: number): void {
    if (this.laneSize === this.lane.length) {
      // The ring twice over: whatever part of it was wrapped is then found behind the old end.
      const unrolled = grown(this.lane, new Int32Array(2 * this.laneSize));
      unrolled.set(this.lane, this.laneSize);
      this.lane = unrolled;
    }
    this.lane[(this.laneHead + this.laneSize++) & (this.lane.length - 1)] = payload;
    this.aside++;
    this.work++;
  }

  private popAside(): number {
    const runTime = this.runTime();
    const lateTime = this.late.peekTime();
    if (this.laneSize !== 0 && runTime !== this.time && lateTime !== this.time) {
      const at = this.laneHead;
      this.laneHead = (at + 1) & (this.lane.length - 1);
      this.laneSize--;
      this.aside--;
      return this.lane[at];
    }
    if (runTime <= lateTime) {
      this.time = runTime;
      return this.payloads[this.head++];
    }
    this.time = lateTime;
    this.aside--;
    return this.late.pop();
  }

  private runTime(): number {
    return this.head === this.end ? Number.POSITIVE_INFINITY : this.times[this.head];
  }

  /** Makes room behind the run: moves it to the front of its array, or to one twice as long if it is half full. */
  private makeRoom(): void {
    const { head, end } = this;
    if (2 * (end - head) < this.times.length) {
      this.times.copyWithin(0, head, end);
      this.payloads.copyWithin(0, head, end);
    } else {
      this.times = grown(this.times.subarray(head), new Float64Array(2 * end));
      this.payloads = grown(this.payloads.subarray(head), new Int32Array(2 * end));
    }
    this.head = 0;
    this.end = end - head;
    this.work += end - head;
  }
}

/** Copies a typed array into a longer one. */
export function grown<T extends Float64Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** A comparison as 0 or 1 without a branch. */
export function asInt(comparison: boolean): number {
  return (comparison as unknown as number) | 0;
}
