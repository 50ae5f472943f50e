import type { ArmTrace } from '../../sim/trace/trace-result.ts';
import { type CounterEvent, type TraceEvent, timestamp } from './trace-events.ts';
import { TraceIds } from './trace-ids.ts';
import { requestEvents } from './trace-requests.ts';
import { Numbering, taskEvents } from './trace-tasks.ts';

/** What a trace is of. */
export interface TraceAbout {
  /** Name and version of the program. */
  product: string;
  scenario: string;
}

/** The text of a trace file, and how many events are in it. */
export interface TraceFile {
  text: string;
  events: number;
}

/**
 * Traces of one or several arms as a file in the Trace Event Format, which ui.perfetto.dev and chrome://tracing open.
 * Time is that of the simulation, in µs since the replication began.
 */
export function perfettoTrace(traces: readonly ArmTrace[], about: TraceAbout): TraceFile {
  const lines: string[] = [];
  for (const event of events(traces)) lines.push(JSON.stringify(event));
  const head = { displayTimeUnit: 'ms', otherData: otherData(traces, about) };
  const opening = JSON.stringify(head).slice(0, -1);
  return { text: `${opening},"traceEvents":[\n${lines.join(',\n')}\n]}\n`, events: lines.length };
}

function* events(traces: readonly ArmTrace[]): Generator<TraceEvent> {
  const ids = new TraceIds(traces);
  const numbering = new Numbering();
  yield* ids.metadata;
  for (const [arm, trace] of traces.entries()) {
    yield* requestEvents(trace, ids);
    yield* taskEvents(trace, arm, ids, numbering);
    yield* counterEvents(trace, arm, ids);
  }
}

function* counterEvents({ counters }: ArmTrace, arm: number, ids: TraceIds): Generator<CounterEvent> {
  for (const { host, name, timesS, busy, queued } of counters) {
    const pid = ids.host(arm, host);
    for (const [at, timeS] of timesS.entries()) {
      const ts = timestamp(timeS);
      // Of values within a nanosecond the last counts.
      if (at + 1 < timesS.length && timestamp(timesS[at + 1]) === ts) continue;
      yield { ph: 'C', name, cat: 'pool', pid, ts, args: { busy: busy[at], queued: queued[at] } };
    }
  }
}

function otherData(traces: readonly ArmTrace[], { product, scenario }: TraceAbout): object {
  return {
    product,
    scenario,
    time: 'simulated, in µs since the replication began',
    arms: traces.map(({ arm, seed, replication, requests, leftOut }) => ({
      arm,
      seed,
      replication,
      requests: requests.map(({ number }) => number),
      leftOut,
    })),
  };
}
