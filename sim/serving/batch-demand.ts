import { RandomStream } from '../../foundation/random.ts';
import type { Demand, Members } from '../engine/job.ts';
import { workOffsets } from '../engine/task-graph.ts';
import { type ReplicationKey, streams } from '../streams.ts';
import type { RequestLookups } from '../workload/lookups.ts';
import type { TableRows } from '../workload/table-draws.ts';
import { BatchTotals } from './batch-totals.ts';
import type { Route, ServingGraph } from './build-graph.ts';
import { type CoreSpeeds, coreSpeeds } from './core-speeds.ts';
import { DeviceRoute } from './device-route.ts';
import { deviceLookups, hostLookups } from './grouped-lookups.ts';
import { HostRoute } from './host-route.ts';
import type { ArmPlan } from './plan.ts';
import { TierDemand } from './tier-demand.ts';
import { acceleratorOf, coreOf } from './units.ts';

/** Keeps the streams of a request's batches apart from every purpose in `streams`. */
const streamStride = 16;

/** One way through the graph: whose lookups it counts, and who writes its work. */
interface FilledRoute {
  /** Most candidates of one part of a request. */
  most: number;
  lookups: RequestLookups;
  totals: BatchTotals;
  /** First work values of the tasks of other routes, which are skipped. */
  skipped: Int32Array;
  fill(work: Float64Array, offset: number): void;
}

/** Writes what one batch needs of every task of its graph, from its requests' own random draws. */
export class BatchDemand implements Demand {
  /** Entry of what a tier in front does for a whole request; -1 where there is none. */
  readonly tierEntry: number;
  private readonly tier: TierDemand | undefined;
  private readonly routes: FilledRoute[];
  private readonly offloadThreshold: number;
  private readonly random = new RandomStream();
  private readonly key: ReplicationKey;
  private readonly rows: TableRows | undefined;
  private readonly speeds: CoreSpeeds | undefined;

  /** @param rows what each request reads of every table, where it is shared with others; drawn anew if absent */
  constructor(plan: ArmPlan, serving: ServingGraph, key: ReplicationKey, rows?: TableRows) {
    this.key = key;
    this.rows = rows;
    this.offloadThreshold = plan.arm.serving.offload_threshold ?? 0;
    this.speeds = coreSpeeds(plan.arm, serving.graph);
    const offsets = workOffsets(serving.graph.tasks);
    this.tierEntry = serving.graph.envelope?.entry ?? -1;
    this.tier = serving.tier && new TierDemand(plan, serving, offsets, key);
    this.routes = serving.routes.map((route, entry) => ({
      most: mostCandidates(plan, entry),
      ...this.routeOf(plan, serving, route, offsets),
      skipped: offsets.slice(0, -1).filter((_, task) => task < route.first || task >= route.end),
    }));
  }

  /** Requests below the threshold take the way after that of the accelerators: the cores. */
  entry(size: number): number {
    return size < this.offloadThreshold ? 1 : 0;
  }

  instances(size: number): number {
    return Math.max(1, Math.ceil(size / this.routes[this.entry(size)].most));
  }

  fill(members: Members, entry: number, work: Float64Array, offset: number): void {
    if (entry === this.tierEntry) {
      this.tier!.fill(members, work, offset);
      this.speeds?.apply(work, offset);
      return;
    }
    const { most, lookups, totals, skipped, fill } = this.routes[entry];
    totals.sum(members, most, lookups);
    const { seed, replication } = this.key;
    const purpose = streams.network + streamStride * members.part[0];
    this.random.rekey(seed, replication, purpose, members.jobIndex[0]);
    for (let at = 0; at < skipped.length; at++) work[offset + skipped[at]] = -1;
    fill(work, offset);
    this.speeds?.apply(work, offset);
  }

  private routeOf(
    plan: ArmPlan,
    { groups }: ServingGraph,
    route: Route,
    offsets: Int32Array,
  ): Pick<FilledRoute, 'lookups' | 'totals' | 'fill'> {
    const { host } = plan.arm.main;
    if (route.device) {
      const totals = new BatchTotals(plan.arm.model.nets.length * plan.device!.pieces.length);
      const device = new DeviceRoute(plan, route, offsets, acceleratorOf(host, this.key));
      return {
        lookups: deviceLookups(plan, this.key, this.rows),
        totals,
        fill: (work, offset) => device.fill(totals, work, offset),
      };
    }
    const isAccelerated = route.nets.some(({ accelerated }) => accelerated);
    const unit = isAccelerated ? acceleratorOf(host, this.key) : coreOf(host, this.key);
    const totals = new BatchTotals(groups.length);
    const nets = new HostRoute(plan, route, groups, offsets, unit);
    return {
      lookups: hostLookups(plan, groups, this.key, this.rows),
      totals,
      fill: (work, offset) => nets.fill(totals, this.random, work, offset),
    };
  }
}

/** Most candidates that one part of a request brings to a batch, by the entry of the graph. */
export function mostCandidates({ arm }: ArmPlan, entry: number): number {
  const { batch_size, dynamic_batching, offload_threshold } = arm.serving;
  if (entry === 0 && dynamic_batching) return dynamic_batching.max_candidates;
  const isWhole = batch_size === 'whole-request' || (entry === 0 && offload_threshold !== undefined);
  return isWhole ? Number.POSITIVE_INFINITY : batch_size;
}
