import { InputError } from '../../foundation/problem.ts';
import type { RandomStream } from '../../foundation/random.ts';
import { type FloatArray, type Precision, zeros } from './float-array.ts';

/** Ids of one field, one an example. */
export type IdColumn = Int32Array | Uint32Array | Uint16Array | Uint8Array;

/** One embedding table a field, stored one after the other. Plain data. */
export interface EmbeddingTables {
  /** Rows of each field's table. */
  rows: readonly number[];
  dim: number;
  /** Σ rows × dim. */
  values: FloatArray;
}

/** Standard deviation of a fresh embedding; a model choice. */
const deviation = 0.05;

export function embeddingTables(
  rows: readonly number[],
  dim: number,
  precision: Precision,
  random: RandomStream,
): EmbeddingTables {
  const total = rows.reduce((sum, count) => sum + count, 0);
  const values = zeros(precision, total * dim).map(() => deviation * random.normal());
  return { rows, dim, values };
}

/** Row of an id in a table of `rows`: the id itself where the table has that many rows, else its hash. */
export function rowOf(id: number, rows: number): number {
  const unsigned = id >>> 0;
  if (unsigned < rows) return unsigned;
  let hash = Math.imul(unsigned ^ (unsigned >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % rows;
}

/** @throws InputError unless there is a column for each table, with at least `length` ids */
export function checkColumns(
  { rows }: Pick<EmbeddingTables, 'rows'>,
  ids: readonly IdColumn[],
  length: number,
): void {
  if (ids.length !== rows.length)
    throw new InputError(`expected ${rows.length} columns of ids, not ${ids.length}`);
  for (const [field, column] of ids.entries())
    if (column.length < length)
      throw new InputError(`column ${field} has ${column.length} ids, expected ${length} at least`);
}

/**
 * Writes the row, among all tables, of each id of the examples [start, start + count).
 * @param into count × fields
 */
export function findRows(
  { rows }: EmbeddingTables,
  ids: readonly IdColumn[],
  start: number,
  count: number,
  into: Int32Array,
): void {
  const fields = rows.length;
  let before = 0;
  for (let field = 0; field < fields; field++) {
    const column = ids[field];
    for (let example = 0; example < count; example++)
      into[example * fields + field] = before + rowOf(column[start + example], rows[field]);
    before += rows[field];
  }
}

/**
 * Concatenates the embeddings of each example's fields.
 * @param found rows, as `findRows` wrote them
 * @param into count × (fields · dim)
 */
export function gather(
  { dim, values }: EmbeddingTables,
  found: Int32Array,
  lookups: number,
  into: FloatArray,
) {
  for (let lookup = 0; lookup < lookups; lookup++) {
    const from = found[lookup] * dim;
    const to = lookup * dim;
    for (let i = 0; i < dim; i++) into[to + i] = values[from + i];
  }
}
