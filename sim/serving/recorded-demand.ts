import { resized } from '../engine/instances.ts';
import type { Demand, Members } from '../engine/job.ts';
import type { Reserve } from '../workload/kept-rows.ts';
import type { BatchDemand } from './batch-demand.ts';

/** Work values that are kept together; memory is asked for in pieces of this size. */
const chunkValues = 2 ** 16;

/** Rows of one chunk, and which of them were written. */
interface Chunk {
  work: Float64Array;
  isWritten: Uint8Array;
}

/**
 * A demand that works out each batch once and replays its work values, the very same numbers, as long as there is
 * memory. A row holds the work of one part of one request. Batches of several requests depend on who meets whom, so
 * those of the merged entry are worked out every time.
 */
export class RecordedDemand implements Required<Demand> {
  private readonly demand: BatchDemand;
  private readonly reserve: Reserve;
  private readonly mergedEntry: number;
  private readonly workCount: number;
  private readonly rowsPerChunk: number;
  private readonly chunks: (Chunk | undefined)[] = [];
  private rows = 0;
  /** By request: its first row, plus 1 (0: none yet), and the candidates that these rows are about. */
  private firstRow = new Int32Array(0);
  private sizes = new Float64Array(0);

  /**
   * @param mergedEntry the entry whose batches merge requests, or -1
   * @param workCount work values of an instance
   */
  constructor(demand: BatchDemand, mergedEntry: number, workCount: number, reserve: Reserve) {
    this.demand = demand;
    this.mergedEntry = mergedEntry;
    this.workCount = workCount;
    this.reserve = reserve;
    this.rowsPerChunk = Math.max(1, Math.floor(chunkValues / workCount));
  }

  entry(size: number): number {
    return this.demand.entry(size);
  }

  instances(size: number): number {
    return this.demand.instances(size);
  }

  fill(members: Members, entry: number, work: Float64Array, offset: number): void {
    const isOfBatch = entry !== this.mergedEntry && entry !== this.demand.tierEntry;
    const row = isOfBatch ? this.rowOf(members.jobIndex[0], members.size[0]) : -1;
    if (row < 0) {
      this.demand.fill(members, entry, work, offset);
      return;
    }
    this.replay(row + members.part[0], members, entry, work, offset);
  }

  /** Gives all memory back. */
  forget(): void {
    this.chunks.length = 0;
    this.rows = 0;
    this.firstRow = new Int32Array(0);
    this.sizes = new Float64Array(0);
  }

  private replay(row: number, members: Members, entry: number, work: Float64Array, offset: number): void {
    const { rowsPerChunk, workCount } = this;
    const chunk = this.chunkAt(Math.floor(row / rowsPerChunk));
    const inChunk = row % rowsPerChunk;
    const first = inChunk * workCount;
    if (chunk?.isWritten[inChunk] === 1) {
      const kept = chunk.work;
      for (let value = 0; value < workCount; value++) work[offset + value] = kept[first + value];
      return;
    }
    this.demand.fill(members, entry, work, offset);
    if (!chunk) return;
    for (let value = 0; value < workCount; value++) chunk.work[first + value] = work[offset + value];
    chunk.isWritten[inChunk] = 1;
  }

  /** The first row of a request, or -1 where no memory is left for it. */
  private rowOf(jobIndex: number, size: number): number {
    if (jobIndex >= this.firstRow.length && !this.growTo(jobIndex + 1)) return -1;
    if (this.firstRow[jobIndex] === 0 || this.sizes[jobIndex] !== size) {
      this.firstRow[jobIndex] = this.rows + 1;
      this.sizes[jobIndex] = size;
      this.rows += this.demand.instances(size);
    }
    return this.firstRow[jobIndex] - 1;
  }

  private growTo(requests: number): boolean {
    const capacity = Math.max(1024, 2 * requests);
    if (!this.reserve((capacity - this.firstRow.length) * (4 + 8))) return false;
    this.firstRow = resized(this.firstRow, capacity);
    this.sizes = resized(this.sizes, capacity);
    return true;
  }

  private chunkAt(index: number): Chunk | undefined {
    const { rowsPerChunk, workCount } = this;
    const known = this.chunks[index];
    if (known || !this.reserve(rowsPerChunk * (8 * workCount + 1))) return known;
    const chunk = {
      work: new Float64Array(rowsPerChunk * workCount),
      isWritten: new Uint8Array(rowsPerChunk),
    };
    this.chunks[index] = chunk;
    return chunk;
  }
}
