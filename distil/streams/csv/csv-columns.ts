import { didYouMean } from '../../../foundation/near-name.ts';
import { InputError } from '../../../foundation/problem.ts';
import { show } from '../../../foundation/wording.ts';
import { GrowingColumn } from '../columns.ts';
import { Dictionary } from '../dictionary.ts';
import { type ExampleStream, type Field, maxVerticals, noLabel, secondsPerDay } from '../stream.ts';
import { bucketCell, cellProblem, labelCell, type Place, timeCell } from './cells.ts';
import type { Layout } from './layout.ts';

/** Most examples of a file, beyond which the arrays would not fit. */
const maxRows = 2 ** 27;

interface CategoryColumn {
  column: number;
  name: string;
  ids: GrowingColumn<Int32Array>;
  dictionary: Dictionary<string>;
}

interface BucketColumn {
  column: number;
  name: string;
  ids: GrowingColumn<Int32Array>;
}

interface LabelColumn {
  column: number;
  timeColumn: number | undefined;
  name: string;
  delay: number;
  labels: GrowingColumn<Uint8Array>;
  delayS: GrowingColumn<Float32Array>;
}

/** Where what stands in a row. */
interface Roles {
  count: number;
  time: number | undefined;
  vertical: number | undefined;
  categories: CategoryColumn[];
  buckets: BucketColumn[];
  labels: LabelColumn[];
}

/** The columns of a stream as they grow, row by row of a file. */
export class CsvColumns {
  private readonly file: string;
  private readonly layout: Layout;
  private roles: Roles | undefined;
  private readonly times = new GrowingColumn((length) => new Float64Array(length));
  private readonly members = new GrowingColumn((length) => new Uint32Array(length));
  private readonly verticals = new Dictionary<string>();
  private readonly unknownVerticals = new Map<string, number>();
  private size = 0;
  /** Time of the row before. */
  private latestS = Number.NEGATIVE_INFINITY;

  constructor(file: string, layout: Layout) {
    this.file = file;
    this.layout = layout;
    for (const value of layout.vertical?.values ?? []) this.verticals.idOf(value);
  }

  /** Returns null: nothing of a row is kept by the parser. */
  read(record: string[], line: number): null {
    const at = { file: this.file, line };
    if (this.roles) {
      this.add(record, this.roles, at);
    } else if (this.layout.columns) {
      this.roles = rolesOf(this.layout, this.layout.columns, { file: this.file, line: 1 });
      this.add(record, this.roles, at);
    } else {
      this.roles = rolesOf(this.layout, record, at);
    }
    return null;
  }

  private add(record: string[], roles: Roles, at: Place): void {
    if (record.length !== roles.count) {
      const column = Math.min(record.length, roles.count);
      throw cellProblem(at, column, `expected ${roles.count} columns, got ${record.length}`);
    }
    if (this.size === maxRows) throw cellProblem(at, 0, `a stream has at most ${maxRows} examples`);
    const impressionS = this.impressionS(record, roles, at);
    this.times.push(impressionS);
    for (const { column, ids, dictionary } of roles.categories) ids.push(dictionary.idOf(record[column]));
    for (const { column, ids } of roles.buckets) ids.push(bucketCell(record[column], at, column));
    for (const label of roles.labels) this.addLabel(record, label, impressionS, at);
    this.members.push(
      roles.vertical === undefined ? 1 : this.bitOf(record[roles.vertical], roles.vertical, at),
    );
    this.size++;
  }

  private impressionS(record: string[], roles: Roles, at: Place): number {
    const { time } = this.layout;
    if ('rows_per_day' in time) return (secondsPerDay * this.size) / time.rows_per_day;
    const column = roles.time!;
    const seenS = timeCell(record[column], time.unit, at, column) + time.utc_offset;
    if (this.layout.order === 'sorted' && seenS < this.latestS) {
      const late = `${show(record[column])} is ${this.latestS - seenS} s before the row above`;
      throw cellProblem(
        at,
        column,
        `is not sorted by time: ${late}; 'order: sort' in the layout puts rows in order`,
      );
    }
    this.latestS = seenS;
    return seenS;
  }

  private addLabel(record: string[], label: LabelColumn, impressionS: number, at: Place): void {
    const { time } = this.layout;
    const value = labelCell(record[label.column], at, label.column);
    label.labels.push(value);
    if (value === noLabel) {
      label.delayS.push(Number.NaN);
    } else if (label.timeColumn === undefined || record[label.timeColumn] === '' || !('column' in time)) {
      label.delayS.push(label.delay);
    } else {
      const knownS = timeCell(record[label.timeColumn], time.unit, at, label.timeColumn) + time.utc_offset;
      label.delayS.push(knownS - impressionS);
    }
  }

  private bitOf(value: string, column: number, at: Place): number {
    const isListed =
      this.layout.vertical?.values === undefined || this.layout.vertical.values.includes(value);
    if (!isListed) {
      this.unknownVerticals.set(value, (this.unknownVerticals.get(value) ?? 0) + 1);
      return 0;
    }
    const id = this.verticals.idOf(value);
    if (id < maxVerticals) return 1 << id;
    const message = `vertical ${show(value)} is one more than the ${maxVerticals} of a stream: list those meant under vertical.values`;
    throw cellProblem(at, column, message);
  }

  /** @throws InputError for a file without a row */
  stream(): { stream: ExampleStream; unknownVerticals: [value: string, examples: number][] } {
    const { roles, size, layout } = this;
    if (!roles || size === 0) throw new InputError([{ file: this.file, message: 'has no examples' }]);
    const times = this.times.finished();
    const midnight =
      Math.floor(times.reduce((least, time) => Math.min(least, time)) / secondsPerDay) * secondsPerDay;
    const stream: ExampleStream = {
      name: layout.name,
      size,
      impressionS: times.map((time) => time - midnight),
      fields: [...roles.categories.map(categoryField), ...roles.buckets.map(bucketField)],
      tasks: roles.labels.map(({ name, labels, delayS }) => ({
        name,
        labels: labels.finished(),
        delayS: delayS.finished(),
      })),
      verticals: layout.vertical ? this.verticals.values() : ['all'],
      members: this.members.finished(),
    };
    return { stream, unknownVerticals: [...this.unknownVerticals].sort(([, a], [, b]) => b - a) };
  }
}

function categoryField({ name, ids, dictionary }: CategoryColumn): Field {
  return { name, ids: ids.finished(), cardinality: dictionary.size, values: dictionary.values() };
}

function bucketField({ name, ids }: BucketColumn): Field {
  const column = ids.finished();
  return { name, ids: column, cardinality: column.reduce((most, id) => Math.max(most, id), 0) + 1 };
}

/** @throws InputError naming every column that the layout wants and the file lacks */
function rolesOf(layout: Layout, names: string[], at: Place): Roles {
  const { time, vertical, labels, fields, buckets } = layout;
  const problems = new Set<string>();
  const positionOf = (name: string): number => {
    const position = names.indexOf(name);
    if (position < 0) problems.add(`lacks column '${name}'${didYouMean(name, names)}`);
    return position;
  };
  if (new Set(names).size < names.length) problems.add('names a column twice');
  const roles: Roles = {
    count: names.length,
    time: 'column' in time ? positionOf(time.column) : undefined,
    vertical: vertical && positionOf(vertical.column),
    categories: fields.map((name) => ({
      column: positionOf(name),
      name,
      ids: idColumn(),
      dictionary: new Dictionary(),
    })),
    buckets: buckets.map((name) => ({ column: positionOf(name), name, ids: idColumn() })),
    labels: Object.entries(labels).map(([name, label]) => ({
      column: positionOf(label.column),
      timeColumn: label.time === undefined ? undefined : positionOf(label.time),
      name,
      delay: label.delay,
      labels: new GrowingColumn((length) => new Uint8Array(length)),
      delayS: new GrowingColumn((length) => new Float32Array(length)),
    })),
  };
  if (problems.size > 0)
    throw new InputError([...problems].map((message) => ({ ...at, column: 1, message })));
  return roles;
}

function idColumn(): GrowingColumn<Int32Array> {
  return new GrowingColumn((length) => new Int32Array(length));
}
