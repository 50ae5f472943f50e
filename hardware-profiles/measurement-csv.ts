import { parse } from 'csv-parse/sync';
import { didYouMean } from '../foundation/near-name.ts';
import { InputError, type Problem } from '../foundation/problem.ts';
import { measuredBackends, measuredDataTypes } from './measurements-schema.ts';
import { type MeasuredPoint, type OperatorName, operatorAxes } from './operators-measured.ts';

const before = ['backend', 'implementation', 'data_type', 'cores'] as const;
const after = ['median_s', 'spread', 'repeats', 'cache', 'error', 'tolerance'] as const;

/** Axes that may be fractions; all others count something. */
const fractional: readonly string[] = ['skew'];

/** Largest count on an axis: beyond any tensor, and exact as a number. */
const largestCount = 2 ** 50;

/** Longest time of one launch (s). */
const longestS = 1e6;

/** The first line of an operator's measurement file, without its end. */
export function csvHeader(operator: OperatorName): string {
  return [...before, ...operatorAxes[operator], ...after].join(',');
}

/** A point as a line of its operator's file, without its end. Times keep seven digits. */
export function csvLine(point: MeasuredPoint): string {
  const { operator, backend, implementation, dataType, cores, shape, cache } = point;
  const axes = operatorAxes[operator].map((axis) => shape[axis]);
  const rounded = (value: number, digits: number) => Number(value.toPrecision(digits));
  return [
    backend,
    implementation,
    dataType,
    cores,
    ...axes,
    rounded(point.medianS, 7),
    rounded(point.spread, 3),
    point.repeats,
    cache,
    rounded(point.error, 3),
    rounded(point.tolerance, 3),
  ].join(',');
}

/**
 * The points of an operator's measurement file. Every whole line ends with a line feed: what stands after the last
 * one was cut off while it was written, and is left out.
 * @throws InputError with file:line for a wrong header, ragged lines and values that are not measurements
 */
export function pointsFromCsv(operator: OperatorName, text: string, file: string): MeasuredPoint[] {
  const [header, ...records] = readRecords(text.slice(0, text.lastIndexOf('\n') + 1), file);
  const expected = csvHeader(operator);
  if (header?.cells.join(',') !== expected) {
    throw new InputError([
      { file, line: header?.line ?? 1, column: 1, message: `expected the header ${expected}` },
    ]);
  }
  const problems: Problem[] = [];
  const points = records.map(({ cells, line }) => {
    const { point, wrong } = pointFromCells(operator, cells);
    problems.push(...wrong.map((message) => ({ file, line, column: 1, message })));
    return point;
  });
  if (problems.length > 0) throw new InputError(problems);
  return points;
}

/** The cells of each line that is not empty, trimmed, with its number. @throws InputError for broken quotes */
export function readRecords(text: string, file: string): { cells: string[]; line: number }[] {
  try {
    const rows = parse(text, { bom: true, info: true, skip_empty_lines: true, relax_column_count: true });
    return (rows as unknown as { record: string[]; info: { lines: number } }[]).map(({ record, info }) => ({
      cells: record.map((cell) => cell.trim()),
      line: info.lines,
    }));
  } catch (error) {
    const { message, lines } = error as Error & { lines?: number };
    throw new InputError([{ file, ...(lines && { line: lines, column: 1 }), message }]);
  }
}

/** The point that a line's cells stand for, in the order of `csvHeader`, and what is wrong with them. */
export function pointFromCells(
  operator: OperatorName,
  cells: readonly string[],
): { point: MeasuredPoint; wrong: readonly string[] } {
  const reader = new LineReader(operator, cells);
  return { point: reader.point(), wrong: reader.wrong };
}

/** Reads the cells of one line and collects what is wrong with them. */
class LineReader {
  readonly wrong: string[] = [];
  private readonly operator: OperatorName;
  private readonly cells: Map<string, string>;

  constructor(operator: OperatorName, cells: readonly string[]) {
    this.operator = operator;
    const columns = csvHeader(operator).split(',');
    if (cells.length !== columns.length) {
      this.wrong.push(`has ${cells.length} values for ${columns.length} columns`);
    }
    this.cells = new Map(columns.map((column, index) => [column, cells[index] ?? '']));
  }

  point(): MeasuredPoint {
    const { operator } = this;
    const axes = operatorAxes[operator];
    const point: MeasuredPoint = {
      operator,
      backend: this.word('backend', measuredBackends),
      implementation: this.name('implementation'),
      dataType: this.word('data_type', measuredDataTypes),
      cores: this.number('cores', 0, 1e6, true),
      shape: Object.fromEntries(
        axes.map((axis) => [axis, this.number(axis, 0, largestCount, !fractional.includes(axis))]),
      ),
      medianS: this.number('median_s', 1e-12, longestS),
      spread: this.number('spread', 0, 1e9),
      repeats: this.number('repeats', 1, 1e9, true),
      cache: this.word('cache', ['cold', 'warm'] as const),
      error: this.number('error', 0, 1e300),
      tolerance: this.number('tolerance', 0, 1e300),
    };
    if (point.error > point.tolerance) {
      this.complain(`error ${point.error} exceeds the tolerance: a wrong answer has no time`);
    }
    return point;
  }

  private number(column: string, min: number, max: number, whole = false): number {
    const text = this.cells.get(column)!;
    const value = /^[+-]?[\d.]/.test(text) ? Number(text) : Number.NaN;
    const expected = `${whole ? 'a whole number' : 'a number'} from ${min} to ${max}`;
    if (!(value >= min && value <= max) || (whole && !Number.isInteger(value))) {
      this.complain(`${column}: expected ${expected}, got '${text}'`);
    }
    return value;
  }

  private word<const Words extends readonly string[]>(column: string, words: Words): Words[number] {
    const text = this.cells.get(column)!;
    if (!words.includes(text)) {
      this.complain(
        `${column}: expected one of ${words.join(', ')}, got '${text}'${didYouMean(text, words)}`,
      );
    }
    return text;
  }

  private name(column: string): string {
    const text = this.cells.get(column)!;
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text)) {
      this.complain(`${column}: expected a name, got '${text}'`);
    }
    return text;
  }

  /** A ragged line is one mistake, not one for each of its values. */
  private complain(message: string): void {
    if (this.wrong.length === 0 || !this.wrong[0].startsWith('has ')) this.wrong.push(message);
  }
}
