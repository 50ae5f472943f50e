import { createReadStream, statSync } from 'node:fs';
import { parse } from 'csv-parse';
import { didYouMean } from '../foundation/near-name.ts';
import { InputError } from '../foundation/problem.ts';
import type { Trace } from './deployment.ts';

const timeColumns: Record<string, number> = {
  timestamp_s: 1,
  timestamp_ms: 1e3,
  timestamp_us: 1e6,
  timestamp_ns: 1e9,
};
const lookupPrefix = 'lookups:';

/** Columns of a trace, by position. */
interface Columns {
  time: number;
  perSecond: number;
  candidates: number;
  lookups: { table: string; column: number }[];
}

/**
 * Reads a load trace: CSV with a header of `timestamp_s` (or `_ms`, `_us`, `_ns`), `candidates`, and optionally
 * `lookups:<table>` with the request's lookups in that table. Streamed: memory holds the numbers only.
 * @throws InputError with file:line of the first bad row.
 */
export async function readTrace(file: string): Promise<Trace> {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile())
    throw new InputError([{ file, message: 'no such file' }]);
  const parser = createReadStream(file).pipe(
    parse({ skip_empty_lines: true, trim: true, bom: true, max_record_size: 1 << 20 }),
  );
  const times = new Rows();
  const candidates = new Rows();
  const counts = new Rows();
  let columns: Columns | undefined;
  try {
    for await (const record of parser as AsyncIterable<string[]>) {
      const at = { file, line: parser.info.lines };
      if (!columns) {
        columns = readHeader(record, at);
        continue;
      }
      const time = numberAt(record, columns.time, at) / columns.perSecond;
      if (time < times.last()) throw problem(at, columns.time, 'timestamps must not go back');
      times.add(time);
      const count = numberAt(record, columns.candidates, at);
      if (!Number.isInteger(count) || count < 1 || count > 1_000_000) {
        throw problem(
          at,
          columns.candidates,
          `candidates must be a whole number from 1 to 1000000, got ${count}`,
        );
      }
      candidates.add(count);
      for (const { column } of columns.lookups) counts.add(numberAt(record, column, at));
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError([{ file, line: parser.info.lines, column: 1, message: (error as Error).message }]);
  }
  if (!columns || times.length === 0) throw new InputError([{ file, message: 'the trace has no requests' }]);
  const start = times.values()[0];
  const tables = columns.lookups.map(({ table }) => table);
  return {
    file,
    timesS: shared(Float64Array, times, (time) => time - start),
    candidates: shared(Int32Array, candidates),
    ...(tables.length > 0 && { lookups: { tables, counts: shared(Float32Array, counts) } }),
  };
}

/** A column in shared memory, so that worker threads read it without a copy. */
function shared<Items extends Float64Array | Float32Array | Int32Array>(
  type: { new (buffer: SharedArrayBuffer): Items; BYTES_PER_ELEMENT: number },
  rows: Rows,
  map = (value: number) => value,
): Items {
  const column = new type(new SharedArrayBuffer(rows.length * type.BYTES_PER_ELEMENT));
  rows.values().forEach((value, index) => {
    column[index] = map(value);
  });
  return column;
}

function readHeader(header: string[], at: { file: string; line: number }): Columns {
  const time = header.findIndex((name) => Object.hasOwn(timeColumns, name));
  const candidates = header.indexOf('candidates');
  const known = [...Object.keys(timeColumns), 'candidates'];
  header.forEach((name, column) => {
    if (known.includes(name) || name.startsWith(lookupPrefix)) return;
    const message = `unknown column '${name}'${didYouMean(name, known)}; known: ${known.join(', ')}, ${lookupPrefix}<table>`;
    throw problem(at, column, message);
  });
  if (time < 0)
    throw problem(at, 0, `the header lacks a time: one of ${Object.keys(timeColumns).join(', ')}`);
  if (candidates < 0) throw problem(at, 0, "the header lacks 'candidates'");
  const lookups = header.flatMap((name, column) =>
    name.startsWith(lookupPrefix) ? [{ table: name.slice(lookupPrefix.length), column }] : [],
  );
  if (new Set(header).size < header.length) throw problem(at, 0, 'the header names a column twice');
  return { time, perSecond: timeColumns[header[time]], candidates, lookups };
}

function numberAt(record: string[], column: number, at: { file: string; line: number }): number {
  const value = record[column] === '' ? Number.NaN : Number(record[column]);
  if (!Number.isFinite(value) || value < 0) {
    throw problem(at, column, `expected a number of at least 0, got '${record[column]}'`);
  }
  return value;
}

/** The column is that of the table, counted from 1: CSV rows are too long for character positions to help. */
function problem(at: { file: string; line: number }, column: number, message: string): InputError {
  return new InputError([{ ...at, column: column + 1, message }]);
}

/** A growing column of numbers without boxing. */
class Rows {
  private data = new Float64Array(1024);
  length = 0;

  add(value: number): void {
    if (this.length === this.data.length) {
      const larger = new Float64Array(this.length * 2);
      larger.set(this.data);
      this.data = larger;
    }
    this.data[this.length++] = value;
  }

  last(): number {
    return this.length === 0 ? Number.NEGATIVE_INFINITY : this.data[this.length - 1];
  }

  values(): Float64Array {
    return this.data.subarray(0, this.length);
  }
}
