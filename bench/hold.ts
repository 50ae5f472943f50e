import { performance } from 'node:perf_hooks';
import { RandomStream } from '../foundation/random.ts';
import { EventQueue } from '../sim/engine/event-queue.ts';
import { HeapQueue } from '../sim/engine/heap-queue.ts';
import { WheelQueue } from '../sim/engine/wheel-queue.ts';

export interface HoldRow {
  queue: 'heap' | 'wheel' | 'adaptive';
  /** Events pending throughout. */
  pending: number;
  /** Holds (a pop and a push each) in a million a second; the median of the runs. */
  millionEventsPerS: number;
}

const PENDING = [1e3, 1e5, 1e6];
const HOLDS = 2e6;
const RUNS = 5;
const TABLE_MASK = 0xffff;

/**
 * The HOLD model (Vaucher and Duval 1975): take the least of N pending events, put it back at t + Exp(1).
 * The variates are drawn beforehand, so that only the queue is timed. Each queue
 * first settles for as many holds as it has events; a run that is not counted warms up the compiler.
 */
export function benchHold(): HoldRow[] {
  const random = new RandomStream(1);
  const delays = new Float64Array(TABLE_MASK + 1).map(() => random.exponential());
  const rows: HoldRow[] = [];
  const add = (queue: HoldRow['queue'], timed: (pending: number) => number) => {
    for (const pending of PENDING) {
      const seconds = medianOfRuns(() => timed(pending));
      rows.push({ queue, pending, millionEventsPerS: HOLDS / seconds / 1e6 });
    }
  };
  // The adaptive queue first: in a simulation, too, its parts are not used by anything else.
  add('adaptive', (pending) => {
    const queue = filled(new EventQueue(), delays, pending);
    timeAdaptive(queue, delays, pending);
    return timeAdaptive(queue, delays, HOLDS);
  });
  add('wheel', (pending) => {
    const queue = filled(new WheelQueue(), delays, pending);
    timeWheel(queue, delays, pending);
    return timeWheel(queue, delays, HOLDS);
  });
  add('heap', (pending) => {
    const queue = filled(new HeapQueue(), delays, pending);
    timeHeap(queue, delays, pending);
    return timeHeap(queue, delays, HOLDS);
  });
  return rows;
}

function filled<Q extends HeapQueue | WheelQueue | EventQueue>(
  queue: Q,
  delays: Float64Array,
  pending: number,
): Q {
  for (let i = 0; i < pending; i++) queue.push(delays[(i * 7) & TABLE_MASK], i);
  return queue;
}

// One loop for each class: a shared one would see three classes and be compiled for none of them.

function timeHeap(queue: HeapQueue, delays: Float64Array, holds: number): number {
  const start = performance.now();
  for (let i = 0; i < holds; i++) {
    const payload = queue.pop();
    queue.push(queue.time + delays[i & TABLE_MASK], payload);
  }
  return (performance.now() - start) / 1e3;
}

function timeWheel(queue: WheelQueue, delays: Float64Array, holds: number): number {
  const start = performance.now();
  for (let i = 0; i < holds; i++) {
    const payload = queue.pop();
    queue.push(queue.time + delays[i & TABLE_MASK], payload);
  }
  return (performance.now() - start) / 1e3;
}

function timeAdaptive(queue: EventQueue, delays: Float64Array, holds: number): number {
  const start = performance.now();
  for (let i = 0; i < holds; i++) {
    const payload = queue.pop();
    queue.push(queue.time + delays[i & TABLE_MASK], payload);
  }
  return (performance.now() - start) / 1e3;
}

/** Seconds: the median of the runs after one that is not counted. */
function medianOfRuns(run: () => number): number {
  run();
  const seconds = Array.from({ length: RUNS }, run).sort((a, b) => a - b);
  return seconds[RUNS >> 1];
}
