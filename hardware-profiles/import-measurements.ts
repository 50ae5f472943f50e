import { basename } from 'node:path';
import { didYouMean } from '../foundation/near-name.ts';
import { InputError, type Problem } from '../foundation/problem.ts';
import { csvHeader, pointFromCells, readRecords } from './measurement-csv.ts';
import { type MeasuredPoint, type OperatorName, operatorAxes, operatorNames } from './operators-measured.ts';

/** Columns that hold the time of a launch, and what a second is in them. */
const timeColumns: Record<string, number> = {
  median_s: 1,
  median_ms: 1e-3,
  median_us: 1e-6,
  latency_s: 1,
  latency_ms: 1e-3,
  latency_us: 1e-6,
};

/** What a column is taken to be where a file does not have it. */
const usual: Record<string, string> = {
  backend: 'cuda',
  implementation: 'imported',
  cores: '0',
  spread: '0',
  repeats: '1',
  cache: 'cold',
  error: '0',
  tolerance: '0',
};

const operatorColumns = ['operator', 'op_name'];
const typeColumns = ['data_type', 'dtype'];

/**
 * Measurements from a CSV file of any tool: a header in any order with a time (`median_s`, `latency_ms`, …), a
 * `data_type` and the operator's axes; the operator stands in a column or is the file's name. Other columns of a
 * measurement file are read where they are there; unknown ones are left alone.
 * @throws InputError with file:line for what is missing or wrong
 */
export function importedPoints(text: string, file: string): MeasuredPoint[] {
  const [header, ...records] = readRecords(text.endsWith('\n') ? text : `${text}\n`, file);
  if (!header)
    throw new InputError([{ file, message: 'is empty: expected a header and a line per measurement' }]);
  const columns = header.cells.map((cell) => cell.toLowerCase());
  const time = columns.find((column) => Object.hasOwn(timeColumns, column));
  const at = (line: number, message: string): Problem => ({ file, line, column: 1, message });
  if (!time) {
    const message = `no column has the time: expected one of ${Object.keys(timeColumns).join(', ')}`;
    throw new InputError([at(header.line, message)]);
  }
  const problems: Problem[] = [];
  const points = records.flatMap(({ cells, line }) => {
    const row = new Map(columns.map((column, index) => [column, cells[index] ?? '']));
    const named = first(row, operatorColumns) ?? basename(file).replace(/\.csv$/i, '');
    const operator = operatorNames.find((name) => name === named);
    if (!operator) {
      problems.push(at(line, `no operator is called '${named}'${didYouMean(named, operatorNames)}`));
      return [];
    }
    const { point, wrong } = pointFromCells(operator, canonicalCells(operator, row, time));
    problems.push(...wrong.map((message) => at(line, message)));
    return [point];
  });
  if (problems.length > 0) throw new InputError(problems);
  if (points.length === 0) throw new InputError([{ file, message: 'holds no measurement' }]);
  return points;
}

/** A line's cells in the order of the operator's own file. */
function canonicalCells(operator: OperatorName, row: Map<string, string>, time: string): string[] {
  const axes: readonly string[] = operatorAxes[operator];
  return csvHeader(operator)
    .split(',')
    .map((column) => {
      if (column === 'median_s') return secondsOf(row.get(time)!, timeColumns[time]);
      if (column === 'data_type') return first(row, typeColumns) ?? '';
      const given = row.get(axes.includes(column) ? column.toLowerCase() : column);
      return given ?? usual[column] ?? '';
    });
}

function secondsOf(text: string, perUnit: number): string {
  return perUnit === 1 || text === '' ? text : String(Number(text) * perUnit);
}

function first(row: Map<string, string>, columns: readonly string[]): string | undefined {
  return columns.map((column) => row.get(column)).find((value) => value !== undefined && value !== '');
}
