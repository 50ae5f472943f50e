import type { ComputeTask, Task } from '../engine/task-graph.ts';
import { at } from './components.ts';
import { cores, nicIn, nicOut } from './host-groups.ts';

/** Tasks of a request on the tier that preprocesses in front of the main hosts, as positions in the graph. */
export interface TierTasks {
  preprocess: number;
  request: number;
  overhead: number;
  receive: number;
  /** Where the request waits for its batches on the main host. */
  gate: number;
  reply: number;
  replyTransfer: number;
  answer: number;
}

/**
 * What surrounds the batches of a request (docs/model.md, section 3): a core of the tier preprocesses it and writes the
 * message, which a core of the main host reads; back goes one message with all scores.
 * @param first position of the first task
 * @param slot of the tier; the main host is slot 0
 */
export function tierTasks(first: number, slot: number): { tasks: Task[]; positions: TierTasks } {
  const [preprocess, request, overhead, receive, gate, reply, replyTransfer, answer] = Array.from(
    { length: 8 },
    (_, index) => first + index,
  );
  const compute = (name: string, after: number[], over: Partial<ComputeTask>): Task => ({
    kind: 'compute',
    name: `tier ${name}`,
    after,
    slot: 0,
    pool: cores,
    priority: 0,
    waitComponent: at.tierQueue,
    phases: [{ component: at.tierSerialisation }],
    ...over,
  });
  const delay = (name: string, after: number[]): Task => ({
    kind: 'delay',
    name: `tier ${name}`,
    after,
    component: at.tierOverhead,
  });
  const transfer = (name: string, after: number[], from: number, to: number): Task => ({
    kind: 'transfer',
    name: `tier ${name}`,
    after,
    from: { slot: from, link: nicOut },
    to: { slot: to, link: nicIn },
    component: at.tierNetwork,
  });
  const tasks = [
    compute('preprocess', [], {
      slot,
      phases: [at.tierService, at.preprocessing, at.tierSerialisation].map((component) => ({ component })),
    }),
    transfer('request', [preprocess], slot, 0),
    delay('overhead', [request]),
    compute('receive', [overhead], { waitComponent: at.queue }),
    delay('gate', [receive]),
    compute('reply', [gate], { waitComponent: at.queue }),
    transfer('reply transfer', [reply], 0, slot),
    compute('answer', [replyTransfer], {
      slot,
      phases: [at.tierSerialisation, at.tierService].map((component) => ({ component })),
    }),
  ];
  return {
    tasks,
    positions: { preprocess, request, overhead, receive, gate, reply, replyTransfer, answer },
  };
}
