import type { Host } from '../../hardware-profiles/profile.ts';
import type { ArmDeployment, Tier } from '../../scenarios/deployment.ts';
import type { HostGroup, Pool, Task, TaskGraph } from '../engine/task-graph.ts';
import type { Placement } from '../sharding/placement.ts';
import { at, components } from './components.ts';

/** Tasks of one RPC, as positions in the graph. Its group is where its lookups are counted. */
export interface RpcTasks {
  group: number;
  shard: number;
  serialise: number;
  request: number;
  handle: number;
  reply: number;
  deserialise: number;
}

/** Tasks of one net. `local` gathers on the main host; accelerator tasks exist where dense runs there. */
export interface NetTasks {
  net: number;
  /** Lookup group of local gathers, or -1. */
  localGroup: number;
  before: number;
  after: number;
  rpcs: RpcTasks[];
  accelerated?: { copyIn: number; before: number; copyVectors: number; after: number; copyOut: number };
}

/** The graph of one batch, with where the demand has to write. */
export interface ServingGraph {
  graph: TaskGraph;
  nets: NetTasks[];
  /** Lookup groups: (net, shard) pairs with tables, or nets where tables are local. */
  groups: { net: number; shard: number }[];
}

/** Pools and links by position; the same on every host. */
export const cores = 0;
export const accelerators = 1;
export const copyEngines = 2;
const nicOut = 0;
const nicIn = 1;

const mainSlot = 0;

/** Whether the dense operators of an arm run on accelerators of the main host. */
export function isAccelerated({ main, serving }: ArmDeployment): boolean {
  return (serving.dense_on ?? 'accelerator') === 'accelerator' && main.host.accelerators !== undefined;
}

/**
 * Compiles an arm into the task graph of one batch (docs/model.md, section 3): nets in sequence; dense before,
 * one asynchronous RPC per shard with tables of the net, a join on the slowest, dense after.
 */
export function buildGraph(arm: ArmDeployment, placement: Placement): ServingGraph {
  const builder = new GraphBuilder(arm, placement);
  return builder.build();
}

class GraphBuilder {
  private readonly arm: ArmDeployment;
  private readonly placement: Placement;
  private readonly tasks: Task[] = [];
  private readonly slots: TaskGraph['slots'] = [{ group: 0, releasedBy: 0 }];
  private readonly groups: ServingGraph['groups'] = [];
  private readonly isAccelerated: boolean;

  constructor(arm: ArmDeployment, placement: Placement) {
    this.arm = arm;
    this.placement = placement;
    this.isAccelerated = isAccelerated(arm);
  }

  build(): ServingGraph {
    const nets: NetTasks[] = [];
    this.arm.model.nets.forEach((_, net) => {
      nets.push(this.addNet(net, nets.at(-1)?.after ?? -1));
    });
    if (this.isAccelerated) this.addReply(nets.at(-1)!);
    const { main, sparse } = this.arm;
    const isLocal = this.placement.shards.length === 0;
    const shardGroups = this.placement.shards.map((_, shard) =>
      hostGroup(`shard ${shard}`, sparse, replicasOf(this.arm, shard), true),
    );
    return {
      graph: {
        components: [...components],
        groups: [hostGroup('main', main, main.replicas, isLocal), ...shardGroups],
        slots: this.slots,
        tasks: this.tasks,
      },
      nets,
      groups: this.groups,
    };
  }

  private addNet(net: number, previous: number): NetTasks {
    const isLocal = this.placement.shards.length === 0;
    const localGroup = isLocal ? this.addGroup(net, -1) : -1;
    const before = this.addBefore(net, previous, isLocal);
    const rpcs: RpcTasks[] = [];
    this.placement.shards.forEach((pieces, shard) => {
      if (!pieces.some(({ table }) => this.netOf(table) === net)) return;
      rpcs.push(this.addRpc(net, shard, before, rpcs.length === 0));
    });
    const replies = rpcs.map((rpc) => rpc.deserialise);
    const isLast = net === this.arm.model.nets.length - 1;
    if (this.isAccelerated) return this.addAccelerated({ net, localGroup, before, after: -1, rpcs }, replies);
    const after = this.add({
      kind: 'compute',
      name: `net ${net} after`,
      after: replies.length > 0 ? replies : [before],
      // A batch keeps its core until it has to wait for a shard.
      chained: replies.length === 0,
      slot: mainSlot,
      pool: cores,
      priority: 0,
      waitComponent: at.queue,
      phases: [{ component: at.dense }, ...(isLast ? [{ component: at.rpcService }] : [])],
    });
    return { net, localGroup, before, after, rpcs };
  }

  /** Starts a net on a core. The first net also takes the batch in, and queues behind batches that have begun. */
  private addBefore(net: number, previous: number, isLocal: boolean): number {
    const phases = [
      { component: at.netOverhead },
      { component: at.dense },
      ...(net === 0 ? [{ component: at.rpcService }] : []),
      ...(isLocal ? [{ component: at.sparse }, { component: at.sparse, shared: true }] : []),
    ];
    const isNew = net === 0 && this.arm.serving.scheduling === 'continuations-first';
    return this.add({
      kind: 'compute',
      name: `net ${net} before`,
      after: previous < 0 ? [] : [previous],
      chained: previous >= 0 && !this.isAccelerated,
      slot: mainSlot,
      pool: cores,
      priority: isNew ? 1 : 0,
      waitComponent: at.queue,
      phases,
    });
  }

  private addRpc(net: number, shard: number, before: number, isFirst: boolean): RpcTasks {
    const group = this.addGroup(net, shard);
    const slot = this.slots.length;
    const name = `net ${net} shard ${shard}`;
    const onCore = { kind: 'compute', pool: cores, priority: 0 } as const;
    const serialise = this.add({
      ...onCore,
      name: `${name} serialise`,
      after: [before],
      chained: isFirst,
      slot: mainSlot,
      waitComponent: at.queue,
      phases: [{ component: at.rpcSerialisation }],
    });
    const request = this.add({
      kind: 'transfer',
      name: `${name} request`,
      after: [serialise],
      from: { slot: mainSlot, link: nicOut },
      to: { slot, link: nicIn },
      component: at.network,
    });
    const handle = this.add({
      ...onCore,
      name: `${name} handle`,
      after: [request],
      slot,
      waitComponent: at.shardQueue,
      phases: [
        { component: at.shardSerialisation },
        { component: at.shardService },
        { component: at.shardNetOverhead },
        { component: at.sparse },
        { component: at.sparse, shared: true },
      ],
    });
    const reply = this.add({
      kind: 'transfer',
      name: `${name} reply`,
      after: [handle],
      from: { slot, link: nicOut },
      to: { slot: mainSlot, link: nicIn },
      component: at.network,
    });
    const deserialise = this.add({
      ...onCore,
      name: `${name} deserialise`,
      after: [reply],
      slot: mainSlot,
      waitComponent: at.queue,
      phases: [{ component: at.rpcSerialisation }],
    });
    this.slots.push({ group: 1 + shard, releasedBy: handle });
    return { group, shard, serialise, request, handle, reply, deserialise };
  }

  /** Dense operators on an accelerator: features go over the host link, dense runs, pooled vectors follow. */
  private addAccelerated(net: NetTasks, replies: number[]): NetTasks {
    const step = (name: string, after: number[], pool: number, component: number) =>
      this.add({
        kind: 'compute',
        name: `net ${net.net} ${name}`,
        after,
        slot: mainSlot,
        pool,
        priority: 0,
        waitComponent: at.queue,
        phases: [{ component }],
      });
    const copyIn = step('copy in', [net.before], copyEngines, at.copy);
    const before = step('before', [copyIn], accelerators, at.dense);
    const copyVectors = step('copy vectors', [before, ...replies], copyEngines, at.copy);
    const after = step('after', [copyVectors], accelerators, at.dense);
    const copyOut = step('copy out', [after], copyEngines, at.copy);
    return { ...net, after: copyOut, accelerated: { copyIn, before, copyVectors, after, copyOut } };
  }

  /** The answer leaves through a core of the main host. */
  private addReply(last: NetTasks): void {
    last.after = this.add({
      kind: 'compute',
      name: 'reply',
      after: [last.after],
      slot: mainSlot,
      pool: cores,
      priority: 0,
      waitComponent: at.queue,
      phases: [{ component: at.rpcService }],
    });
  }

  private add(task: Task): number {
    return this.tasks.push(task) - 1;
  }

  private addGroup(net: number, shard: number): number {
    return this.groups.push({ net, shard }) - 1;
  }

  private netOf(table: number): number {
    let first = 0;
    for (let net = 0; ; net++) {
      first += this.arm.model.nets[net].tables.length;
      if (table < first) return net;
    }
  }
}

/** Replicas of one shard. */
export function replicasOf({ sparse }: ArmDeployment, shard: number): number {
  return Array.isArray(sparse.replicas) ? sparse.replicas[shard] : sparse.replicas;
}

/** DRAM bandwidth that embedding gathers of all cores of a host share (bytes/s). */
export function gatherBandwidth({ cpu, sockets }: Host): number {
  return sockets.value * cpu.memory.bandwidthBytesPerS.value * cpu.efficiency.gather.value;
}

function hostGroup(
  name: string,
  { host, workers, policy }: Tier,
  replicas: number,
  gathers: boolean,
): HostGroup {
  const pools: Pool[] = [{ name: 'cores', servers: workers }];
  if (gathers) {
    const perCore = host.cpu.coreBandwidthBytesPerS?.value ?? gatherBandwidth(host);
    pools[0].shared = { unitsPerS: gatherBandwidth(host), unitsPerServerPerS: perCore };
  }
  const count = host.accelerators?.count.value ?? 0;
  if (count > 0)
    pools.push({ name: 'accelerators', servers: count }, { name: 'copy engines', servers: count });
  const bytesPerS = host.nicBytesPerS.value;
  const links = [
    { name: 'NIC out', bytesPerS },
    { name: 'NIC in', bytesPerS },
  ];
  return { name, replicas, policy, pools, links };
}
