import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { csvOf } from '../foundation/csv.ts';
import type { DataTable } from '../foundation/data-table.ts';
import { writeWhole } from '../foundation/files.ts';
import { jsonOf } from '../reports/files/json.ts';
import type { Subject } from '../reports/subject.ts';
import { storeCsv } from '../sweep/duckdb.ts';
import { tableOf } from './report-table.ts';
import type { Format } from './report-targets.ts';

/** What an exporter is given. */
export interface ExportRequest {
  subject: Subject;
  /** The file that is written, or the folder of --svg. */
  named: string;
  /** Name of a table of data; absent for the usual one. */
  table: string | undefined;
}

/** A file to write. */
export interface Piece {
  /** As the user named it, or - for stdout. */
  file: string;
  content: Iterable<string | Uint8Array>;
  /** Of a table of data. */
  rows?: number;
}

/** What makes the files of each option. All of them are made before any is written. */
export const exporters: Record<Format, (request: ExportRequest) => Piece[] | Promise<Piece[]>> = {
  csv: ({ subject, named, table }) => {
    const data = tableOf(subject, table);
    return [{ file: named, content: csvOf(data), rows: data.size }];
  },
  parquet: async ({ subject, named, table }) => {
    const data = tableOf(subject, table);
    return [{ file: named, content: [await parquetOf(data)], rows: data.size }];
  },
  json: ({ subject, named }) => [{ file: named, content: jsonOf(subject) }],
};

/** A table as the bytes of a Parquet file. */
async function parquetOf(table: DataTable): Promise<Uint8Array> {
  const scratch = mkdtempSync(join(tmpdir(), 'rankfleet-parquet-'));
  try {
    const [csv, parquet] = ['rows.csv', 'rows.parquet'].map((name) => join(scratch, name));
    writeWhole(csv, csvOf(table));
    await storeCsv(csv, table.columns, 'parquet', parquet);
    return readFileSync(parquet);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
