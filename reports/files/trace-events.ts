/** Events of the Trace Event Format of Chrome, which Perfetto reads, too; those of its kinds that are written here. */
export type TraceEvent = MetadataEvent | CompleteEvent | AsyncEvent | FlowEvent | CounterEvent;

/** Names and orders processes and threads. */
export interface MetadataEvent {
  ph: 'M';
  name: 'process_name' | 'process_sort_index' | 'thread_name' | 'thread_sort_index';
  pid: number;
  tid?: number;
  args: { name: string } | { sort_index: number };
}

/** A slice of a thread. Times in µs. */
export interface CompleteEvent extends Timed {
  ph: 'X';
  tid: number;
  dur: number;
  args: Arguments;
}

/** The beginning or the end of something that may overlap others of its kind. */
export interface AsyncEvent extends Timed {
  ph: 'b' | 'e';
  tid: number;
  id: string;
  args?: Arguments;
}

/** An arrow from slice to slice: start, step, finish. */
export interface FlowEvent extends Timed {
  ph: 's' | 't' | 'f';
  tid: number;
  id: number;
  bp: 'e';
}

export interface CounterEvent extends Timed {
  ph: 'C';
  args: Record<string, number>;
}

interface Timed {
  name: string;
  cat: string;
  pid: number;
  ts: number;
}

export type Arguments = Record<string, unknown>;

/**
 * Microseconds of whole nanoseconds. Times are rounded before they are subtracted, so that slices that touch still
 * touch and none overlaps its neighbour: viewers drop slices that do.
 */
export function span(fromS: number, toS: number): { ts: number; dur: number } {
  const fromNs = nanoseconds(fromS);
  return { ts: fromNs / 1e3, dur: (nanoseconds(toS) - fromNs) / 1e3 };
}

export function timestamp(atS: number): number {
  return nanoseconds(atS) / 1e3;
}

/** The second and the last nanosecond of a slice: viewers ask which slice is there, and one may end where it begins. */
export function justAfterStart(fromS: number, toS: number): number {
  return Math.min(nanoseconds(fromS) + 1, nanoseconds(toS) - 1) / 1e3;
}

export function justBeforeEnd(toS: number): number {
  return (nanoseconds(toS) - 1) / 1e3;
}

function nanoseconds(seconds: number): number {
  return Math.round(seconds * 1e9);
}
