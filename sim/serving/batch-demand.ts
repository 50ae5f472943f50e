import { RandomStream } from '../../foundation/random.ts';
import { acceleratorRoofline, coreRoofline, denseSeconds, type Roofline } from '../cost/roofline.ts';
import { roundTripSampler } from '../cost/round-trip.ts';
import { lineBytesPerRow } from '../cost/row-cache.ts';
import type { Demand, Members } from '../engine/job.ts';
import { workOffsets } from '../engine/task-graph.ts';
import { pieceDim } from '../sharding/pieces.ts';
import { tablesOf } from '../sharding/placement.ts';
import { type ReplicationKey, streams } from '../streams.ts';
import { type LookupTotals, lookupTables, RequestLookups } from '../workload/lookups.ts';
import { isAccelerated, type NetTasks, type RpcTasks, type ServingGraph } from './build-graph.ts';
import type { ArmPlan } from './plan.ts';

/** Bytes of one index, one length and one pooled value on the wire (docs/model.md, section 3). */
const indexBytes = 8;
const lengthBytes = 4;
const valueBytes = 4;

/** Keeps the streams of a request's batches apart from every purpose in `streams`. */
const streamStride = 16;

/** Dense work of one net: seconds by batch size, before and after its embeddings arrive. */
interface NetCost {
  before: (candidates: number) => number;
  after: (candidates: number) => number;
  denseFeatures: number;
}

/** Writes what one batch needs of every task of its graph, from the request's own random draws. */
export class BatchDemand implements Demand {
  private readonly nets: NetTasks[];
  private readonly costs: NetCost[];
  private readonly lookups: RequestLookups;
  private readonly offsets: Int32Array;
  private readonly batchSize: number;
  private readonly roundTrip: (random: RandomStream) => number;
  private readonly random = new RandomStream();
  private readonly key: ReplicationKey;
  private readonly serviceS: number;
  private readonly netOverheadS: number;
  private readonly messageS: number;
  private readonly byteS: number;
  private readonly mainDispatchS: number;
  private readonly shardDispatchS: number;
  private readonly mainCacheS: number;
  private readonly shardCacheS: number;
  private readonly copy: { fixedS: number; perByteS: number };
  private readonly tableCounts: Float64Array;

  constructor(plan: ArmPlan, { graph, nets, groups }: ServingGraph, key: ReplicationKey) {
    const { arm } = plan;
    this.nets = nets;
    this.key = key;
    this.offsets = workOffsets(graph.tasks);
    this.batchSize =
      arm.serving.batch_size === 'whole-request' ? Number.POSITIVE_INFINITY : arm.serving.batch_size;
    this.roundTrip = roundTripSampler(arm.network);
    this.serviceS = arm.serving.rpc_service;
    this.netOverheadS = arm.serving.net_overhead;
    this.messageS = arm.network.perMessageCpuS.value;
    this.byteS = arm.network.perByteCpuSPerByte.value;
    this.mainDispatchS = arm.main.host.cpu.launchOverheadS.value;
    this.shardDispatchS = arm.sparse.host.cpu.launchOverheadS.value;
    this.mainCacheS = 1 / coreRoofline(arm.main.host.cpu).bandwidthBytesPerS;
    this.shardCacheS = 1 / coreRoofline(arm.sparse.host.cpu).bandwidthBytesPerS;
    const { accelerators } = arm.main.host;
    this.copy = {
      fixedS: accelerators?.device.launchOverheadS.value ?? 0,
      perByteS: accelerators ? 1 / accelerators.hostLinkBytesPerS.value : 0,
    };
    const unit =
      isAccelerated(arm) && accelerators
        ? acceleratorRoofline(accelerators.device)
        : coreRoofline(arm.main.host.cpu);
    this.costs = netCosts(plan, unit);
    this.lookups = requestLookups(plan, groups, key);
    this.tableCounts = countTables(plan, groups);
  }

  instances(size: number): number {
    return Math.max(1, Math.ceil(size / this.batchSize));
  }

  fill(members: Members, _entry: number, work: Float64Array, offset: number): void {
    const jobIndex = members.jobIndex[0];
    const size = members.size[0];
    const part = members.part[0];
    const candidates = Math.min(this.batchSize, size - part * this.batchSize || size);
    const totals = this.lookups.of(jobIndex, size);
    this.random.rekey(this.key.seed, this.key.replication, streams.network + streamStride * part, jobIndex);
    for (let index = 0; index < this.nets.length; index++) {
      this.fillNet(this.nets[index], this.costs[index], candidates, totals, work, offset);
    }
    this.fillReply(work, offset);
  }

  private fillNet(
    net: NetTasks,
    cost: NetCost,
    candidates: number,
    totals: LookupTotals,
    work: Float64Array,
    offset: number,
  ): void {
    let w = offset + this.offsets[net.before];
    work[w++] = this.netOverheadS;
    work[w++] = net.accelerated ? 0 : cost.before(candidates);
    if (net.net === 0) work[w++] = this.serviceS;
    let values = 0;
    if (net.localGroup >= 0) {
      const group = net.localGroup;
      work[w++] =
        totals.operators[group] * this.mainDispatchS +
        cacheBytes(totals, group, candidates) * this.mainCacheS;
      work[w] = dramBytes(totals, group, candidates);
      values = pooledValues(totals, group, candidates);
    }
    for (const rpc of net.rpcs) values += this.fillRpc(rpc, candidates, totals, work, offset);
    if (net.accelerated) this.fillAccelerated(net.accelerated, cost, candidates, values, work, offset);
    else work[offset + this.offsets[net.after]] = cost.after(candidates);
  }

  /** Returns the pooled values that the reply carries. A shard without lookups is not called. */
  private fillRpc(
    rpc: RpcTasks,
    candidates: number,
    totals: LookupTotals,
    work: Float64Array,
    offset: number,
  ): number {
    const { offsets } = this;
    const { group } = rpc;
    const rows = totals.userRows[group] + candidates * totals.candidateRows[group];
    const values = pooledValues(totals, group, candidates);
    const requestBytes = rows * indexBytes + this.lengths(group, candidates) * lengthBytes;
    const replyBytes = values * valueBytes;
    const halfTrip = this.roundTrip(this.random) / 2;
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
      totals.operators[group] * this.shardDispatchS +
      cacheBytes(totals, group, candidates) * this.shardCacheS;
    work[handle + 4] = dramBytes(totals, group, candidates);
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
  private lengths(group: number, candidates: number): number {
    return this.tableCounts[2 * group] + candidates * this.tableCounts[2 * group + 1];
  }

  private fillAccelerated(
    tasks: NonNullable<NetTasks['accelerated']>,
    cost: NetCost,
    candidates: number,
    values: number,
    work: Float64Array,
    offset: number,
  ): void {
    const { offsets, copy } = this;
    const copySeconds = (bytes: number) => copy.fixedS + bytes * copy.perByteS;
    work[offset + offsets[tasks.copyIn]] = copySeconds(candidates * cost.denseFeatures * valueBytes);
    work[offset + offsets[tasks.before]] = cost.before(candidates);
    work[offset + offsets[tasks.copyVectors]] = copySeconds(values * valueBytes);
    work[offset + offsets[tasks.after]] = cost.after(candidates);
    work[offset + offsets[tasks.copyOut]] = copySeconds(candidates * valueBytes);
  }

  /** The last task of the graph ends with the answer's service time. */
  private fillReply(work: Float64Array, offset: number): void {
    work[offset + this.offsets[this.offsets.length - 1] - 1] = this.serviceS;
  }
}

function dramBytes(totals: LookupTotals, group: number, candidates: number): number {
  return totals.userDramBytes[group] + candidates * totals.candidateDramBytes[group];
}

function cacheBytes(totals: LookupTotals, group: number, candidates: number): number {
  return totals.userCacheBytes[group] + candidates * totals.candidateCacheBytes[group];
}

function pooledValues(totals: LookupTotals, group: number, candidates: number): number {
  return totals.userValues[group] + candidates * totals.candidateValues[group];
}

function netCosts({ arm }: ArmPlan, unit: Roofline): NetCost[] {
  return arm.model.nets.map(({ operators, denseFeatures }) => ({
    before: denseSeconds(
      operators.filter(({ stage }) => stage === 'before'),
      unit,
    ),
    after: denseSeconds(
      operators.filter(({ stage }) => stage === 'after'),
      unit,
    ),
    denseFeatures,
  }));
}

function groupOf(plan: ArmPlan, groups: ServingGraph['groups']): (table: number, shard: number) => number {
  const netOf = tablesOf(plan.arm.model).map(({ net }) => net);
  const isLocal = plan.placement.shards.length === 0;
  return (table, shard) =>
    groups.findIndex((group) => group.net === netOf[table] && group.shard === (isLocal ? -1 : shard));
}

function requestLookups(plan: ArmPlan, groups: ServingGraph['groups'], key: ReplicationKey): RequestLookups {
  const { arm, placement, cacheHits } = plan;
  const tables = tablesOf(arm.model);
  const group = groupOf(plan, groups);
  const grouped = lookupTables(arm.model, placement, (piece, shard, position) => {
    const { table } = tables[piece.table];
    const bytes = lineBytesPerRow(piece, table);
    const hits = cacheHits[shard][position];
    return {
      group: group(piece.table, shard),
      dramBytesPerRow: bytes * (1 - hits),
      cacheBytesPerRow: bytes * hits,
      dim: pieceDim(piece, table),
      isUnpooled: table.pooling === 'none',
    };
  });
  return new RequestLookups(grouped, groups.length, arm.poolingScale, arm.trace, key);
}

/** Tables of each group, user level and candidate level, side by side. */
function countTables(plan: ArmPlan, groups: ServingGraph['groups']): Float64Array {
  const counts = new Float64Array(2 * groups.length);
  const tables = tablesOf(plan.arm.model);
  const group = groupOf(plan, groups);
  plan.placement.shards.forEach((pieces, shard) => {
    for (const { table } of pieces) {
      counts[2 * group(table, shard) + (tables[table].table.level === 'user' ? 0 : 1)]++;
    }
  });
  return counts;
}
