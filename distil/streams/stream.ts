import { didYouMean } from '../../foundation/near-name.ts';
import { InputError } from '../../foundation/problem.ts';

export const secondsPerDay = 86_400;

/** What stands in a column of labels where an example has none. */
export const noLabel = 255;

/** Most verticals of a stream: membership is a word of 32 bits an example. */
export const maxVerticals = 32;

/** A categorical feature: consecutive ids from 0, in the order in which the values first came up. */
export interface Field {
  name: string;
  /** One id an example, below `cardinality`. */
  ids: Int32Array;
  cardinality: number;
  /** What the ids stand for, where that is known. */
  values?: string[];
}

/** A binary task: what is to be predicted of an example, and when it is known. */
export interface Task {
  name: string;
  /** 1, 0, or `noLabel`. */
  labels: Uint8Array;
  /** Seconds from the impression until the label is known; NaN without a label. */
  delayS: Float32Array;
}

/** Timestamped examples with binary labels, in columns, in the order of their impressions. */
export interface ExampleStream {
  name: string;
  /** Number of examples. */
  size: number;
  /** Seconds from the stream's first midnight to the impression; never falls. */
  impressionS: Float64Array;
  fields: Field[];
  tasks: Task[];
  /** Names of the verticals, at most 32. */
  verticals: string[];
  /** Bit v says that the example belongs to vertical v's traffic; several may share it, or none have it. */
  members: Uint32Array;
}

/** @throws InputError that names the nearest task */
export function taskNamed({ name: stream, tasks }: ExampleStream, name: string): Task {
  const task = tasks.find((each) => each.name === name);
  if (task) return task;
  throw unknown('task', stream, name, tasks);
}

/** @throws InputError that names the nearest field */
export function fieldNamed({ name: stream, fields }: ExampleStream, name: string): Field {
  const field = fields.find((each) => each.name === name);
  if (field) return field;
  throw unknown('field', stream, name, fields);
}

/** Position of a vertical. @throws InputError that names the nearest: no model trains on traffic that nobody has */
export function verticalNamed({ name: stream, verticals }: ExampleStream, name: string): number {
  const position = verticals.indexOf(name);
  if (position >= 0) return position;
  const named = verticals.map((each) => ({ name: each }));
  throw unknown('vertical', stream, name, named);
}

function unknown(what: string, stream: string, name: string, known: { name: string }[]): InputError {
  const names = known.map((each) => each.name);
  const near = didYouMean(name, names);
  const others = near === '' ? `: it has ${names.join(', ') || 'none'}` : near;
  return new InputError(`stream ${stream} has no ${what} '${name}'${others}`);
}

/** Rows of a vertical's examples, in their order: the filter that a vertical model puts before the shared store. */
export function rowsOfVertical({ members }: ExampleStream, vertical: number): Int32Array {
  let count = 0;
  for (let row = 0; row < members.length; row++) count += (members[row] >>> vertical) & 1;
  const rows = new Int32Array(count);
  for (let row = 0, next = 0; row < members.length; row++) {
    if ((members[row] >>> vertical) & 1) rows[next++] = row;
  }
  return rows;
}

/** Those of some rows that have a label of a task: what a model of that task can be trained on and measured by. */
export function rowsWithLabel({ labels }: Task, rows: Int32Array): Int32Array {
  return rows.filter((row) => labels[row] !== noLabel);
}

/**
 * First row of each period, and the number of rows at the end: period p is rows `starts[p]` to `starts[p + 1] − 1`.
 * Periods fill whole days, up to the end of the last one.
 * @param rows ascending; all rows unless given, and positions in `rows` are what is answered then
 * @param periodS a whole part of a day
 */
export function periodStarts(
  { impressionS, size }: ExampleStream,
  periodS: number,
  rows?: Int32Array,
): Int32Array {
  const count = rows ? rows.length : size;
  const days = size === 0 ? 0 : Math.floor(impressionS[size - 1] / secondsPerDay) + 1;
  const periods = (days * secondsPerDay) / periodS;
  const starts = new Int32Array(periods + 1).fill(count);
  for (let position = count - 1; position >= 0; position--) {
    starts[Math.floor(impressionS[rows ? rows[position] : position] / periodS)] = position;
  }
  // A period without examples starts where the next one does.
  for (let period = periods - 1; period >= 0; period--)
    starts[period] = Math.min(starts[period], starts[period + 1]);
  return starts;
}

/** The same by days. */
export function dayStarts(stream: ExampleStream, rows?: Int32Array): Int32Array {
  return periodStarts(stream, secondsPerDay, rows);
}

/** Examples of each vertical, of the union of all, and κ = Σ N_v / N_u, which is 1 without overlap. */
export function overlapOf({ members, verticals }: ExampleStream): {
  perVertical: number[];
  union: number;
  overlap: number;
} {
  const perVertical = verticals.map(() => 0);
  let union = 0;
  for (let row = 0; row < members.length; row++) {
    if (members[row] === 0) continue;
    union++;
    for (let bits = members[row]; bits !== 0; bits &= bits - 1) perVertical[31 - Math.clz32(bits & -bits)]++;
  }
  const sum = perVertical.reduce((total, count) => total + count, 0);
  return { perVertical, union, overlap: union === 0 ? Number.NaN : sum / union };
}
