import { counted } from '../../foundation/counted.ts';
import { formatBytes } from '../../foundation/units.ts';
import type { ArmTrace } from '../../sim/trace/trace-result.ts';
import type { TraceFile } from './perfetto-trace.ts';

/** What a trace file holds, in one line. @param bytes size of the file */
export function traceInWords(
  file: string,
  traces: readonly ArmTrace[],
  { events }: TraceFile,
  bytes: number,
): string {
  const requests = traces.reduce((sum, trace) => sum + trace.requests.length, 0);
  const what = `${counted(requests, 'request')} of ${counted(traces.length, 'arm')}`;
  return `${file}: ${what}, ${counted(events, 'event')}, ${formatBytes(bytes)}; open it in ui.perfetto.dev or chrome://tracing`;
}

/** What a trace file holds at most. */
export interface TraceLimits {
  tasks: number;
  /** Of all counters. */
  values: number;
}

/** What was left out of a trace for its size, one line for each arm. */
export function leftOutInWords(traces: readonly ArmTrace[], { tasks, values }: TraceLimits): string[] {
  const most = `${counted(tasks, 'task')} and ${counted(values, 'value')} of counters`;
  return traces.flatMap(({ arm, leftOut: { requests, batches, counters } }) => {
    const parts = [
      ...(requests.length > 0
        ? [`${counted(requests.length, 'request')} (${numbersInWords(requests)})`]
        : []),
      ...(batches > 0 ? [`${firstBatches(batches)} of a request that is too large by itself`] : []),
      ...(counters > 0 ? [`${counted(counters, 'counter')} of pools`] : []),
    ];
    if (parts.length === 0) return [];
    return [
      `arm '${arm}': left out ${parts.join(', ')}; a trace holds ${most} at most: name fewer arms with --arm, or fewer requests with --trace-requests`,
    ];
  });
}

function firstBatches(count: number): string {
  return count === 1 ? 'the first batch' : `the first ${count} batches`;
}

/** The first few of them, and that there are more. */
function numbersInWords(numbers: readonly number[]): string {
  const shown = numbers.slice(0, 5).join(', ');
  return numbers.length > 5 ? `${shown}, …` : shown;
}
