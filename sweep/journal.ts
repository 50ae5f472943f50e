import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { orWriteError } from '../foundation/files.ts';
import { type PointResult, rowStates } from '../sim/sweep-result.ts';

const fileNames = /^points(-\d+-of-\d+)?\.ndjson$/;

/** One of several processes that share a sweep, from 0. */
export interface Shard {
  index: number;
  of: number;
}

export function journalName(shard?: Shard): string {
  return shard ? `points-${shard.index}-of-${shard.of}.ndjson` : 'points.ndjson';
}

/** The journals of a folder, sorted. */
export function journalNames(folder: string): string[] {
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => fileNames.test(name))
        .sort()
    : [];
}

/**
 * The finished points of a sweep: one line of JSON each, in the order in which they became ready, in one file for each
 * process that worked on it. A line is written at once and whole, so that a killed process loses no point that it
 * had finished. Memory holds where each line begins, and nothing of what it says.
 */
export class Journal {
  /** Finished points. */
  done = 0;
  /** Lines that are damaged, or of another sweep: their points count as not done. */
  passedOver = 0;
  private readonly folder: string;
  private readonly offsets: Float64Array;
  private readonly lengths: Uint32Array;
  /** Position of the file in `files`, from 1; 0 for a point that is not done. */
  private readonly fileOf: Uint16Array;
  private readonly keyOf: ((index: number) => string) | undefined;
  private readonly files: { name: string; descriptor: number }[] = [];
  private own: { descriptor: number; position: number; file: number } | undefined;

  /**
   * Reads what is there.
   * @param points of the whole sweep; what lies beyond is of a longer one
   * @param keyOf key of each point, where it is known: lines with another one are passed over
   */
  constructor(folder: string, points: number, keyOf?: (index: number) => string) {
    this.folder = folder;
    this.keyOf = keyOf;
    this.offsets = new Float64Array(points);
    this.lengths = new Uint32Array(points);
    this.fileOf = new Uint16Array(points);
    for (const name of journalNames(folder)) this.read(name);
  }

  has(index: number): boolean {
    return this.fileOf[index] !== 0;
  }

  /** Begins to write; a last line that was cut off when a process was killed is cut away. */
  open(name: string): void {
    const path = join(this.folder, name);
    const descriptor = orWriteError(path, () => openSync(path, 'a+'));
    const position = endOfLines(descriptor);
    if (position < fstatSync(descriptor).size) ftruncateSync(descriptor, position);
    let file = this.files.findIndex((one) => one.name === name) + 1;
    if (file === 0) file = this.files.push({ name, descriptor: openSync(path, 'r') });
    this.own = { descriptor, position, file };
  }

  /** Keeps a point; one that is done already is passed over. */
  append(result: PointResult): void {
    if (!this.own) throw new Error('the journal is not open');
    if (this.has(result.index)) return;
    const line = Buffer.from(`${JSON.stringify(result)}\n`);
    const { descriptor, file } = this.own;
    // Writes on where a device took a part of the line only.
    orWriteError(join(this.folder, this.files[file - 1].name), () => writeFileSync(descriptor, line));
    this.note(result.index, file, this.own.position, line.length - 1);
    this.own.position += line.length;
  }

  /** A finished point. */
  result(index: number): PointResult {
    const file = this.files[this.fileOf[index] - 1];
    const line = Buffer.alloc(this.lengths[index]);
    readSync(file.descriptor, line, 0, line.length, this.offsets[index]);
    return JSON.parse(line.toString());
  }

  /** Finished points in their order. */
  *results(): Generator<PointResult> {
    for (let index = 0; index < this.fileOf.length; index++) {
      if (this.has(index)) yield this.result(index);
    }
  }

  close(): void {
    for (const { descriptor } of this.files) closeSync(descriptor);
    if (this.own) closeSync(this.own.descriptor);
    this.own = undefined;
    this.files.length = 0;
  }

  private read(name: string): void {
    const descriptor = openSync(join(this.folder, name), 'r');
    const file = this.files.push({ name, descriptor });
    for (const { line, offset } of linesOf(descriptor)) {
      const point = pointOf(line);
      if (point && point.index >= this.fileOf.length) continue;
      if (!point || (this.keyOf && point.key !== this.keyOf(point.index))) this.passedOver++;
      else if (!this.has(point.index)) this.note(point.index, file, offset, line.length);
    }
  }

  private note(index: number, file: number, offset: number, length: number): void {
    this.fileOf[index] = file;
    this.offsets[index] = offset;
    this.lengths[index] = length;
    this.done++;
  }
}

const newline = 10;
const chunkBytes = 1 << 20;

/** Whole lines of a file; what stands after the last line break is none. */
function* linesOf(descriptor: number): Generator<{ line: Buffer; offset: number }> {
  const chunk = Buffer.alloc(chunkBytes);
  let rest = Buffer.alloc(0);
  let offset = 0;
  for (let position = 0; ; ) {
    const bytes = readSync(descriptor, chunk, 0, chunkBytes, position);
    if (bytes === 0) return;
    position += bytes;
    const text = Buffer.concat([rest, chunk.subarray(0, bytes)]);
    let start = 0;
    for (let end = text.indexOf(newline); end >= 0; end = text.indexOf(newline, start)) {
      yield { line: text.subarray(start, end), offset: offset + start };
      start = end + 1;
    }
    offset += start;
    rest = text.subarray(start);
  }
}

/** Bytes up to the end of the last whole line. */
function endOfLines(descriptor: number): number {
  let end = 0;
  for (const { line, offset } of linesOf(descriptor)) end = offset + line.length + 1;
  return end;
}

/** The point of a line; none where a machine that lost its power, or a person, left something else. */
function pointOf(line: Buffer): { index: number; key: string } | undefined {
  try {
    const { index, key, values, rows } = JSON.parse(line.toString()) as PointResult;
    const isPoint =
      Number.isSafeInteger(index) &&
      index >= 0 &&
      typeof key === 'string' &&
      Array.isArray(values) &&
      rows.length > 0 &&
      rows.every(({ arm, verdict }) => typeof arm === 'string' && rowStates.includes(verdict));
    return isPoint ? { index, key } : undefined;
  } catch {
    return undefined;
  }
}
