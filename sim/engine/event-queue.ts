import { HeapQueue } from './heap-queue.ts';
import { WheelQueue } from './wheel-queue.ts';

/** Pending events above which the wheel serves; a heap is the faster one below. See bench/hold.ts. */
const TO_WHEEL = 64;
/** Pending events below which the heap takes over again; the distance pays for the change. */
const TO_HEAP = 16;

/**
 * The event list of the simulator: payloads (integers in [0, 2³¹), meaning whatever the caller likes) at
 * times. It starts as a heap, becomes a wheel of buckets while many events are pending, and goes back.
 *
 * Order: by time; simultaneous events leave in the order in which they were pushed, exactly, across every
 * change of the structure. An event pushed at the time of the last pop leaves after all events pending at
 * that time. The sequence of pops is therefore a function of the sequence of calls alone.
 */
export class EventQueue {
  private readonly heap = new HeapQueue();
  private readonly wheel = new WheelQueue();
  private wheeled = false;

  /** Time of the last popped event, in the caller's unit; 0 before the first pop. */
  get time(): number {
    return this.wheeled ? this.wheel.time : this.heap.time;
  }

  /** Pending events. */
  get size(): number {
    return this.wheeled ? this.wheel.size : this.heap.size;
  }

  /**
   * @param time finite and not below the time of the last pop; not checked here, the order is undefined after
   * a violation
   * @param payload integer in [0, 2³¹)
   */
  push(time: number, payload: number): void {
    if (this.wheeled) this.wheel.push(time, payload);
    else {
      this.heap.push(time, payload);
      if (this.heap.size > TO_WHEEL) this.toWheel();
    }
  }

  /** Takes the earliest event: its payload, or -1 when there is none. Its time is then `this.time`. */
  pop(): number {
    if (!this.wheeled) return this.heap.pop();
    if (this.wheel.size < TO_HEAP) {
      this.toHeap();
      return this.heap.pop();
    }
    return this.wheel.pop();
  }

  /** Time of the earliest event, Infinity when there is none. */
  peekTime(): number {
    return this.wheeled ? this.wheel.peekTime() : this.heap.peekTime();
  }

  /** Drops all events and sets the clock back to 0; keeps the memory. */
  clear(): void {
    this.heap.clear();
    this.wheel.clear();
    this.wheeled = false;
  }

  private toWheel(): void {
    const { heap, wheel } = this;
    this.wheeled = true;
    wheel.clear(heap.time);
    for (let payload = heap.pop(); payload >= 0; payload = heap.pop()) wheel.push(heap.time, payload);
    heap.clear();
  }

  private toHeap(): void {
    const { heap, wheel } = this;
    const now = wheel.time;
    for (let payload = wheel.pop(); payload >= 0; payload = wheel.pop()) heap.push(wheel.time, payload);
    heap.time = now;
    this.wheeled = false;
  }
}
