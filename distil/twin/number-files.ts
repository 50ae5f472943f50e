import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../foundation/problem.ts';
import type { IdColumn } from '../learner/embedding-tables.ts';
import type { Examples } from '../learner/examples.ts';
import { type FloatArray, type Precision, zeros } from '../learner/float-array.ts';

/** A file of plain numbers. */
interface NumberFile {
  file: string;
  element: Precision;
}

/** Columns of ids in files. */
export interface IdFiles {
  count: number;
  ids: string[];
}

/** Columns of examples in files. */
export interface ColumnFiles extends IdFiles {
  labels: NumberFile;
  teacher?: NumberFile;
}

/** A folder of files of numbers between this process and the worker; it goes with `remove`. */
export class NumberFiles {
  private readonly folder: string;
  private made = 0;

  /** @param within folder that it is made in */
  constructor(within = tmpdir()) {
    this.folder = mkdtempSync(join(within, 'rankfleet-twin-'));
  }

  /** A name for a new file. */
  name(): string {
    return join(this.folder, `${this.made++}.bin`);
  }

  write(numbers: FloatArray | Int32Array): string {
    const file = this.name();
    writeFileSync(file, new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
    return file;
  }

  /** Reads `count` numbers of a file, and deletes it. */
  take(file: string, precision: Precision, count: number): FloatArray {
    const numbers = zeros(precision, count);
    const bytes = readFileSync(file);
    rmSync(file);
    if (bytes.length !== numbers.byteLength)
      throw new Error(`expected ${numbers.byteLength} bytes of numbers from the worker, not ${bytes.length}`);
    new Uint8Array(numbers.buffer).set(bytes);
    return numbers;
  }

  writeColumns({ ids, labels, teacher }: Examples): ColumnFiles {
    const count = labels.length;
    if (teacher && teacher.length < count)
      throw new InputError(`expected ${count} labels of the teacher, not ${teacher.length}`);
    return {
      ...this.writeIds(ids, count),
      labels: this.writeFloats(labels, count),
      ...(teacher && { teacher: this.writeFloats(teacher, count) }),
    };
  }

  writeIds(ids: readonly IdColumn[], count: number): IdFiles {
    return { count, ids: ids.map((column) => this.write(int32Of(column, count))) };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private writeFloats(column: Examples['labels'], count: number): NumberFile {
    const floats = column instanceof Uint8Array ? Float32Array.from(column) : column;
    const element = floats instanceof Float64Array ? 'float64' : 'float32';
    return { file: this.write(floats.subarray(0, count)), element };
  }
}

/** The same 32 bits; ids of fewer bits are widened. */
function int32Of(column: IdColumn, count: number): Int32Array {
  const used = column.subarray(0, count);
  if (used instanceof Uint32Array) return new Int32Array(used.buffer, used.byteOffset, count);
  return used instanceof Int32Array ? used : Int32Array.from(used);
}
