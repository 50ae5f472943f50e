import { RandomStream } from '../../foundation/random.ts';
import type { Trace } from '../../scenarios/deployment.ts';
import type { PlacedTable } from '../sharding/placement.ts';
import { type ReplicationKey, streams } from '../streams.ts';
import { type PoolingLaw, poolingLaw, quantileCount, standardNormal } from './pooling.ts';

/** Requests of at most this many candidates draw every candidate; larger ones draw the mean of their candidates. */
const exactCandidates = 8;

/** The rows that one request reads of every table, wherever the tables lie. */
export interface TableRows {
  /** The rows of the request asked for last, per user or per candidate, by table from `first` on. */
  rows: Float64Array;
  first: number;
  /** Puts the rows of a request there. */
  draw(jobIndex: number, candidates: number): void;
}

/** Draws the rows of every table, keyed by the request: they depend on the model and the load alone. */
export class TableDraws implements TableRows {
  readonly rows: Float64Array;
  readonly first = 0;
  private readonly laws: PoolingLaw[];
  private readonly presence: Float64Array;
  private readonly isUser: boolean[];
  private readonly traceColumns: Int32Array;
  private readonly trace: Trace | undefined;
  private readonly key: ReplicationKey;
  private readonly random = new RandomStream();

  constructor(
    tables: readonly PlacedTable[],
    poolingScale: number,
    trace: Trace | undefined,
    key: ReplicationKey,
  ) {
    this.rows = new Float64Array(tables.length);
    this.laws = tables.map(({ table }) => poolingLaw(table, poolingScale));
    this.presence = Float64Array.from(tables, ({ table }) => table.presence);
    this.isUser = tables.map(({ table }) => table.level === 'user');
    this.trace = trace;
    const traced = trace?.lookups?.tables ?? [];
    this.traceColumns = Int32Array.from(tables, ({ table }) => traced.indexOf(table.name));
    this.key = key;
  }

  draw(jobIndex: number, candidates: number): void {
    const { rows, isUser, traceColumns } = this;
    this.random.rekey(this.key.seed, this.key.replication, streams.lookups, jobIndex);
    for (let table = 0; table < rows.length; table++) {
      const recorded = traceColumns[table];
      if (recorded >= 0) {
        rows[table] = this.recordedRows(jobIndex, recorded) / (isUser[table] ? 1 : candidates);
      } else {
        rows[table] = isUser[table] ? this.rowsOfOne(table) : this.meanRows(table, candidates);
      }
    }
  }

  private recordedRows(jobIndex: number, column: number): number {
    const { tables, counts } = this.trace!.lookups!;
    return counts[jobIndex * tables.length + column];
  }

  /** Lookups of one user or one candidate: one draw decides presence and count. */
  private rowsOfOne(table: number): number {
    const presence = this.presence[table];
    const u = this.random.uint32() * 2 ** -32;
    return u < presence ? this.laws[table].quantiles[((u / presence) * quantileCount) | 0] : 0;
  }

  /** Lookups per candidate, averaged over the candidates of the request. */
  private meanRows(table: number, candidates: number): number {
    if (candidates <= exactCandidates) {
      let sum = 0;
      for (let i = 0; i < candidates; i++) sum += this.rowsOfOne(table);
      return sum / candidates;
    }
    const presence = this.presence[table];
    const { mean, variance } = this.laws[table];
    const deviation = Math.sqrt((presence * (variance + (1 - presence) * mean * mean)) / candidates);
    return Math.max(0, presence * mean + deviation * standardNormal[this.random.uint32() >>> 24]);
  }
}
