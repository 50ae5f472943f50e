import type { TableDraws, TableRows } from './table-draws.ts';

/** Values that are kept together; memory is asked for in pieces of this size. */
const chunkValues = 2 ** 15;

/** Asks for memory in bytes; false when there is none left. */
export type Reserve = (bytes: number) => boolean;

interface Chunk {
  rows: Float64Array;
  /** Candidates of the request that the rows belong to; 0 where nothing was drawn yet. */
  sizes: Float64Array;
}

/** Draws the rows of each request once and keeps them, as long as there is memory. */
export class KeptRows implements TableRows {
  rows: Float64Array;
  first = 0;
  private readonly draws: TableDraws;
  private readonly reserve: Reserve;
  private readonly tables: number;
  private readonly requestsPerChunk: number;
  private readonly chunks: (Chunk | undefined)[] = [];

  constructor(draws: TableDraws, reserve: Reserve) {
    this.draws = draws;
    this.rows = draws.rows;
    this.reserve = reserve;
    this.tables = draws.rows.length;
    this.requestsPerChunk = Math.max(1, Math.floor(chunkValues / Math.max(1, this.tables)));
  }

  draw(jobIndex: number, candidates: number): void {
    const { draws, tables, requestsPerChunk } = this;
    const chunk = this.chunkAt(Math.floor(jobIndex / requestsPerChunk));
    if (!chunk) {
      draws.draw(jobIndex, candidates);
      this.rows = draws.rows;
      this.first = 0;
      return;
    }
    const request = jobIndex % requestsPerChunk;
    this.rows = chunk.rows;
    this.first = request * tables;
    if (chunk.sizes[request] === candidates) return;
    draws.draw(jobIndex, candidates);
    chunk.rows.set(draws.rows, this.first);
    chunk.sizes[request] = candidates;
  }

  /** Gives all memory back. */
  forget(): void {
    this.chunks.length = 0;
    this.rows = this.draws.rows;
  }

  private chunkAt(index: number): Chunk | undefined {
    const known = this.chunks[index];
    if (known || !this.reserve(8 * this.requestsPerChunk * (this.tables + 1))) return known;
    const chunk = {
      rows: new Float64Array(this.requestsPerChunk * this.tables),
      sizes: new Float64Array(this.requestsPerChunk),
    };
    this.chunks[index] = chunk;
    return chunk;
  }
}
