import type { AcceleratedServing } from '../../scenarios/deployment.ts';
import type { TaskGraph } from '../engine/task-graph.ts';
import { acceleratorsPerBatch, processors, tierGroup } from '../serving/host-groups.ts';
import type { TracedHost } from './trace-result.ts';

/** Position of a host, and of a thread among those of the host. */
export interface ThreadPosition {
  host: number;
  thread: number;
}

/** Pools come before links, in the order of the graph; there is room for so many servers of each. */
const ordersPerResource = 2 ** 20;

/**
 * Hosts and threads of a trace. Replicas of a group are hosts; a group of parts of the entry's hosts, as their
 * accelerators, adds threads to these. Threads are made when they are asked for first.
 */
export class TraceThreads {
  readonly hosts: TracedHost[] = [];
  private readonly groups: TaskGraph['groups'];
  private readonly accelerated: AcceleratedServing | undefined;
  /** By group: its first host. */
  private readonly firstHost: number[];
  private readonly known = new Map<string, ThreadPosition>();

  constructor(groups: TaskGraph['groups'], accelerated: AcceleratedServing | undefined) {
    this.groups = groups;
    this.accelerated = accelerated;
    this.firstHost = groups.map(() => 0);
    // In the order in which a request meets them.
    const inFront = groups.flatMap(({ name }, group) => (name === tierGroup ? [group] : []));
    const others = groups.flatMap(({ name }, group) => (name === tierGroup ? [] : [group]));
    for (const group of [...inFront, ...others]) this.addHosts(group);
  }

  private addHosts(group: number): void {
    const { name, replicas, perEntryHost } = this.groups[group];
    const isPartOfHost = perEntryHost !== undefined;
    this.firstHost[group] = isPartOfHost ? this.firstHost[0] : this.hosts.length;
    for (let replica = 0; replica < replicas && !isPartOfHost; replica++) {
      this.hosts.push({ name: replicas === 1 ? name : `${name} replica ${replica}`, threads: [] });
    }
  }

  server(group: number, replica: number, pool: number, lane: number): ThreadPosition {
    const resource = this.poolName(group, replica, pool);
    const { pools, perEntryHost } = this.groups[group];
    const host = this.hostOf(group, replica);
    if (perEntryHost === undefined) {
      const name = `${resource.replace(/s$/, '')} ${lane}`;
      return this.thread(host, name, resource, pool * ordersPerResource + lane);
    }
    // Each accelerator is followed by its links.
    const within = this.unit(group, replica) * pools.length + pool;
    return this.thread(host, resource, resource, this.groups[0].pools.length * ordersPerResource + within);
  }

  link(group: number, replica: number, link: number): ThreadPosition {
    const { name } = this.groups[group].links[link];
    // Behind the pools of the host and those of its accelerators.
    const before = this.groups.reduce((sum, { pools }) => sum + pools.length, 0) + link;
    return this.thread(this.hostOf(group, replica), name, name, before * ordersPerResource);
  }

  hostOf(group: number, replica: number): number {
    const { perEntryHost } = this.groups[group];
    return (
      this.firstHost[group] + (perEntryHost === undefined ? replica : Math.floor(replica / perEntryHost))
    );
  }

  /** `cores`, `streams`, `accelerator 3`, `accelerator 3 host link in`. */
  poolName(group: number, replica: number, pool: number): string {
    const { name } = this.groups[group].pools[pool];
    if (this.groups[group].perEntryHost === undefined) return name;
    const together = acceleratorsPerBatch(this.accelerated!);
    const unit = this.unit(group, replica);
    const unitName = together === 1 ? `accelerator ${unit}` : `accelerators 0–${together - 1}`;
    return pool === processors ? unitName : `${unitName} ${name}`;
  }

  private unit(group: number, replica: number): number {
    return replica % this.groups[group].perEntryHost!;
  }

  private thread(host: number, name: string, resource: string, order: number): ThreadPosition {
    const key = `${host} ${order}`;
    const known = this.known.get(key);
    if (known) return known;
    const thread = this.hosts[host].threads.push({ name, resource, order }) - 1;
    const position = { host, thread };
    this.known.set(key, position);
    return position;
  }
}
