import { formatBytes } from '../../foundation/units.ts';
import type { ArmTrace } from '../../sim/trace/trace-result.ts';
import { counted } from '../numbers.ts';
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

/** What was left out of a trace for its size, one line for each arm. */
export function leftOutInWords(traces: readonly ArmTrace[], mostTasks: number): string[] {
  return traces.flatMap(({ arm, leftOut: { requests, batches } }) => {
    const parts = [
      ...(requests.length > 0
        ? [`${counted(requests.length, 'request')} (${numbersInWords(requests)})`]
        : []),
      ...(batches > 0 ? [`the first ${batches} batches of a request that is too large by itself`] : []),
    ];
    if (parts.length === 0) return [];
    return [
      `arm '${arm}': left out ${parts.join(' and ')}; a trace holds ${counted(mostTasks, 'task')} at most: name fewer arms with --arm, or fewer requests with --trace-requests`,
    ];
  });
}

/** The first few of them, and that there are more. */
function numbersInWords(numbers: readonly number[]): string {
  const shown = numbers.slice(0, 5).join(', ');
  return numbers.length > 5 ? `${shown}, …` : shown;
}
