import { z } from 'zod';

/** The part of the Trace Event Format (Chrome) that rankfleet writes; anything else is refused. Times in µs. */
const timed = {
  name: z.string().min(1),
  cat: z.string().min(1),
  pid: z.int().positive(),
  ts: z.number().nonnegative(),
};
const onThread = { ...timed, tid: z.int().positive() };
const args = z.record(z.string(), z.unknown());

const metadataSchema = z.discriminatedUnion('name', [
  z.strictObject({
    ph: z.literal('M'),
    name: z.literal('process_name'),
    pid: z.int().positive(),
    args: z.strictObject({ name: z.string().min(1) }),
  }),
  z.strictObject({
    ph: z.literal('M'),
    name: z.literal('process_sort_index'),
    pid: z.int().positive(),
    args: z.strictObject({ sort_index: z.int() }),
  }),
  z.strictObject({
    ph: z.literal('M'),
    name: z.literal('thread_name'),
    pid: z.int().positive(),
    tid: z.int().positive(),
    args: z.strictObject({ name: z.string().min(1) }),
  }),
  z.strictObject({
    ph: z.literal('M'),
    name: z.literal('thread_sort_index'),
    pid: z.int().positive(),
    tid: z.int().positive(),
    args: z.strictObject({ sort_index: z.int() }),
  }),
]);
const completeSchema = z.strictObject({
  ph: z.literal('X'),
  ...onThread,
  dur: z.number().nonnegative(),
  args,
});
const asyncSchema = z.strictObject({
  ph: z.enum(['b', 'e']),
  ...onThread,
  id: z.string().min(1),
  args: args.optional(),
});
const flowSchema = z.strictObject({
  ph: z.enum(['s', 't', 'f']),
  ...onThread,
  id: z.int().positive(),
  bp: z.literal('e'),
});
const counterSchema = z.strictObject({
  ph: z.literal('C'),
  ...timed,
  args: z.record(z.string(), z.number()).refine((values) => Object.keys(values).length > 0),
});

const eventSchema = z.union([metadataSchema, completeSchema, asyncSchema, flowSchema, counterSchema]);

const fileSchema = z.strictObject({
  displayTimeUnit: z.enum(['ms', 'ns']),
  otherData: z.record(z.string(), z.unknown()),
  traceEvents: z.array(eventSchema),
});

export type Slice = z.infer<typeof completeSchema>;
export type Flow = z.infer<typeof flowSchema>;
export type Counter = z.infer<typeof counterSchema>;
export type Async = z.infer<typeof asyncSchema>;
type Event = z.infer<typeof eventSchema>;

/** A trace file that was found to be sound, by kind of event. */
export interface ReadTrace {
  otherData: Record<string, unknown>;
  slices: Slice[];
  flows: Flow[];
  counters: Counter[];
  waits: Async[];
  /** Names of processes by pid, of threads by tid. */
  processes: Map<number, string>;
  threads: Map<number, string>;
  /** The slice that each event of a flow is bound to. */
  boundTo: Map<Flow, Slice>;
}

/**
 * Reads a trace file as viewers do, and refuses what they would warn of or drop.
 * @throws Error that says what is wrong
 */
export function readTraceFile(text: string): ReadTrace {
  const { traceEvents, otherData } = fileSchema.parse(JSON.parse(text));
  const of = <Kind extends Event>(...phases: Kind['ph'][]) =>
    traceEvents.filter((event) => (phases as string[]).includes(event.ph)) as Kind[];
  const slices = of<Slice>('X');
  const flows = of<Flow>('s', 't', 'f');
  const counters = of<Counter>('C');
  const waits = of<Async>('b', 'e');
  const named = checkNames(traceEvents);
  checkNesting(slices);
  const boundTo = checkFlows(traceEvents, flows);
  checkCounters(counters);
  checkPairs(waits);
  return { otherData, slices, flows, counters, waits, ...named, boundTo };
}

/** Whole nanoseconds, in which Perfetto counts; it rounds. */
export function nanoseconds(us: number): number {
  return Math.round(us * 1e3);
}

export function endOf({ ts, dur }: Slice): number {
  return nanoseconds(ts) + nanoseconds(dur);
}

function refuse(what: string, event: unknown): never {
  throw new Error(`${what}: ${JSON.stringify(event)}`);
}

/** Each process and thread has a name and a place, once; a thread's number means one thread, and no process. */
function checkNames(events: readonly Event[]): Pick<ReadTrace, 'processes' | 'threads'> {
  const processes = new Map<number, string>();
  const threads = new Map<number, string>();
  const processOf = new Map<number, number>();
  const sorted = new Set<string>();
  for (const event of events) {
    if (event.ph !== 'M') continue;
    if (event.name === 'process_name') {
      if (processes.has(event.pid)) refuse('a process is named twice', event);
      processes.set(event.pid, event.args.name);
    } else if (event.name === 'thread_name') {
      if (threads.has(event.tid)) refuse('a thread is named twice', event);
      threads.set(event.tid, event.args.name);
      processOf.set(event.tid, event.pid);
    } else {
      const what = event.name === 'process_sort_index' ? `p${event.pid}` : `t${event.tid}`;
      if (sorted.has(what)) refuse('placed twice', event);
      sorted.add(what);
    }
  }
  for (const event of events) {
    if (!processes.has(event.pid)) refuse('a process without a name', event);
    if (!sorted.has(`p${event.pid}`)) refuse('a process without a place', event);
    if (!('tid' in event)) continue;
    if (!threads.has(event.tid)) refuse('a thread without a name', event);
    if (!sorted.has(`t${event.tid}`)) refuse('a thread without a place', event);
    if (processOf.get(event.tid) !== event.pid) refuse('a thread of another process', event);
    if (processes.has(event.tid)) refuse('a thread with the number of a process', event);
  }
  return { processes, threads };
}

/** Slices of a thread are apart or within one another, in the order of the file where they begin together. */
function checkNesting(slices: readonly Slice[]): void {
  for (const thread of byThread(slices).values()) {
    const open: Slice[] = [];
    for (const slice of inOrder(thread)) {
      const start = nanoseconds(slice.ts);
      while (open.length > 0 && endOf(open.at(-1)!) <= start) open.pop();
      const parent = open.at(-1);
      if (parent && endOf(slice) > endOf(parent))
        refuse(
          'slices overlap',
          [parent, slice].map(({ args: _, ...rest }) => rest),
        );
      open.push(slice);
    }
  }
}

/**
 * A flow starts once, ends once, and goes forward. Each of its events is within a slice, which is that which began
 * last before it in the file's order: Perfetto binds to that one, chrome://tracing to the one there at the time.
 */
function checkFlows(events: readonly Event[], flows: readonly Flow[]): Map<Flow, Slice> {
  const boundTo = new Map<Flow, Slice>();
  const last = new Map<number, Slice>();
  for (const event of inOrder(events.filter((each) => each.ph !== 'M'))) {
    if (event.ph === 'X') last.set(event.tid, event);
    if (event.ph !== 's' && event.ph !== 't' && event.ph !== 'f') continue;
    const slice = last.get(event.tid);
    const at = nanoseconds(event.ts);
    if (!slice || at < nanoseconds(slice.ts) || at >= endOf(slice)) refuse('a flow outside of slices', event);
    boundTo.set(event, slice);
  }
  const byId = new Map<number, Flow[]>();
  for (const flow of flows) byId.set(flow.id, [...(byId.get(flow.id) ?? []), flow]);
  for (const [id, parts] of byId) {
    const phases = parts.map(({ ph }) => ph).join('');
    const ordered = inOrder(parts);
    if (!/^st*f$/.test(ordered.map(({ ph }) => ph).join(''))) refuse(`flow ${id} goes ${phases}`, parts);
    if (new Set(parts.map(({ name, cat }) => `${cat} ${name}`)).size > 1)
      refuse('a flow of two names', parts);
  }
  return boundTo;
}

/** The values of a counter come in order, each at a time of its own, and none is below zero. */
function checkCounters(counters: readonly Counter[]): void {
  const last = new Map<string, Counter>();
  for (const counter of counters) {
    const key = `${counter.pid} ${counter.name}`;
    const before = last.get(key);
    if (before && counter.ts <= before.ts) refuse('a counter goes back in time', [before, counter]);
    if (before && Object.keys(before.args).join() !== Object.keys(counter.args).join())
      refuse('a counter of other series', counter);
    if (Object.values(counter.args).some((value) => value < 0)) refuse('a negative count', counter);
    last.set(key, counter);
  }
}

/** What begins ends, on the same process under the same name, not before. */
function checkPairs(events: readonly Async[]): void {
  const open = new Map<string, Async>();
  const keyOf = ({ pid, cat, name, id }: Async) => [pid, cat, name, id].join(' ');
  for (const event of events) {
    const begun = open.get(keyOf(event));
    if (event.ph === 'b') {
      if (begun) refuse('begun twice', event);
      open.set(keyOf(event), event);
    } else {
      if (!begun || event.ts < begun.ts) refuse('ended before it began', event);
      open.delete(keyOf(event));
    }
  }
  if (open.size > 0) refuse('never ended', [...open.values()][0]);
}

function byThread(slices: readonly Slice[]): Map<number, Slice[]> {
  const threads = new Map<number, Slice[]>();
  for (const slice of slices) {
    const thread = threads.get(slice.tid);
    if (thread) thread.push(slice);
    else threads.set(slice.tid, [slice]);
  }
  return threads;
}

/** By time; events of one time stay in the order of the file, as in the viewers' sorting. */
function inOrder<Timed extends { ts?: number }>(events: readonly Timed[]): Timed[] {
  return [...events].sort((a, b) => nanoseconds(a.ts ?? 0) - nanoseconds(b.ts ?? 0));
}
