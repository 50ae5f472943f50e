import type { Executor } from '../engine/executor.ts';
import type { TaskGraph } from '../engine/task-graph.ts';
import { streams } from './host-groups.ts';

/** One kind of pool or link of a host group. */
export interface ResourceUse {
  group: string;
  resource: string;
  /** Busy share seen in the run: the mean over its replicas, and the busiest replica. */
  utilisation: number;
  busiest: number;
  /**
   * What an open load asks of it, over what it can do: work of a request × rate / (servers × replicas). Unlike the
   * busy share it does not depend on how long the run took to fill and to drain, and it passes 1 on overload. With
   * dynamic batching the work is that of full batches.
   */
  offered?: number;
}

/**
 * @param offeredPerS requests per second of an open load
 * @param work what `requests` of them needed, by work value of the graph; seconds for which they held streams
 */
export function resourceUse(
  graph: TaskGraph,
  executor: Executor,
  {
    durationS,
    requests,
    work: values,
    streamS,
    offeredPerS,
  }: {
    durationS: number;
    requests: number;
    work: Float64Array;
    streamS: number;
    offeredPerS: number | undefined;
  },
): ResourceUse[] {
  const { hosts, now } = executor;
  const work = workOfResources(graph, values);
  if (graph.groups[0].pools[streams]) work.pools[0][streams] = streamS;
  return graph.groups.flatMap((group, index) => {
    const use = (resource: string, capacity: number, workS: number, busyS: (replica: number) => number) => {
      const shares = Array.from(
        { length: group.replicas },
        (_, replica) => busyS(replica) / (durationS * capacity),
      );
      const perRequestS = workS / requests;
      return {
        group: group.name,
        resource,
        utilisation: shares.reduce((sum, value) => sum + value, 0) / shares.length,
        busiest: Math.max(...shares),
        ...(offeredPerS !== undefined && {
          offered: (perRequestS * offeredPerS) / (capacity * group.replicas),
        }),
      };
    };
    const pools = group.pools.map(({ name, servers }, pool) =>
      use(name, servers, work.pools[index][pool], (replica) =>
        hosts.busySeconds(hosts.poolAt(index, replica, pool), now),
      ),
    );
    const links = group.links.map(({ name, bytesPerS }, link) =>
      use(
        name,
        1,
        work.linkBytes[index][link] / bytesPerS,
        (replica) => hosts.linkBusyS[hosts.linkAt(index, replica, link)],
      ),
    );
    return [...pools, ...links];
  });
}

/** Server-seconds of each pool and bytes of each link, by group. */
function workOfResources({ groups, slots, tasks }: TaskGraph, workTotals: Float64Array) {
  const pools = groups.map((group) => group.pools.map(() => 0));
  const linkBytes = groups.map((group) => group.links.map(() => 0));
  let value = 0;
  for (const task of tasks) {
    if (task.kind === 'transfer') {
      linkBytes[slots[task.from.slot].group][task.from.link] += workTotals[value];
      linkBytes[slots[task.to.slot].group][task.to.link] += workTotals[value];
      value += 2;
    } else if (task.kind === 'delay') {
      value++;
    } else {
      for (const _ of task.phases) pools[slots[task.slot].group][task.pool] += workTotals[value++];
    }
  }
  return { pools, linkBytes };
}
