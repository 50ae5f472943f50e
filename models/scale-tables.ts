import { InputError } from '../foundation/problem.ts';
import type { EmbeddingTable } from './model.ts';
import { hottestShare } from './popularity.ts';
import { rowBytes } from './row-bytes.ts';
import { limits } from './schema-tables.ts';
import { tableBytes } from './table-bytes.ts';

/** Widths stay multiples of this many elements, as kernels want them (assumed). */
export const widthStep = 4;

/** A width grown by a factor: the nearest multiple of four elements, at least one of them; as it is by 1. */
export function scaledWidth(width: number, factor: number): number {
  if (factor === 1) return width;
  return Math.max(Math.min(width, widthStep), Math.round((width * factor) / widthStep) * widthStep);
}

/** A table with more (or fewer) rows and wider ones; lookups and skew stay. */
export function scaledTable(table: EmbeddingTable, { rows, dim }: { rows: number; dim: number }) {
  if (rows === 1 && dim === 1) return table;
  const embeddingDim = scaledWidth(table.embeddingDim, dim);
  const numEmbeddings = Math.max(1, Math.round(table.numEmbeddings * rows));
  if (numEmbeddings > limits.rows || embeddingDim > limits.embeddingDim) {
    throw new InputError(
      `table '${table.name}' would grow to ${numEmbeddings} rows of ${embeddingDim} elements; ` +
        `at most ${limits.rows} rows of ${limits.embeddingDim} are planned for`,
    );
  }
  const pruning = table.pruning && scaledPruning(table, numEmbeddings, rows);
  const scaled: EmbeddingTable = {
    ...table,
    numEmbeddings,
    embeddingDim,
    rowBytes: rowBytes(table.dataType, embeddingDim),
    ...(pruning && { pruning }),
  };
  return { ...scaled, sizeBytes: tableBytes(scaled) };
}

/** As large a share of the rows as before; entries of the remap vector get wider where they no longer number the rows. */
function scaledPruning({ pruning, skew }: EmbeddingTable, numEmbeddings: number, rows: number) {
  const originalRows = Math.max(numEmbeddings, Math.round(pruning!.originalRows * rows));
  const bytesNeeded = Math.ceil(Math.log2(numEmbeddings + 1) / 8);
  return {
    originalRows,
    remapBytes: Math.max(pruning!.remapBytes, bytesNeeded),
    keptLookups: hottestShare(skew, originalRows, numEmbeddings),
  };
}

/** Tables of one net, and those of them whose number must stay, because an operator reads each by its name. */
export interface TableSet {
  tables: readonly EmbeddingTable[];
  fixed: ReadonlySet<string>;
}

/**
 * Nets with more tables, or fewer: copies of tables, with their lookups, or tables left out. Each net gets its share.
 * Which ones is a systematic sample by size, so the bytes grow by nearly the same factor. Copies follow the tables
 * that there were.
 * @param factor of the number of tables, rounded to whole tables over the model; each net keeps at least one
 */
export function withMoreTables(nets: readonly TableSet[], factor: number): EmbeddingTable[][] {
  const free = nets.map(({ tables, fixed }) => tables.filter(({ name }) => !fixed.has(name)));
  const all = nets.reduce((sum, { tables }) => sum + tables.length, 0);
  const total = free.reduce((sum, { length }) => sum + length, 0);
  const wanted = Math.round(all * factor) - all;
  if (all + wanted > limits.tables) {
    throw new InputError(
      `the model would grow to ${all + wanted} tables; at most ${limits.tables} are planned for`,
    );
  }
  const names = new Set(nets.flatMap(({ tables }) => tables.map(({ name }) => name)));
  let passed = 0;
  return nets.map(({ tables }, net) => {
    // Shares of whole tables: each net ends where its part of the running total does.
    const before = Math.round((wanted * passed) / Math.max(1, total));
    passed += free[net].length;
    const count = Math.round((wanted * passed) / Math.max(1, total)) - before;
    if (count >= 0) return [...tables, ...copies(free[net], count, names)];
    const leaving = Math.min(-count, free[net].length, tables.length - 1);
    const left = new Set(sample(free[net], leaving));
    return tables.filter((table) => !left.has(table));
  });
}

function copies(tables: readonly EmbeddingTable[], count: number, names: Set<string>): EmbeddingTable[] {
  const made: EmbeddingTable[] = [];
  for (let left = count; left > 0; left -= tables.length) {
    for (const table of sample(tables, Math.min(left, tables.length))) {
      made.push({ ...table, name: freeName(table.name, names) });
    }
  }
  return made;
}

/** Every so many-th table in the order of size, in the order of the net. */
function sample(tables: readonly EmbeddingTable[], count: number): EmbeddingTable[] {
  const bySize = [...tables].sort((a, b) => b.sizeBytes - a.sizeBytes);
  const step = tables.length / Math.max(1, count);
  const chosen = new Set(
    Array.from({ length: count }, (_, index) => bySize[Math.floor((index + 0.5) * step)]),
  );
  return tables.filter((table) => chosen.has(table));
}

function freeName(name: string, names: Set<string>): string {
  let number = 2;
  while (names.has(`${name}.${number}`)) number++;
  const free = `${name}.${number}`;
  names.add(free);
  return free;
}
