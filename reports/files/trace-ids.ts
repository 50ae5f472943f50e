import type { ArmTrace, Reason, TracedRequest } from '../../sim/trace/trace-result.ts';
import type { MetadataEvent } from './trace-events.ts';

/** Process and thread of an event. */
export interface Place {
  pid: number;
  tid: number;
}

/**
 * Numbers of the processes and threads of a file, and the events that name and order them. Of each arm its requests
 * are the first process, then come its hosts. Numbers of threads are unique in the file and none is that of a process:
 * viewers tell threads apart by their number alone, and take one of its process's number for the main thread.
 */
export class TraceIds {
  readonly metadata: MetadataEvent[] = [];
  private readonly traces: readonly ArmTrace[];
  private readonly requests = new Map<TracedRequest, Place>();
  /** By arm and host: its process, and its threads in their order in the trace. */
  private readonly hosts: { pid: number; tids: number[] }[][] = [];
  private nextPid = 1;
  private nextTid: number;

  constructor(traces: readonly ArmTrace[]) {
    this.traces = traces;
    this.nextTid = 1 + traces.reduce((sum, { hosts }) => sum + 1 + hosts.length, 0);
    for (const trace of traces) {
      this.addRequests(trace);
      this.hosts.push(trace.hosts.map(({ name, threads }) => this.addHost(trace, name, threads)));
    }
  }

  /** The row of a request. */
  request(request: TracedRequest): Place {
    return this.requests.get(request)!;
  }

  host(arm: number, host: number): number {
    return this.hosts[arm][host].pid;
  }

  thread(arm: number, { host, thread }: { host: number; thread: number }): Place {
    const { pid, tids } = this.hosts[arm][host];
    return { pid, tid: tids[thread] };
  }

  private addRequests(trace: ArmTrace): void {
    const pid = this.addProcess(trace, 'requests');
    for (const request of trace.requests) {
      this.requests.set(request, { pid, tid: this.addThread(pid, rowName(request)) });
    }
  }

  /** A host without threads did nothing for these requests and is left out. */
  private addHost(trace: ArmTrace, name: string, threads: ArmTrace['hosts'][number]['threads']) {
    const tids: number[] = [];
    if (threads.length === 0) return { pid: 0, tids };
    const pid = this.addProcess(trace, name);
    const inOrder = threads.map((_, position) => position);
    inOrder.sort((a, b) => threads[a].order - threads[b].order);
    for (const position of inOrder) tids[position] = this.addThread(pid, threads[position].name);
    return { pid, tids };
  }

  private addProcess({ arm }: ArmTrace, what: string): number {
    const pid = this.nextPid++;
    const name = this.traces.length > 1 ? `${arm} · ${what}` : what;
    this.metadata.push(
      { ph: 'M', name: 'process_name', pid, args: { name } },
      { ph: 'M', name: 'process_sort_index', pid, args: { sort_index: pid } },
    );
    return pid;
  }

  private addThread(pid: number, name: string): number {
    const tid = this.nextTid++;
    this.metadata.push(
      { ph: 'M', name: 'thread_name', pid, tid, args: { name } },
      { ph: 'M', name: 'thread_sort_index', pid, tid, args: { sort_index: tid } },
    );
    return tid;
  }
}

function rowName({ number, why }: TracedRequest): string {
  const notable = why.filter((reason): reason is Exclude<Reason, 'first'> => reason !== 'first');
  return notable.length === 0 ? `request ${number}` : `request ${number} (${notable.join(', ')})`;
}
