import { RandomStream } from '../../foundation/random.ts';
import type { Model } from '../../models/model.ts';
import type { Trace } from '../../scenarios/deployment.ts';
import { type Piece, type PlacedTable, type Placement, tablesOf } from '../sharding/placement.ts';
import { type ReplicationKey, streams } from '../streams.ts';
import { poolingLaw } from './pooling.ts';
import { TableDraws, type TableRows } from './table-draws.ts';

/** A row-split table with at most this many lookups in a request spreads them one by one. */
const exactLookups = 64;

/** Requests whose draws are kept while their batches run. */
const cachedRequests = 64;

/**
 * What one request looks up in each group of pieces. A group is (net, shard), or the net alone where tables
 * are local. For a batch of n candidates every quantity is `user + n × candidate`.
 */
export interface LookupTotals {
  /** Rows read. */
  userRows: Float64Array;
  candidateRows: Float64Array;
  /** Bytes read from DRAM, in whole cache lines; and from cache. */
  userDramBytes: Float64Array;
  candidateDramBytes: Float64Array;
  userCacheBytes: Float64Array;
  candidateCacheBytes: Float64Array;
  /** Values (elements) of the pooled vectors that come back. */
  userValues: Float64Array;
  candidateValues: Float64Array;
  /** Operators that have work (tables touched); the same for each batch. */
  operators: Float64Array;
}

/** One piece as the draw needs it. */
export interface GroupedPiece {
  group: number;
  /** Bytes of whole cache lines per row, from DRAM and from cache on average. */
  dramBytesPerRow: number;
  cacheBytesPerRow: number;
  dim: number;
  /** Whether the rows come back as they are, without pooling. */
  isUnpooled: boolean;
}

/** The pieces of one table. Rows-split pieces share its lookups, others see all of them. */
export interface LookupTable {
  placed: PlacedTable;
  pieces: GroupedPiece[];
  isRowSplit: boolean;
}

/** Counts, for each request, the lookups of every table: keyed by the request, the same in every arm. */
export class RequestLookups {
  private readonly tables: LookupTable[];
  private readonly key: ReplicationKey;
  private readonly drawn: TableRows;
  /** Which part of a row-split table a lookup touches: apart, so that a split disturbs no other draw. */
  private readonly partRandom = new RandomStream();
  private readonly cached = new Float64Array(cachedRequests).fill(-1);
  private readonly cachedSizes = new Float64Array(cachedRequests);
  private readonly totals: LookupTotals[];
  /** Lookups by part of the table at hand. */
  private readonly counts: Int32Array;
  /** What every request looks up, where no table leaves anything to chance; else undefined. */
  readonly constant: LookupTotals | undefined;

  /** @param drawn the rows of the same tables, where they are shared with others; drawn here if absent */
  constructor(
    tables: LookupTable[],
    groups: number,
    poolingScale: number,
    trace: Trace | undefined,
    key: ReplicationKey,
    drawn?: TableRows,
  ) {
    this.tables = tables;
    this.key = key;
    const placed = tables.map((table) => table.placed);
    this.drawn = drawn ?? new TableDraws(placed, poolingScale, trace, key);
    this.counts = new Int32Array(Math.max(0, ...tables.map(({ pieces }) => pieces.length)));
    this.totals = Array.from({ length: cachedRequests }, () => emptyTotals(groups));
    this.constant = isConstant(tables, trace) ? this.meanTotals(groups, poolingScale) : undefined;
  }

  private meanTotals(groups: number, poolingScale: number): LookupTotals {
    const totals = emptyTotals(groups);
    for (const table of this.tables) {
      const { mean } = poolingLaw(table.placed.table, poolingScale);
      if (mean > 0) this.spread(table, mean, 1, table.placed.table.level === 'user', totals);
    }
    return totals;
  }

  /** The lookups of a request of `candidates`. The totals are overwritten some requests later. */
  of(jobIndex: number, candidates: number): LookupTotals {
    const slot = jobIndex % cachedRequests;
    const totals = this.totals[slot];
    if (this.cached[slot] !== jobIndex || this.cachedSizes[slot] !== candidates) {
      this.cached[slot] = jobIndex;
      this.cachedSizes[slot] = candidates;
      this.draw(jobIndex, candidates, totals);
    }
    return totals;
  }

  private draw(jobIndex: number, candidates: number, totals: LookupTotals): void {
    for (const values of Object.values(totals) as Float64Array[]) values.fill(0);
    const { drawn, tables } = this;
    drawn.draw(jobIndex, candidates);
    this.partRandom.rekey(this.key.seed, this.key.replication, streams.rowParts, jobIndex);
    for (let index = 0; index < tables.length; index++) {
      const table = tables[index];
      const rows = drawn.rows[drawn.first + index];
      const isUser = table.placed.table.level === 'user';
      if (rows > 0) this.spread(table, rows, isUser ? 1 : candidates, isUser, totals);
    }
  }

  /** Adds a table's rows (per user, or per candidate of `items`) to the groups of its pieces. */
  private spread(
    table: LookupTable,
    rows: number,
    items: number,
    isUser: boolean,
    totals: LookupTotals,
  ): void {
    const { pieces, isRowSplit } = table;
    if (!isRowSplit) {
      for (const piece of pieces) addRows(piece, rows, isUser, totals);
      return;
    }
    const lookups = Math.round(rows * items);
    if (lookups > exactLookups) {
      for (const piece of pieces) addRows(piece, rows / pieces.length, isUser, totals);
      return;
    }
    this.counts.fill(0, 0, pieces.length);
    for (let lookup = 0; lookup < lookups; lookup++) this.counts[this.partRandom.below(pieces.length)]++;
    for (let part = 0; part < pieces.length; part++) {
      if (this.counts[part] > 0) addRows(pieces[part], this.counts[part] / items, isUser, totals);
    }
  }
}

/** Whether no table leaves anything to chance. */
function isConstant(tables: readonly LookupTable[], trace: Trace | undefined): boolean {
  return tables.every(
    ({ placed: { table }, isRowSplit }) =>
      !isRowSplit &&
      table.presence === 1 &&
      table.poolingDistribution.kind === 'fixed' &&
      !trace?.lookups?.tables.includes(table.name),
  );
}

/**
 * Adds rows read from a piece, per user or per candidate. A shard that is asked answers with one pooled vector for
 * each user or candidate, empty ones included.
 */
function addRows(piece: GroupedPiece, rows: number, isUser: boolean, totals: LookupTotals): void {
  const { group } = piece;
  const values = (piece.isUnpooled ? rows : 1) * piece.dim;
  if (isUser) {
    totals.userRows[group] += rows;
    totals.userDramBytes[group] += rows * piece.dramBytesPerRow;
    totals.userCacheBytes[group] += rows * piece.cacheBytesPerRow;
    totals.userValues[group] += values;
  } else {
    totals.candidateRows[group] += rows;
    totals.candidateDramBytes[group] += rows * piece.dramBytesPerRow;
    totals.candidateCacheBytes[group] += rows * piece.cacheBytesPerRow;
    totals.candidateValues[group] += values;
  }
  totals.operators[group]++;
}

function emptyTotals(groups: number): LookupTotals {
  const zeros = () => new Float64Array(groups);
  return {
    userRows: zeros(),
    candidateRows: zeros(),
    userDramBytes: zeros(),
    candidateDramBytes: zeros(),
    userCacheBytes: zeros(),
    candidateCacheBytes: zeros(),
    userValues: zeros(),
    candidateValues: zeros(),
    operators: zeros(),
  };
}

/**
 * The tables of a placement with their pieces. `describe` gives a piece its costs and group, by its shard and its
 * position there; a placement without shards has all tables on one local host.
 */
export function lookupTables(
  model: Model,
  placement: Placement,
  describe: (piece: Piece, shard: number, position: number) => GroupedPiece,
): LookupTable[] {
  const tables = tablesOf(model).map((placed): LookupTable => ({ placed, pieces: [], isRowSplit: false }));
  const shards: Placement['shards'] =
    placement.shards.length > 0 ? placement.shards : [tables.map((_, table) => ({ table, split: 'table' }))];
  shards.forEach((pieces, shard) => {
    pieces.forEach((piece, position) => {
      const entry = tables[piece.table];
      entry.pieces.push(describe(piece, shard, position));
      entry.isRowSplit ||= piece.split === 'rows';
    });
  });
  return tables;
}
