import type { ComputeTask } from '../engine/task-graph.ts';
import type { ServingGraph } from '../serving/build-graph.ts';
import { components } from '../serving/components.ts';
import type { PathNames } from './critical-path.ts';
import type { RecordedTask } from './recorded.ts';
import type { Component, Message, Part } from './trace-result.ts';

/** What the tasks of a serving graph are called, and what their time counts as. */
export class GraphNames implements PathNames {
  private readonly graph: ServingGraph['graph'];

  constructor({ graph }: ServingGraph) {
    this.graph = graph;
  }

  name(task: number): string {
    return this.graph.tasks[task].name;
  }

  isCompute(task: number): boolean {
    return this.graph.tasks[task].kind === 'compute';
  }

  waitsFor(task: number): { name: string; component: Component } {
    const { slot, pool, waitComponent } = this.graph.tasks[task] as ComputeTask;
    const group = this.graph.groups[this.graph.slots[slot].group];
    return { name: group.pools[pool].name, component: components[waitComponent] };
  }

  /** The phases of a task; a message or a delay is one part, a gate none: others' time passes there. */
  parts({ task: position, work, readyS, endS }: RecordedTask): Part[] {
    const task = this.graph.tasks[position];
    if (task.kind === 'compute') {
      return task.phases.map(({ component }, phase) => ({
        component: components[component],
        seconds: work[phase],
      }));
    }
    if (position === this.graph.envelope?.gate) return [];
    return [{ component: components[task.component], seconds: endS - readyS }];
  }
}

/** What each message passes through, as positions in the graph: RPCs to shards, and what goes to and from a tier. */
export function messagesOf({ routes, tier }: ServingGraph): Message[] {
  const rpcs = routes.flatMap(({ nets }) =>
    nets.flatMap((net) =>
      net.rpcs.map(
        ({ serialise, request, handle, reply, deserialise }): Message => ({
          kind: 'rpc',
          tasks: [serialise, request, handle, reply, deserialise],
        }),
      ),
    ),
  );
  if (!tier) return rpcs;
  const { preprocess, request, receive, reply, replyTransfer, answer } = tier;
  return [
    ...rpcs,
    { kind: 'message', tasks: [preprocess, request, receive] },
    { kind: 'message', tasks: [reply, replyTransfer, answer] },
  ];
}
