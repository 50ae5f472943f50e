import type { ArmDeployment } from '../../scenarios/deployment.ts';
import type { Task, TransferTask } from '../engine/task-graph.ts';
import type { ServingGraph } from '../serving/build-graph.ts';
import { GraphNames, messagesOf } from './graph-names.ts';
import type { Samples } from './pool-samples.ts';
import type { RecordedInstance, RecordedTask } from './recorded.ts';
import type { Message, Occupation, PoolCounter, TracedInstance, TracedTask } from './trace-result.ts';
import { TraceThreads } from './trace-threads.ts';

/** Turns what was recorded of an arm's tasks, by positions in the graph, into tasks with names on hosts and threads. */
export class TraceBuilder {
  readonly names: GraphNames;
  readonly threads: TraceThreads;
  private readonly graph: ServingGraph['graph'];
  private readonly messages: Message[];
  /** Pools on which a task of the trace ran: group, replica and pool, by what the executor calls it. */
  private readonly pools = new Map<number, [group: number, replica: number, pool: number]>();
  private readonly poolAt: (group: number, replica: number, pool: number) => number;

  /** @param poolAt position of a pool among those of all hosts */
  constructor(
    serving: ServingGraph,
    { accelerated }: ArmDeployment,
    poolAt: (group: number, replica: number, pool: number) => number,
  ) {
    this.graph = serving.graph;
    this.names = new GraphNames(serving);
    this.threads = new TraceThreads(this.graph.groups, accelerated);
    this.messages = messagesOf(serving);
    this.poolAt = poolAt;
  }

  instance(recorded: RecordedInstance): TracedInstance {
    const { kind, batch, requests, tasks } = recorded;
    const position = new Map(tasks.map(({ task }, index) => [task, index]));
    return {
      kind,
      batch,
      requests,
      tasks: tasks.map((task) => this.task(task, recorded)),
      messages: this.messages
        .filter((message) => message.tasks.every((task) => position.has(task)))
        .map((message) => ({ ...message, tasks: message.tasks.map((task) => position.get(task)!) })),
    };
  }

  /** Counters of the pools that the instances ran on. */
  counters(samples: readonly Samples[]): PoolCounter[] {
    return [...this.pools]
      .sort(([a], [b]) => a - b)
      .map(([position, [group, replica, pool]]) => ({
        host: this.threads.hostOf(group, replica),
        name: this.threads.poolName(group, replica, pool),
        ...samples[position],
      }));
  }

  private task(recorded: RecordedTask, instance: RecordedInstance): TracedTask {
    const { readyS, startS, endS, isCritical } = recorded;
    const task = this.graph.tasks[recorded.task];
    return {
      name: task.name,
      readyS,
      startS,
      endS,
      parts: this.names.parts(recorded),
      ...(task.kind === 'transfer' && { bytes: recorded.work[0] }),
      on: this.occupied(task, recorded, instance),
      isCritical,
    };
  }

  private occupied(task: Task, recorded: RecordedTask, instance: RecordedInstance): Occupation[] {
    if (task.kind === 'delay') return [];
    if (task.kind === 'transfer') return this.links(task, recorded, instance);
    const { readyS, startS, endS, lane } = recorded;
    const [group, replica] = this.boundTo(task.slot, instance);
    this.pools.set(this.poolAt(group, replica, task.pool), [group, replica, task.pool]);
    const last = instance.tasks.find(({ task: position }) => position === task.holdsUntil);
    return [
      {
        ...this.threads.server(group, replica, task.pool, lane),
        fromS: startS,
        toS: last?.endS ?? endS,
        waitS: startS - readyS,
      },
    ];
  }

  private links(
    { from, to }: TransferTask,
    { readyS, sentS, receivedS, work: [bytes, latencyS] }: RecordedTask,
    instance: RecordedInstance,
  ): Occupation[] {
    const passes = ({ slot, link }: TransferTask['from'], fromS: number, waitS: number) => {
      const [group, replica] = this.boundTo(slot, instance);
      // In the executor's own arithmetic, so that the next message begins exactly where this one ends.
      const secondsPerByte = 1 / this.graph.groups[group].links[link].bytesPerS;
      const toS = fromS + bytes * secondsPerByte;
      return { ...this.threads.link(group, replica, link), fromS, toS, waitS };
    };
    return [
      passes(from, sentS, sentS - readyS),
      // The first byte arrives one latency after it was sent.
      passes(to, receivedS, receivedS - (sentS + latencyS)),
    ];
  }

  private boundTo(slot: number, { replicas }: RecordedInstance): [group: number, replica: number] {
    return [this.graph.slots[slot].group, replicas[slot]];
  }
}
