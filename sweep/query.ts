import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { ColumnHead } from '../foundation/data-table.ts';
import { InputError } from '../foundation/problem.ts';
import { resultColumns } from '../sim/columns-of-result.ts';
import { csvSource, importDuckDb, ndjsonSource, quoted } from './duckdb.ts';
import { type Format, formats, manifestName, readManifest, resultsName } from './folder.ts';
import { Journal, journalNames } from './journal.ts';
import { writeText } from './results.ts';

/** A value of a result: JSON, whatever its type in SQL. */
export type SqlValue = string | number | boolean | null | SqlValue[] | { [key: string]: SqlValue };

export interface QueryAnswer {
  columns: { name: string; isNumber: boolean }[];
  /** Rows as they come, some at a time. */
  rows: AsyncIterable<SqlValue[][]>;
  /** Where the sweep is not finished: how far it is. */
  progress?: { done: number; points: number };
}

/** Kinds of statements that read, as DuckDB numbers them. */
const select = 1;
const explain = 4;

/**
 * Answers SQL over the rows of a sweep, which are the table `points`. Only reads: nothing in the folder changes.
 * @param use gets the answer; afterwards everything is closed
 * @throws InputError for a folder without a sweep, for SQL that is wrong, and for SQL that does more than read;
 *   Error where DuckDB is missing
 */
export async function query(
  folder: string,
  sql: string,
  use: (answer: QueryAnswer) => Promise<void>,
): Promise<void> {
  const source = sourceOf(folder);
  const duckdb = await importDuckDb();
  if (!duckdb) throw new Error(withoutDuckDb(folder, source));
  const scratch = mkdtempSync(join(tmpdir(), 'rankfleet-query-'));
  const instance = await duckdb.DuckDBInstance.create(':memory:', {
    temp_directory: scratch,
    autoinstall_known_extensions: 'false',
  });
  const connection = await instance.connect();
  try {
    const progress = await showPoints(connection, folder, source, scratch);
    await checkReads(connection, sql);
    const result = await asInputError(() => connection.stream(sql));
    await use({
      columns: result.deduplicatedColumnNames().map((name, index) => ({
        name,
        isNumber: /INT|DOUBLE|FLOAT|DECIMAL/.test(String(result.columnType(index))),
      })),
      rows: rowsOf(result.yieldRows()),
      ...(progress && { progress }),
    });
  } finally {
    connection.closeSync();
    instance.closeSync();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** What a folder has: finished results in some format, or journals only. */
type Source = { format: Format; file: string } | { format: 'journal' };

function sourceOf(folder: string): Source {
  if (!existsSync(folder)) throw new InputError(`no such folder: ${folder}`);
  if (!statSync(folder).isDirectory())
    throw new InputError(`${folder} is not a folder that rankfleet sweep wrote`);
  for (const format of formats) {
    const file = join(folder, resultsName(format));
    if (existsSync(file)) return { format, file };
  }
  if (journalNames(folder).length > 0 && existsSync(join(folder, manifestName))) return { format: 'journal' };
  throw new InputError(`${folder} holds no results of rankfleet sweep, and no ${manifestName}`);
}

function withoutDuckDb(folder: string, source: Source): string {
  const install = 'queries need DuckDB, which is not installed: npm install @duckdb/node-api';
  if (source.format === 'csv' || source.format === 'ndjson')
    return `${install}; the rows are in ${source.file}`;
  return `${install}; rankfleet sweep FILE --out ${folder} --resume --format csv writes the rows as CSV`;
}

/** Makes `points` a view of the rows; of an unfinished sweep, of those that are there. */
async function showPoints(
  connection: DuckDBConnection,
  folder: string,
  source: Source,
  scratch: string,
): Promise<QueryAnswer['progress']> {
  const view = (of: string) => connection.run(`CREATE VIEW points AS SELECT * FROM ${of}`);
  if (source.format === 'duckdb') {
    await connection.run(`ATTACH ${quoted(source.file)} AS results (READ_ONLY)`);
    await view('results.points');
    return undefined;
  }
  const manifest = readManifest(folder);
  const columns = manifest && resultColumns(manifest.fields);
  if (source.format !== 'journal') {
    await view(tableOf(source.format, source.file, columns));
    return undefined;
  }
  if (!manifest || !columns) throw new InputError(`${folder} holds no ${manifestName}`);
  const journal = new Journal(folder, manifest.points);
  const csv = join(scratch, 'points.csv');
  try {
    writeText(csv, 'csv', columns, journal.results());
  } finally {
    journal.close();
  }
  await view(csvSource(csv, columns));
  return { done: journal.done, points: manifest.points };
}

function tableOf(
  format: Exclude<Format, 'duckdb'>,
  file: string,
  columns: readonly ColumnHead[] | undefined,
): string {
  if (format === 'parquet') return `read_parquet(${quoted(file)})`;
  if (format === 'csv') return columns ? csvSource(file, columns) : `read_csv(${quoted(file)})`;
  return columns ? ndjsonSource(file, columns) : `read_json(${quoted(file)})`;
}

const readsOnly = 'queries only read: a SELECT (or DESCRIBE, SUMMARIZE, EXPLAIN) over the table points';
const writes = /^\s*(insert|update|delete|truncate|merge|create|alter|drop|copy)\b/i;

/** One statement that reads; EXPLAIN ANALYZE would carry out what it explains. */
async function checkReads(connection: DuckDBConnection, sql: string): Promise<void> {
  const oneOnly = 'one SELECT at a time; PIVOT counts as one where it lists its values, as ON arm IN (a, b)';
  if (sql.trim() === '') throw new InputError(oneOnly);
  const statements = await asInputError(() => connection.extractStatements(sql));
  if (statements.count !== 1) throw new InputError(oneOnly);
  // Preparing a write complains of what it would write to, which is not the point.
  if (writes.test(sql)) throw new InputError(readsOnly);
  const { statementType } = await asInputError(() => statements.prepare(0));
  if (statementType === select) return;
  if (statementType === explain && !/\banalyze\b/i.test(sql)) return;
  throw new InputError(readsOnly);
}

/** Errors of SQL are the user's: shown as DuckDB words them, which points at the place. */
async function asInputError<Value>(run: () => Promise<Value>): Promise<Value> {
  try {
    return await run();
  } catch (error) {
    throw new InputError((error as Error).message);
  }
}

async function* rowsOf(chunks: AsyncIterable<unknown[][]>): AsyncGenerator<SqlValue[][]> {
  try {
    for await (const rows of chunks) yield rows.map((row) => row.map(plain));
  } catch (error) {
    throw error instanceof InputError ? error : new InputError((error as Error).message);
  }
}

/** Numbers as numbers where they fit; dates, times, intervals and bytes as text, as SQL writes them. */
function plain(value: unknown): SqlValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  const { items, entries, toDouble } = value as { items?: unknown; entries?: unknown; toDouble?: unknown };
  if (Array.isArray(items)) return items.map(plain);
  if (Array.isArray(entries))
    return entries.map(({ key, value: held }) => ({ key: plain(key), value: plain(held) }));
  if (typeof entries === 'object')
    return Object.fromEntries(Object.entries(entries as object).map(([key, held]) => [key, plain(held)]));
  return typeof toDouble === 'function' ? toDouble.call(value) : String(value);
}
