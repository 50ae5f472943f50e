import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { InputError } from '../../../foundation/problem.ts';
import { Dictionary } from '../dictionary.ts';

/** Flights in columns, by scheduled departure. */
export interface Flights {
  size: number;
  /** Seconds since 1970 in the local time of the airport, as if that were UTC. */
  departureS: Float64Array;
  /** Minutes late; below zero when early. */
  delayMin: Int32Array;
  /** Miles. */
  distance: Int32Array;
  origin: Int32Array;
  destination: Int32Array;
  /** Codes of the airports; both ends of a flight number them alike. */
  airports: string[];
}

/** Packages that the real stream needs; they are development dependencies of this one. */
const needed = ['vega-datasets@3.2.1', 'hyparquet', 'hyparquet-compressors'];

/** A column's values as the library hands them out: numbers are BigInts or what the time parser makes. */
type Chunk = { columnName: string; columnData: ArrayLike<unknown>; rowStart: number };

/** What is asked of the library, whose own types come with a package that may be absent. */
interface Hyparquet {
  asyncBufferFromFile(file: string): Promise<unknown>;
  parquetMetadataAsync(file: unknown): Promise<{ num_rows: bigint }>;
  parquetRead(options: Record<string, unknown>): Promise<void>;
}

/** The file in its package. @throws InputError where the package is not installed */
export function flightsFile(): string {
  try {
    const entry = createRequire(import.meta.url).resolve('vega-datasets');
    return join(dirname(entry), '..', 'data', 'flights-3m.parquet');
  } catch {
    throw notInstalled('vega-datasets');
  }
}

/**
 * Reads three million flights of 2001 (US DOT, by way of vega-datasets) in some seconds.
 * @throws InputError when a package is missing, the file is no Parquet, or a cell of it is empty
 */
export async function readFlights(file = flightsFile()): Promise<Flights> {
  const { parquet, compressors } = await libraries();
  try {
    const buffer = await parquet.asyncBufferFromFile(file);
    const metadata = await parquet.parquetMetadataAsync(buffer);
    const columns = new FlightColumns(Number(metadata.num_rows));
    await parquet.parquetRead({
      file: buffer,
      metadata,
      compressors,
      columns: ['date', 'delay', 'distance', 'origin', 'destination'],
      parsers: { timestampFromMicroseconds: (time: bigint) => Number(time) / 1e6 },
      onChunk: (chunk: Chunk) => columns.take(chunk),
    });
    return columns.flights();
  } catch (error) {
    throw new InputError([{ file, message: (error as Error).message }]);
  }
}

class FlightColumns {
  private readonly airports = new Dictionary<string>();
  private readonly columns: Record<string, Float64Array | Int32Array>;
  private readonly filled: Record<string, number> = {};
  private readonly size: number;

  constructor(size: number) {
    this.size = size;
    this.columns = {
      date: new Float64Array(size),
      delay: new Int32Array(size),
      distance: new Int32Array(size),
      origin: new Int32Array(size),
      destination: new Int32Array(size),
    };
  }

  /** Chunks come in any order, each with the row that it starts at. */
  take({ columnName, columnData, rowStart }: Chunk): void {
    const column = this.columns[columnName];
    const isAirport = columnName === 'origin' || columnName === 'destination';
    for (let i = 0; i < columnData.length; i++) {
      const value = columnData[i];
      if (value === null || value === undefined)
        throw new Error(`row ${rowStart + i} has no ${columnName}: every flight needs one`);
      column[rowStart + i] = isAirport ? this.airports.idOf(value as string) : Number(value);
    }
    this.filled[columnName] = (this.filled[columnName] ?? 0) + columnData.length;
  }

  flights(): Flights {
    const absent = Object.keys(this.columns).filter((name) => this.filled[name] !== this.size);
    if (absent.length > 0) throw new Error(`columns ${absent.join(', ')} are missing or incomplete`);
    const { date, delay, distance, origin, destination } = this.columns;
    return {
      size: this.size,
      departureS: date as Float64Array,
      delayMin: delay as Int32Array,
      distance: distance as Int32Array,
      origin: origin as Int32Array,
      destination: destination as Int32Array,
      airports: this.airports.values(),
    };
  }
}

async function libraries(): Promise<{ parquet: Hyparquet; compressors: unknown }> {
  // Names that the compiler does not follow: the packages are not there in an installation without them.
  const [reader, codecs] = ['hyparquet', 'hyparquet-compressors'];
  try {
    return { parquet: await import(reader), compressors: (await import(codecs)).compressors };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw notInstalled(reader);
  }
}

function notInstalled(name: string): InputError {
  return new InputError(
    `${name} is not installed; the stream of flights needs: npm install ${needed.join(' ')}`,
  );
}
