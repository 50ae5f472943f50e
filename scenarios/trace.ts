import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { parse } from 'csv-parse';
import { fileSize } from '../foundation/files.ts';
import { didYouMean } from '../foundation/near-name.ts';
import { InputError } from '../foundation/problem.ts';
import { show } from '../foundation/wording.ts';
import type { Trace } from './deployment.ts';

const timeColumns: Record<string, number> = {
  timestamp_s: 1,
  timestamp_ms: 1e3,
  timestamp_us: 1e6,
  timestamp_ns: 1e9,
};
const lookupPrefix = 'lookups:';

/** Longest trace, in seconds: over 30 years, beyond which a clock in doubles blurs microseconds. */
const maxSpanS = 1e9;

/** Most lookups of a request in one table. */
const maxLookups = 1e9;

/** Columns of a trace, by position. */
interface Columns {
  /** Columns of every row. */
  count: number;
  time: number;
  perSecond: number;
  candidates: number;
  lookups: { table: string; column: number }[];
}

interface Place {
  file: string;
  line: number;
}

/**
 * Reads a load trace: CSV with a header of `timestamp_s` (or `_ms`, `_us`, `_ns`), `candidates`, and optionally
 * `lookups:<table>` with the request's lookups in that table. Streamed: memory holds the numbers only.
 * @throws InputError with file:line of the first bad row.
 */
export async function readTrace(file: string): Promise<Trace> {
  fileSize(file);
  const rows = new TraceRows(file);
  const parser = parse({
    skip_empty_lines: true,
    trim: true,
    bom: true,
    max_record_size: 1 << 20,
    relax_column_count: true,
    // Rows are read as they are parsed: only then does the parser know the line that it is at.
    on_record: (record: string[], { lines }) => rows.read(record, lines),
  });
  try {
    await pipeline(createReadStream(file), parser, async (records) => {
      for await (const _ of records);
    });
  } catch (error) {
    if (error instanceof InputError) throw error;
    const message = inPlainWords(error as Error);
    throw new InputError([{ file, line: parser.info.lines, column: 1, message }]);
  }
  return rows.trace();
}

function inPlainWords({ message, code }: Error & { code?: string }): string {
  if (code === 'CSV_QUOTE_NOT_CLOSED') return 'a quote is opened and not closed';
  return message.replace(/ (on|at) line \d+/, '');
}

/** The columns of a trace as they grow, row by row. */
class TraceRows {
  private readonly file: string;
  private readonly times = new Numbers();
  private readonly candidates = new Numbers();
  private readonly counts = new Numbers();
  private columns: Columns | undefined;

  constructor(file: string) {
    this.file = file;
  }

  /** Returns null: nothing of a row is kept by the parser. */
  read(record: string[], line: number): null {
    const at = { file: this.file, line };
    if (this.columns) this.add(record, this.columns, at);
    else this.columns = readHeader(record, at);
    return null;
  }

  private add(record: string[], columns: Columns, at: Place): void {
    if (record.length !== columns.count) {
      const column = Math.min(record.length, columns.count);
      throw problem(at, column, `expected ${columns.count} columns as in the header, got ${record.length}`);
    }
    const time = numberAt(record, columns.time, at) / columns.perSecond;
    if (time < this.times.last()) throw problem(at, columns.time, 'timestamps must not go back');
    if (time - this.times.first(time) > maxSpanS)
      throw problem(
        at,
        columns.time,
        `is more than ${maxSpanS} s after the first: check the unit of the times`,
      );
    this.times.add(time);
    const count = numberAt(record, columns.candidates, at);
    if (!Number.isInteger(count) || count < 1 || count > 1_000_000) {
      const message = `candidates must be a whole number from 1 to 1000000, got ${count}`;
      throw problem(at, columns.candidates, message);
    }
    this.candidates.add(count);
    for (const { column } of columns.lookups) {
      const lookups = numberAt(record, column, at);
      if (lookups > maxLookups)
        throw problem(at, column, `expected at most ${maxLookups} lookups, got ${lookups}`);
      this.counts.add(lookups);
    }
  }

  trace(): Trace {
    const { file, times, candidates, counts, columns } = this;
    if (!columns || times.length === 0)
      throw new InputError([{ file, message: 'the trace has no requests' }]);
    const start = times.values()[0];
    const tables = columns.lookups.map(({ table }) => table);
    return {
      file,
      timesS: shared(Float64Array, times, (time) => time - start),
      candidates: shared(Int32Array, candidates),
      ...(tables.length > 0 && { lookups: { tables, counts: shared(Float32Array, counts) } }),
    };
  }
}

/** A column in shared memory, so that worker threads read it without a copy. */
function shared<Items extends Float64Array | Float32Array | Int32Array>(
  type: { new (buffer: SharedArrayBuffer): Items; BYTES_PER_ELEMENT: number },
  column: Numbers,
  map = (value: number) => value,
): Items {
  const items = new type(new SharedArrayBuffer(column.length * type.BYTES_PER_ELEMENT));
  column.values().forEach((value, index) => {
    items[index] = map(value);
  });
  return items;
}

function readHeader(header: string[], at: Place): Columns {
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
  if (header.filter((name) => Object.hasOwn(timeColumns, name)).length > 1)
    throw problem(at, time, 'the header gives the time twice');
  if (new Set(header).size < header.length) throw problem(at, 0, 'the header names a column twice');
  return { count: header.length, time, perSecond: timeColumns[header[time]], candidates, lookups };
}

const decimal = /^[-+]?[\d.]+(e[-+]?\d+)?$/i;

function numberAt(record: string[], column: number, at: Place): number {
  const value = decimal.test(record[column]) ? Number(record[column]) : Number.NaN;
  if (!Number.isFinite(value) || value < 0) {
    throw problem(at, column, `expected a number of at least 0, got ${show(record[column])}`);
  }
  return value;
}

/** The column is that of the table, counted from 1: CSV rows are too long for character positions to help. */
function problem(at: Place, column: number, message: string): InputError {
  return new InputError([{ ...at, column: column + 1, message }]);
}

/** A growing column of numbers without boxing. */
class Numbers {
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

  first(otherwise: number): number {
    return this.length === 0 ? otherwise : this.data[0];
  }

  values(): Float64Array {
    return this.data.subarray(0, this.length);
  }
}
