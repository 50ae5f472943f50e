import { isSameValue } from '../../foundation/same-value.ts';
import type { Demand } from '../engine/job.ts';
import { workOffsets } from '../engine/task-graph.ts';
import { tablesOf } from '../sharding/placement.ts';
import type { ReplicationKey } from '../streams.ts';
import { KeptRows } from '../workload/kept-rows.ts';
import { TableDraws } from '../workload/table-draws.ts';
import { BatchDemand } from './batch-demand.ts';
import type { ServingGraph } from './build-graph.ts';
import type { ArmPlan } from './plan.ts';
import { RecordedDemand } from './recorded-demand.ts';

const defaultMostBytes = 512 * 2 ** 20;

/** Bytes, roughly, of what an entry holds beside the memory that it asks for. */
const entryBytes = 2 ** 18;

interface Forgettable {
  forget(): void;
}

/** What something that was recorded follows from, in the order in which it is cheapest to compare. */
interface Entry<Kept extends Forgettable> {
  inputs: readonly unknown[];
  kept: Kept;
}

/**
 * What requests need, remembered from one replication to the next. Give the same record to every
 * `simulateReplication` of a search over rates, replicas or workers, and of the other arms of the same model: what
 * does not change is worked out once, the outcomes are those without a record to the last bit.
 *
 * - The rows that a request reads of each table follow from the model, its pooling scale, the trace and the key:
 *   all arms of a scenario share them, with and without cost errors.
 * - The work values of a request's batches follow from all of the plan but the load and how many hosts and workers
 *   there are. Requests are told apart by their number and size, so a load with other sizes is safe, too.
 *
 * What is recorded is found by value: plans may be copies, and any other change of a plan begins a new entry. A
 * record belongs to one thread. When it is full, the entries that were not used for longest go.
 */
export class DemandRecord {
  /** Bytes that are in use; never above the limit. */
  bytes = 0;
  private readonly mostBytes: number;
  private demands: Entry<RecordedDemand>[] = [];
  private tableRows: Entry<KeptRows>[] = [];
  /** Bytes by what they are used for, the least recently used first. */
  private readonly held = new Map<Forgettable, number>();

  /** @param mostBytes bytes that the record may take; beyond, requests are worked out anew each time */
  constructor(mostBytes = defaultMostBytes) {
    this.mostBytes = mostBytes;
  }

  /** The demand of an arm's requests, which records and replays. `serving` must be the graph of the plan. */
  demandOf(plan: ArmPlan, serving: ServingGraph, key: ReplicationKey): Required<Demand> {
    const rows = this.rowsOf(plan, key);
    const { seed, replication, withCostErrors } = key;
    const inputs = [seed, replication, withCostErrors, plan.placement, demandInputs(plan)];
    return this.find(this.demands, inputs, (reserve) => {
      const { tasks } = serving.graph;
      const demand = new BatchDemand(plan, serving, key, rows);
      const mergedEntry = plan.arm.serving.dynamic_batching ? 0 : -1;
      return new RecordedDemand(demand, mergedEntry, workOffsets(tasks)[tasks.length], reserve);
    });
  }

  private rowsOf({ arm: { model, poolingScale, trace } }: ArmPlan, key: ReplicationKey): KeptRows {
    const inputs = [key.seed, key.replication, poolingScale, trace, model];
    return this.find(
      this.tableRows,
      inputs,
      (reserve) => new KeptRows(new TableDraws(tablesOf(model), poolingScale, trace, key), reserve),
    );
  }

  /** What was recorded for these inputs, or a new entry. */
  private find<Kept extends Forgettable>(
    entries: Entry<Kept>[],
    inputs: readonly unknown[],
    make: (reserve: (bytes: number) => boolean) => Kept,
  ): Kept {
    const known = entries.find((entry) => isSameValue(entry.inputs, inputs))?.kept;
    if (known) {
      const bytes = this.held.get(known)!;
      this.held.delete(known);
      this.held.set(known, bytes);
      return known;
    }
    const kept: Kept = make((bytes) => this.reserve(kept, bytes));
    entries.push({ inputs, kept });
    this.held.set(kept, 0);
    this.reserve(kept, entryBytes);
    return kept;
  }

  /** Takes memory for an entry, if need be from those that were not used since; false when there is not enough. */
  private reserve(kept: Forgettable, bytes: number): boolean {
    for (const oldest of this.held.keys()) {
      if (this.bytes + bytes <= this.mostBytes || oldest === kept) break;
      this.drop(oldest);
    }
    const held = this.held.get(kept);
    if (held === undefined || this.bytes + bytes > this.mostBytes) return false;
    this.held.set(kept, held + bytes);
    this.bytes += bytes;
    return true;
  }

  private drop(kept: Forgettable): void {
    kept.forget();
    this.bytes -= this.held.get(kept)!;
    this.held.delete(kept);
    this.demands = this.demands.filter((entry) => entry.kept !== kept);
    this.tableRows = this.tableRows.filter((entry) => entry.kept !== kept);
  }
}

/** All of a plan that the work of a batch may follow from. */
function demandInputs({ arm, ...plan }: ArmPlan): unknown {
  const { name, load, main, sparse, preprocessing, sharding, dramReserved, ...rest } = arm;
  const { tier, ...where } = preprocessing ?? {};
  const speeds = [main.speed?.cores, sparse.speed?.cores, tier?.speed?.cores];
  return {
    ...plan,
    ...rest,
    ...where,
    mainHost: main.host,
    sparseHost: sparse.host,
    tierHost: tier?.host,
    speeds,
  };
}
