import type { ArmDeployment } from '../../scenarios/deployment.ts';
import type { ComputeTask, Task, TaskGraph } from '../engine/task-graph.ts';
import type { Placement } from '../sharding/placement.ts';
import { at, components } from './components.ts';
import { cores, hostGroups, linkIn, linkOut, nicIn, nicOut, processors, streams } from './host-groups.ts';
import { type TierTasks, tierTasks } from './tier-graph.ts';

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
  /** Whether `before` also preprocesses, on the core. */
  preprocesses: boolean;
  accelerated?: { copyIn: number; before: number; copyVectors: number; after: number; copyOut: number };
}

/** Tasks of a batch whose tables lie on accelerators. */
export interface DeviceTasks {
  prepare: number;
  copyIn: number;
  /** Preprocessing; -1 where there is none on the accelerators. */
  preprocess: number;
  /** Rows that the cache lacks, read over the link; -1 where no table is cached. */
  misses: number;
  run: number;
  copyOut: number;
}

/** One way that a batch can take through the graph. */
export interface Route {
  /** Its tasks are those from `first` to before `end`; it enters at the first. */
  first: number;
  end: number;
  /** The last task, whose last phase is the answer's service time. */
  last: number;
  /** Nets one by one, with tables in host memory; or all of them on accelerators that hold the tables. */
  nets: NetTasks[];
  device?: DeviceTasks;
  /** Preprocessing on an accelerator for tables in host memory: raw features in, what came of them out. */
  preprocessing?: { copyIn: number; run: number; copyOut: number };
}

/** The graph of one batch, with where the demand has to write. */
export interface ServingGraph {
  graph: TaskGraph;
  /** By entry of the graph. */
  routes: Route[];
  /** Lookup groups of host memory: (net, shard) pairs with tables, or nets where tables are local. */
  groups: { net: number; shard: number }[];
  /** Where a tier preprocesses in front of the main hosts. */
  tier?: TierTasks;
}

const mainSlot = 0;

/**
 * Compiles an arm into the task graph of one batch (docs/model.md, section 3): nets in sequence; dense before,
 * one asynchronous RPC per shard with tables of the net, a join on the slowest, dense after. Where some requests
 * stay on the cores of a host whose accelerators serve the others, the graph has a route for each.
 */
export function buildGraph(arm: ArmDeployment, placement: Placement): ServingGraph {
  return new GraphBuilder(arm, placement).build();
}

class GraphBuilder {
  private readonly arm: ArmDeployment;
  private readonly placement: Placement;
  private readonly tasks: Task[] = [];
  private readonly slots: TaskGraph['slots'] = [{ group: 0, releasedBy: 0 }];
  private readonly groups: ServingGraph['groups'] = [];
  /** Slot of the accelerators that serve a batch, or -1. */
  private readonly unitSlot: number;
  /** Whether main hosts preprocess. */
  private readonly isOnMain: boolean;

  constructor(arm: ArmDeployment, placement: Placement) {
    this.arm = arm;
    this.placement = placement;
    this.unitSlot = arm.accelerated ? 1 : -1;
    this.isOnMain = arm.preprocessing !== undefined && !arm.preprocessing.tier;
    if (arm.accelerated) this.slots.push({ group: 1 + placement.shards.length, releasedBy: -1 });
  }

  build(): ServingGraph {
    const { accelerated, serving } = this.arm;
    const routes: Route[] = [];
    if (accelerated) {
      routes.push(accelerated.tables === 'host' ? this.addNets(true) : this.addDevice(accelerated.tables));
    }
    if (!accelerated || serving.offload_threshold !== undefined) routes.push(this.addNets(false));
    const entries = routes.map(({ first }) => first);
    const groups = hostGroups(this.arm, this.placement.shards.length);
    const { slots, tasks } = this;
    const graph: TaskGraph = { components: [...components], groups, slots, tasks, entries };
    const found: ServingGraph = { graph, routes, groups: this.groups };
    if (!this.arm.preprocessing?.tier) return found;
    const tier = this.addTier(groups.length - 1);
    graph.envelope = { entry: routes.length, gate: tier.gate };
    entries.push(tier.preprocess);
    return { ...found, tier };
  }

  private addTier(group: number): TierTasks {
    const { tasks, positions } = tierTasks(this.tasks.length, this.slots.length);
    this.tasks.push(...tasks);
    this.slots.push({ group, releasedBy: positions.answer });
    return positions;
  }

  /** Nets in sequence, tables in host memory, dense operators on a core or on an accelerator. */
  private addNets(isAccelerated: boolean): Route {
    const first = this.tasks.length;
    const nets: NetTasks[] = [];
    let previous = isAccelerated ? this.addStream() : -1;
    const preprocessing = isAccelerated && this.isOnMain ? this.addPreprocessing(previous) : undefined;
    if (preprocessing) previous = preprocessing.copyOut;
    this.arm.model.nets.forEach((_, net) => {
      nets.push(this.addNet(net, previous, isAccelerated));
      previous = nets[net].after;
    });
    if (isAccelerated) {
      this.releaseAccelerator(first, previous);
      previous = this.addReply(previous);
    }
    const route = { first, end: this.tasks.length, last: previous, nets };
    return preprocessing ? { ...route, preprocessing } : route;
  }

  /** Preprocessing on an accelerator, of features whose tables lie in host memory. */
  private addPreprocessing(after: number): NonNullable<Route['preprocessing']> {
    const copyIn = this.onUnit('raw features in', [after], linkIn, [at.copy]);
    const run = this.onUnit('preprocess', [copyIn], processors, [at.preprocessing]);
    const copyOut = this.onUnit('features out', [run], linkOut, [at.copy]);
    return { copyIn, run, copyOut };
  }

  private addNet(net: number, previous: number, isAccelerated: boolean): NetTasks {
    const isLocal = this.placement.shards.length === 0;
    const localGroup = isLocal ? this.addGroup(net, -1) : -1;
    const preprocesses = net === 0 && !isAccelerated && this.isOnMain;
    const before = this.addBefore(net, previous, isAccelerated, preprocesses);
    const rpcs: RpcTasks[] = [];
    this.placement.shards.forEach((pieces, shard) => {
      if (!pieces.some(({ table }) => this.netOf(table) === net)) return;
      rpcs.push(this.addRpc(net, shard, before, rpcs.length === 0));
    });
    const replies = rpcs.map((rpc) => rpc.deserialise);
    const isLast = net === this.arm.model.nets.length - 1;
    const tasks: NetTasks = { net, localGroup, before, after: -1, rpcs, preprocesses };
    if (isAccelerated) return this.addAccelerated(tasks, replies);
    const after = this.compute(`net ${net} after`, replies.length > 0 ? replies : [before], {
      // A batch keeps its core until it has to wait for a shard.
      chained: replies.length === 0,
      phases: [{ component: at.dense }, ...(isLast ? [{ component: at.rpcService }] : [])],
    });
    return { ...tasks, after };
  }

  /** Starts a net on a core. The first net also takes the batch in, and queues behind batches that have begun. */
  private addBefore(net: number, previous: number, isAccelerated: boolean, preprocesses: boolean): number {
    const isNew = net === 0 && this.arm.serving.scheduling === 'continuations-first';
    const gathers = [{ component: at.sparse }, { component: at.sparse, shared: true }];
    return this.compute(`net ${net} before`, previous < 0 ? [] : [previous], {
      chained: previous >= 0 && !isAccelerated,
      priority: isNew ? 1 : 0,
      phases: [
        { component: at.netOverhead },
        { component: at.dense },
        ...(net === 0 ? [{ component: at.rpcService }] : []),
        ...(preprocesses ? [{ component: at.preprocessing }] : []),
        ...(this.placement.shards.length === 0 ? gathers : []),
      ],
    });
  }

  private addRpc(net: number, shard: number, before: number, isFirst: boolean): RpcTasks {
    const group = this.addGroup(net, shard);
    const slot = this.slots.length;
    const name = `net ${net} shard ${shard}`;
    const serialise = this.compute(`${name} serialise`, [before], {
      chained: isFirst,
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
    const handle = this.compute(`${name} handle`, [request], {
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
    const deserialise = this.compute(`${name} deserialise`, [reply], {
      phases: [{ component: at.rpcSerialisation }],
    });
    this.slots.push({ group: 1 + shard, releasedBy: handle });
    return { group, shard, serialise, request, handle, reply, deserialise };
  }

  /** Dense operators on an accelerator: features go over the host link, dense runs, pooled vectors follow. */
  private addAccelerated(net: NetTasks, replies: number[]): NetTasks {
    const step = (name: string, after: number[], pool: number, component: number) =>
      this.onUnit(`net ${net.net} ${name}`, after, pool, [component]);
    const copyIn = step('copy in', [net.before], linkIn, at.copy);
    const before = step('before', [copyIn], processors, at.dense);
    const copyVectors = step('copy vectors', [before, ...replies], linkIn, at.copy);
    const after = step('after', [copyVectors], processors, at.dense);
    const copyOut = step('copy out', [after], linkOut, at.copy);
    return { ...net, after: copyOut, accelerated: { copyIn, before, copyVectors, after, copyOut } };
  }

  /** Tables on accelerators: indices and features go over the host link, all nets run, scores come back. */
  private addDevice(tables: 'replicated' | 'sharded' | 'cached'): Route {
    const first = this.addStream();
    const prepare = this.compute('prepare', [first], {
      phases: [{ component: at.netOverhead }, { component: at.rpcService }],
    });
    const copyIn = this.onUnit('copy in', [prepare], linkIn, [at.copy]);
    const preprocess = this.isOnMain
      ? this.onUnit('preprocess', [copyIn], processors, [at.preprocessing])
      : -1;
    const ready = preprocess < 0 ? copyIn : preprocess;
    const misses = tables === 'cached' ? this.onUnit('read misses', [ready], linkIn, [at.copy]) : -1;
    const run = this.onUnit('run', [misses < 0 ? ready : misses], processors, [
      at.dense,
      at.sparse,
      at.exchange,
    ]);
    const copyOut = this.onUnit('copy out', [run], linkOut, [at.copy]);
    this.releaseAccelerator(first, copyOut);
    const last = this.addReply(copyOut);
    const device = { prepare, copyIn, preprocess, misses, run, copyOut };
    return { first, end: this.tasks.length, last, nets: [], device };
  }

  /** A batch takes a stream before all else: that bounds how many are under way. */
  private addStream(): number {
    return this.compute('stream', [], { pool: streams, phases: [{ component: at.queue }] });
  }

  /** The stream that task `first` took, and the accelerator, are free once `last` is done. */
  private releaseAccelerator(first: number, last: number): void {
    (this.tasks[first] as ComputeTask).holdsUntil = last;
    this.slots[this.unitSlot].releasedBy = last;
  }

  /** The answer leaves through a core of the main host. */
  private addReply(after: number): number {
    return this.compute('reply', [after], { phases: [{ component: at.rpcService }] });
  }

  private onUnit(name: string, after: number[], pool: number, phases: number[]): number {
    return this.compute(name, after, {
      slot: this.unitSlot,
      pool,
      phases: phases.map((component) => ({ component })),
    });
  }

  /** A task on a core of the main host, unless said otherwise. */
  private compute(
    name: string,
    after: number[],
    rest: Partial<ComputeTask> & Pick<ComputeTask, 'phases'>,
  ): number {
    return this.add({
      kind: 'compute',
      name,
      after,
      slot: mainSlot,
      pool: cores,
      priority: 0,
      waitComponent: at.queue,
      ...rest,
    });
  }

  private add(task: Task): number {
    return this.tasks.push(task) - 1;
  }

  private addGroup(net: number, shard: number): number {
    const known = this.groups.findIndex((group) => group.net === net && group.shard === shard);
    return known >= 0 ? known : this.groups.push({ net, shard }) - 1;
  }

  private netOf(table: number): number {
    let first = 0;
    for (let net = 0; ; net++) {
      first += this.arm.model.nets[net].tables.length;
      if (table < first) return net;
    }
  }
}
