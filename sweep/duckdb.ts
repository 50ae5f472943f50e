import type { ColumnHead } from '../foundation/data-table.ts';

export type DuckDb = typeof import('@duckdb/node-api');

/** DuckDB, which is optional; nothing where it is not installed or does not run here. */
export async function importDuckDb(): Promise<DuckDb | undefined> {
  try {
    return await import('@duckdb/node-api');
  } catch {
    return undefined;
  }
}

export async function requireDuckDb(what: string): Promise<DuckDb> {
  const duckdb = await importDuckDb();
  if (duckdb) return duckdb;
  throw new Error(`${what} needs DuckDB, which is not installed: npm install @duckdb/node-api`);
}

/** Memory of DuckDB while it stores rows; more goes to disk. */
const memoryLimit = '512MB';

/** Turns rows in CSV into a DuckDB file with the table `points`, or a Parquet file. */
export async function storeCsv(
  csv: string,
  columns: readonly ColumnHead[],
  format: 'duckdb' | 'parquet',
  file: string,
): Promise<void> {
  const { DuckDBInstance } = await requireDuckDb(`--format ${format}`);
  const instance = await DuckDBInstance.create(format === 'duckdb' ? file : ':memory:', {
    memory_limit: memoryLimit,
    threads: '1',
  });
  const connection = await instance.connect();
  try {
    const rows = `SELECT * FROM ${csvSource(csv, columns)}`;
    await connection.run(
      format === 'duckdb'
        ? `CREATE TABLE points AS ${rows}`
        : `COPY (${rows}) TO ${quoted(file)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    if (format === 'duckdb') await connection.run('CHECKPOINT');
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** A CSV file as `writeText` makes it, as a table of SQL. */
export function csvSource(file: string, columns: readonly ColumnHead[]): string {
  return `read_csv(${quoted(file)}, header = true, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false, auto_detect = false, max_line_size = 10000000, columns = ${columnTypes(columns)})`;
}

/** An NDJSON file as `writeText` makes it, as a table of SQL. */
export function ndjsonSource(file: string, columns: readonly ColumnHead[]): string {
  return `read_json(${quoted(file)}, format = 'newline_delimited', columns = ${columnTypes(columns)})`;
}

function columnTypes(columns: readonly ColumnHead[]): string {
  return `{${columns.map(({ name, type }) => `${quoted(name)}: ${quoted(type)}`).join(', ')}}`;
}

export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
