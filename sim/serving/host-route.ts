import type { RandomStream } from '../../foundation/random.ts';
import type { AcceleratorUnit, CostUnit } from '../cost/cost-unit.ts';
import { coreRoofline } from '../cost/roofline.ts';
import { roundTripSampler } from '../cost/round-trip.ts';
import type { BatchTotals } from './batch-totals.ts';
import type { NetTasks, Route, RpcTasks, ServingGraph } from './build-graph.ts';
import { DenseTime } from './dense-time.ts';
import { countTables } from './grouped-lookups.ts';
import type { ArmPlan } from './plan.ts';
import { type PreprocessingWork, workOnMain } from './preprocessing-work.ts';
import { TimeBySize } from './time-by-size.ts';

/** Bytes of one index, one length and one pooled value on the wire (docs/model.md, section 3). */
const indexBytes = 8;
const lengthBytes = 4;
const valueBytes = 4;

/** Dense work of one net, before and after its embeddings arrive. */
interface NetCost {
  before: DenseTime;
  after: DenseTime;
  denseFeatures: number;
}

/** Writes what a batch needs whose tables lie in host memory: on the main host or on sparse shards. */
export class HostRoute {
  private readonly nets: NetTasks[];
  private readonly first: number;
  private readonly last: number;
  private readonly costs: NetCost[];
  private readonly offsets: Int32Array;
  /** By bytes; only where dense operators run on accelerators. */
  private readonly copies: { in: TimeBySize; out: TimeBySize } | undefined;
  private readonly roundTrip: (random: RandomStream) => number;
  private readonly serviceS: number;
  private readonly netOverheadS: number;
  private readonly messageS: number;
  private readonly byteS: number;
  private readonly mainDispatchS: number;
  private readonly shardDispatchS: number;
  private readonly mainCacheS: number;
  private readonly shardCacheS: number;
  private readonly tableCounts: Float64Array;
  private readonly preprocessing: Route['preprocessing'];
  /** Where main hosts preprocess. */
  private readonly preprocessingWork: PreprocessingWork | undefined;

  /** @param unit runs the dense operators: a core, or an accelerator where the route has tasks for one */
  constructor(
    plan: ArmPlan,
    { nets, first, last, preprocessing }: Route,
    groups: ServingGraph['groups'],
    offsets: Int32Array,
    unit: CostUnit | AcceleratorUnit,
  ) {
    const { arm } = plan;
    this.nets = nets;
    this.first = first;
    this.last = last;
    this.offsets = offsets;
    this.copies =
      'copyIn' in unit
        ? {
            in: new TimeBySize((_, bytes) => unit.copyIn(bytes).seconds),
            out: new TimeBySize((_, bytes) => unit.copyOut(bytes).seconds),
          }
        : undefined;
    this.roundTrip = roundTripSampler(arm.network);
    this.serviceS = arm.serving.rpc_service;
    this.netOverheadS = arm.serving.net_overhead;
    this.messageS = arm.network.perMessageCpuS.value;
    this.byteS = arm.network.perByteCpuSPerByte.value;
    this.mainDispatchS = arm.main.host.cpu.launchOverheadS.value;
    this.shardDispatchS = arm.sparse.host.cpu.launchOverheadS.value;
    this.mainCacheS = 1 / coreRoofline(arm.main.host.cpu).bandwidthBytesPerS;
    this.shardCacheS = 1 / coreRoofline(arm.sparse.host.cpu).bandwidthBytesPerS;
    this.costs = arm.model.nets.map(({ operators, denseFeatures }) => ({
      before: new DenseTime(
        operators.filter(({ stage }) => stage === 'before'),
        unit,
      ),
      after: new DenseTime(
        operators.filter(({ stage }) => stage === 'after'),
        unit,
      ),
      denseFeatures,
    }));
    this.tableCounts = countTables(plan, groups);
    this.preprocessing = preprocessing;
    this.preprocessingWork = workOnMain(arm, unit);
  }

  /** @param random decides the round trips of the batch's messages */
  fill(totals: BatchTotals, random: RandomStream, work: Float64Array, offset: number): void {
    // A stream takes no time of its own; where there is none, the first net starts here.
    work[offset + this.offsets[this.first]] = 0;
    if (this.preprocessing) this.fillPreprocessing(this.preprocessing, totals, work, offset);
    for (let index = 0; index < this.nets.length; index++) {
      this.fillNet(this.nets[index], this.costs[index], totals, random, work, offset);
    }
    // The last phase of the last task is the answer's service time.
    work[offset + this.offsets[this.last + 1] - 1] = this.serviceS;
  }

  /** Preprocessing on an accelerator: raw features in, and what tables in host memory are looked up by, out. */
  private fillPreprocessing(
    { copyIn, run, copyOut }: NonNullable<Route['preprocessing']>,
    { users, candidates }: BatchTotals,
    work: Float64Array,
    offset: number,
  ): void {
    const { offsets } = this;
    const copies = this.copies!;
    const todo = this.preprocessingWork!;
    work[offset + offsets[copyIn]] = copies.in.of(1, todo.inputBytes(users, candidates));
    work[offset + offsets[run]] = todo.seconds(users, candidates);
    work[offset + offsets[copyOut]] = copies.out.of(1, todo.outputBytes(users, candidates));
  }

  private fillNet(
    net: NetTasks,
    cost: NetCost,
    totals: BatchTotals,
    random: RandomStream,
    work: Float64Array,
    offset: number,
  ): void {
    const { users, candidates } = totals;
    let w = offset + this.offsets[net.before];
    work[w++] = this.netOverheadS;
    work[w++] = net.accelerated ? 0 : cost.before.of(users, candidates);
    if (net.net === 0) work[w++] = this.serviceS;
    if (net.preprocesses) work[w++] = this.preprocessingWork!.seconds(users, candidates);
    let values = 0;
    if (net.localGroup >= 0) {
      const group = net.localGroup;
      work[w++] = totals.operators[group] * this.mainDispatchS + totals.cacheBytes[group] * this.mainCacheS;
      work[w] = totals.dramBytes[group];
      values = totals.values[group];
    }
    for (const rpc of net.rpcs) values += this.fillRpc(rpc, totals, random, work, offset);
    if (net.accelerated) this.fillAccelerated(net.accelerated, cost, totals, values, work, offset);
    else work[offset + this.offsets[net.after]] = cost.after.of(users, candidates);
  }

  /** Returns the pooled values that the reply carries. A shard without lookups is not called. */
  private fillRpc(
    rpc: RpcTasks,
    totals: BatchTotals,
    random: RandomStream,
    work: Float64Array,
    offset: number,
  ): number {
    const { offsets } = this;
    const { group } = rpc;
    const rows = totals.rows[group];
    const values = totals.values[group];
    const requestBytes = rows * indexBytes + this.lengths(group, totals) * lengthBytes;
    const replyBytes = values * valueBytes;
    const halfTrip = this.roundTrip(random) / 2;
    const requestS = this.messageS + requestBytes * this.byteS;
    const replyS = this.messageS + replyBytes * this.byteS;
    work[offset + offsets[rpc.serialise]] = requestS;
    work[offset + offsets[rpc.request]] = requestBytes;
    work[offset + offsets[rpc.request] + 1] = halfTrip;
    const handle = offset + offsets[rpc.handle];
    work[handle] = requestS + replyS;
    work[handle + 1] = this.serviceS;
    work[handle + 2] = this.netOverheadS;
    work[handle + 3] =
      totals.operators[group] * this.shardDispatchS + totals.cacheBytes[group] * this.shardCacheS;
    work[handle + 4] = totals.dramBytes[group];
    work[offset + offsets[rpc.reply]] = replyBytes;
    work[offset + offsets[rpc.reply] + 1] = halfTrip;
    work[offset + offsets[rpc.deserialise]] = replyS;
    if (rows <= 0) {
      work[offset + offsets[rpc.serialise]] = -1;
      work[offset + offsets[rpc.request]] = -1;
      work[handle] = -1;
      work[offset + offsets[rpc.reply]] = -1;
      work[offset + offsets[rpc.deserialise]] = -1;
    }
    return values;
  }

  /** Lengths sent for a group: one per user-level table, one per candidate for each candidate-level table. */
  private lengths(group: number, { users, candidates }: BatchTotals): number {
    return users * this.tableCounts[2 * group] + candidates * this.tableCounts[2 * group + 1];
  }

  private fillAccelerated(
    tasks: NonNullable<NetTasks['accelerated']>,
    cost: NetCost,
    { users, candidates }: BatchTotals,
    values: number,
    work: Float64Array,
    offset: number,
  ): void {
    const { offsets } = this;
    const copies = this.copies!;
    const features = candidates * cost.denseFeatures * valueBytes;
    work[offset + offsets[tasks.copyIn]] = copies.in.of(1, features);
    work[offset + offsets[tasks.before]] = cost.before.of(users, candidates);
    work[offset + offsets[tasks.copyVectors]] = copies.in.of(1, values * valueBytes);
    work[offset + offsets[tasks.after]] = cost.after.of(users, candidates);
    work[offset + offsets[tasks.copyOut]] = copies.out.of(1, candidates * valueBytes);
  }
}
