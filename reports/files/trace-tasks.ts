import type {
  ArmTrace,
  Message,
  Occupation,
  TracedInstance,
  TracedTask,
} from '../../sim/trace/trace-result.ts';
import { mainComponent, microsecondsByComponent } from './component-names.ts';
import {
  type Arguments,
  type FlowEvent,
  justAfterStart,
  justBeforeEnd,
  span,
  type TraceEvent,
  timestamp,
} from './trace-events.ts';
import type { TraceIds } from './trace-ids.ts';

/** Gives numbers to what needs its own in a file. */
export class Numbering {
  private last = 0;

  next(): number {
    return ++this.last;
  }
}

/**
 * The tasks of an arm on its hosts: a slice for each server or link that a task stood on, what it waited for this
 * before, and the arrows of the messages that it takes part in.
 */
export function* taskEvents(
  trace: ArmTrace,
  arm: number,
  ids: TraceIds,
  numbering: Numbering,
): Generator<TraceEvent> {
  for (const instance of trace.instances) {
    const arrows = arrowsOf(instance, numbering);
    for (const task of instance.tasks) {
      for (const occupation of task.on) {
        const place = ids.thread(arm, occupation);
        const { waitS, fromS, toS } = occupation;
        const { resource } = trace.hosts[occupation.host].threads[occupation.thread];
        const args = argumentsOf(trace.arm, instance, task, occupation);
        if (span(fromS - waitS, fromS).dur > 0) {
          const wait = {
            name: `wait for ${resource}`,
            cat: 'wait',
            id: `wait ${numbering.next()}`,
            ...place,
          };
          yield {
            ph: 'b',
            ...wait,
            ts: timestamp(fromS - waitS),
            args: { ...whose(instance), task: task.name },
          };
          yield { ph: 'e', ...wait, ts: timestamp(fromS) };
        }
        yield { ph: 'X', name: task.name, cat: 'task', ...place, ...span(fromS, toS), args };
        // Behind its slice, to which viewers bind it.
        for (const arrow of arrows.get(occupation) ?? []) yield { ...arrow, ...place };
      }
    }
  }
}

function argumentsOf(
  arm: string,
  instance: TracedInstance,
  { parts, bytes, isCritical }: TracedTask,
  { waitS }: Occupation,
): Arguments {
  return {
    arm,
    ...whose(instance),
    component: mainComponent(parts),
    ...(bytes === undefined ? { phases_us: microsecondsByComponent(parts) } : { bytes }),
    waited_us: timestamp(waitS),
    ...(isCritical && { critical: true }),
  };
}

function whose({ kind, batch, requests }: TracedInstance): Arguments {
  if (kind === 'shared batch') return { requests, batch };
  return kind === 'batch' ? { request: requests[0], batch } : { request: requests[0] };
}

type Arrow = Omit<FlowEvent, 'pid' | 'tid'>;

/** Shortest slice of a link, in µs, that an arrow stops at: chrome://tracing mixes up shorter ones that are close. */
const shortestStop = 1;

/** The ends and steps of all arrows, by the slice that they belong to. No arrow stops at a slice without length. */
function arrowsOf({ messages, tasks }: TracedInstance, numbering: Numbering): Map<Occupation, Arrow[]> {
  const arrows = new Map<Occupation, Arrow[]>();
  for (const { kind, tasks: positions } of messages) {
    const stops = positions.flatMap((position) => {
      const shortest = tasks[position].bytes === undefined ? 0 : shortestStop;
      return tasks[position].on.filter(({ fromS, toS }) => span(fromS, toS).dur > shortest);
    });
    if (stops.length < 2) continue;
    const common = { name: messageNames[kind], cat: kind, id: numbering.next(), bp: 'e' as const };
    stops.forEach((stop, index) => {
      const isFirst = index === 0;
      const ph = isFirst ? 's' : index === stops.length - 1 ? 'f' : 't';
      const ts = isFirst ? justBeforeEnd(stop.toS) : justAfterStart(stop.fromS, stop.toS);
      arrows.set(stop, [...(arrows.get(stop) ?? []), { ph, ts, ...common }]);
    });
  }
  return arrows;
}

const messageNames: Record<Message['kind'], string> = { rpc: 'RPC', message: 'message' };
