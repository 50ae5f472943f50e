import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { parse } from 'csv-parse';
import { didYouMean } from '../../foundation/near-name.ts';
import { InputError, locate } from '../../foundation/problem.ts';
import { show } from '../../foundation/wording.ts';
import { cellProblem, type Place } from '../streams/csv/cells.ts';
import { checkIsText, parseProblem } from '../streams/csv/parse-problem.ts';
import type { ExampleStream } from '../streams/stream.ts';
import { checkTeacherLabels } from './check-labels.ts';
import { noTeacherLabels, type Snapshot, type TeacherLabels } from './teacher-labels.ts';

const required = ['example', 'probability', 'trained_through_s'];
const optional = ['published_s', 'labelled_s'];

/**
 * Reads what a teacher from elsewhere said of a stream, from a CSV file with a head. Columns: `example`, its position
 * in the order of time, from 0; `probability`; `trained_through_s`, seconds of the stream whose labels the teacher had
 * seen; and where they are later, `published_s` and `labelled_s` (the usual ones: as soon as it was trained, and at the
 * impression). Examples that do not come up have no pseudo-label.
 * @throws InputError with file:line:column, and for pseudo-labels that nobody can have given
 */
export async function readTeacherCsv(
  file: string,
  stream: ExampleStream,
  task: string,
): Promise<TeacherLabels> {
  checkIsText(file);
  let rowBefore = 0;
  const rows = new TeacherRows(stream, task);
  const parser = parse({
    bom: true,
    trim: true,
    skip_empty_lines: true,
    relax_column_count: true,
    max_record_size: 1 << 16,
    // Rows are read as they are parsed: only then does the parser know the line that it is at.
    on_record: (record: string[], { lines }) => {
      rowBefore = lines;
      return rows.read(record, { file, line: lines });
    },
  });
  try {
    await pipeline(createReadStream(file), parser, async (records) => {
      for await (const _ of records);
    });
  } catch (error) {
    throw parseProblem(error, file, parser.info.lines, rowBefore);
  }
  return locate(
    (message) => ({ file, message }),
    () => {
      const labels = rows.labels();
      checkTeacherLabels(labels, stream);
      return labels;
    },
  );
}

/** Pseudo-labels as they grow, row by row of a file. */
class TeacherRows {
  private readonly stream: ExampleStream;
  private readonly all: TeacherLabels;
  private readonly snapshots = new Map<string, Snapshot>();
  private columns: Record<string, number> | undefined;
  private width = 0;

  constructor(stream: ExampleStream, task: string) {
    this.stream = stream;
    this.all = noTeacherLabels({ stream: stream.name, examples: stream.size, task, snapshots: [] });
  }

  /** Returns null: nothing of a row is kept by the parser. */
  read(record: string[], at: Place): null {
    if (this.columns) this.add(record, this.columns, at);
    else this.columns = this.columnsOf(record, at);
    return null;
  }

  private columnsOf(names: string[], at: Place): Record<string, number> {
    const missing = required.filter((name) => !names.includes(name));
    const unknown = names.filter((name) => ![...required, ...optional].includes(name));
    const problems = [
      ...missing.map((name) => `lacks column '${name}'${didYouMean(name, names)}`),
      ...unknown.map((name) => `unknown column ${show(name)}${didYouMean(name, [...required, ...optional])}`),
      ...(new Set(names).size < names.length ? ['names a column twice'] : []),
    ];
    if (problems.length > 0) throw new InputError(problems.map((message) => ({ ...at, column: 1, message })));
    this.width = names.length;
    return Object.fromEntries(names.map((name, column) => [name, column]));
  }

  private add(record: string[], columns: Record<string, number>, at: Place): void {
    if (record.length !== this.width) {
      const column = Math.min(record.length, this.width);
      throw cellProblem(at, column, `expected ${this.width} columns, got ${record.length}`);
    }
    const numberIn = (name: string, otherwise: number): number => {
      const column = columns[name];
      const text = column === undefined ? '' : record[column];
      if (text === '' && optional.includes(name)) return otherwise;
      const value = text === '' ? Number.NaN : Number(text);
      if (Number.isFinite(value)) return value;
      throw cellProblem(at, column, `expected a number, got ${show(text)}`);
    };
    const { all, stream } = this;
    const row = numberIn('example', 0);
    if (!Number.isInteger(row) || row < 0 || row >= all.examples)
      throw cellProblem(
        at,
        columns.example,
        `expected an example of the stream, 0 to ${all.examples - 1}, got ${show(record[columns.example])}`,
      );
    if (!Number.isNaN(all.probability[row]))
      throw cellProblem(at, columns.example, `example ${row} comes up twice`);
    const trainedThroughS = numberIn('trained_through_s', 0);
    const probability = numberIn('probability', 0);
    if (probability < 0 || probability > 1)
      throw cellProblem(
        at,
        columns.probability,
        `expected a probability, 0 to 1, got ${show(record[columns.probability])}`,
      );
    all.probability[row] = probability;
    all.snapshot[row] = this.snapshotOf(trainedThroughS, numberIn('published_s', trainedThroughS));
    all.labelledS[row] = Math.floor(numberIn('labelled_s', stream.impressionS[row]));
  }

  private snapshotOf(trainedThroughS: number, publishedS: number): number {
    const name = `${trainedThroughS} ${publishedS}`;
    const known = this.snapshots.get(name);
    if (known) return known.id;
    const id = this.snapshots.size + 1;
    this.snapshots.set(name, { id, trainedThroughS, publishedS });
    return id;
  }

  labels(): TeacherLabels {
    if (this.snapshots.size === 0) throw new InputError('has no pseudo-label');
    return { ...this.all, snapshots: [...this.snapshots.values()] };
  }
}
