import { closeSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { csvLine } from '../foundation/csv.ts';
import type { Cell, DataColumn } from '../foundation/data-table.ts';
import { orWriteError } from '../foundation/files.ts';
import { type PointRow, resultColumns } from '../sim/columns-of-result.ts';
import type { PointResult } from '../sim/sweep-result.ts';
import { importDuckDb, storeCsv } from './duckdb.ts';
import { type Format, type Manifest, resultsName, unfinishedName } from './folder.ts';

/** The format that is written unless another is asked for: a DuckDB file where DuckDB is installed, else CSV. */
export async function usualFormat(): Promise<Format> {
  return (await importDuckDb()) ? 'duckdb' : 'csv';
}

/**
 * Writes the results of a finished sweep, sorted by point and arm, whole or not at all.
 * @param points all of them, in their order
 * @returns the file
 */
export async function writeResults(
  folder: string,
  format: Format,
  manifest: Manifest,
  points: Iterable<PointResult>,
): Promise<string> {
  const file = join(folder, resultsName(format));
  const unfinished = unfinishedName(file);
  const columns = resultColumns(manifest.fields);
  try {
    if (format === 'csv' || format === 'ndjson') writeText(unfinished, format, columns, points);
    else {
      const csv = unfinishedName(join(folder, 'rows.csv'));
      try {
        writeText(csv, 'csv', columns, points);
        await storeCsv(csv, columns, format, unfinished);
      } finally {
        rmSync(csv, { force: true });
      }
    }
    renameSync(unfinished, file);
  } catch (error) {
    // DuckDB leaves its log beside a file that it could not finish.
    for (const left of [unfinished, `${unfinished}.wal`]) rmSync(left, { force: true });
    throw error;
  }
  return file;
}

/** Rows as text, one line each; the same points give the same bytes. */
export function writeText(
  file: string,
  format: 'csv' | 'ndjson',
  columns: readonly DataColumn<PointRow>[],
  points: Iterable<PointResult>,
): void {
  const descriptor = orWriteError(file, () => openSync(file, 'w'));
  // Writes on where a device took a part of the text only.
  const write = (text: string) => orWriteError(file, () => writeFileSync(descriptor, text));
  try {
    let text = format === 'csv' ? `${columns.map(({ name }) => name).join(',')}\n` : '';
    for (const point of points) {
      for (const row of point.rows) {
        const cells = columns.map(({ cell }) => cell({ point, row }));
        text += format === 'csv' ? csvLine(cells) : jsonLine(columns, cells);
      }
      if (text.length < 1 << 16) continue;
      write(text);
      text = '';
    }
    write(text);
  } finally {
    closeSync(descriptor);
  }
}

function jsonLine(columns: readonly DataColumn<PointRow>[], cells: readonly Cell[]): string {
  return `${JSON.stringify(Object.fromEntries(columns.map(({ name }, index) => [name, cells[index]])))}\n`;
}
