import { parse } from 'csv-parse/sync';
import { didYouMean } from '../foundation/near-name.ts';
import { InputError, type Problem } from '../foundation/problem.ts';
import type { LocatedTable } from './located-table.ts';
import { type ListedTable, limits, listedTableSchema } from './schema-tables.ts';

/** Columns, by the names TorchRec and this package use, and the key of a table each one sets. */
const columns: Record<string, { key: keyof ListedTable; number: boolean }> = {
  name: { key: 'name', number: false },
  feature_names: { key: 'name', number: false },
  num_embeddings: { key: 'num_embeddings', number: true },
  hash_size: { key: 'num_embeddings', number: true },
  embedding_dim: { key: 'embedding_dim', number: true },
  pooling_factor: { key: 'pooling_factor', number: true },
  pooling: { key: 'pooling', number: false },
  data_type: { key: 'data_type', number: false },
  presence: { key: 'presence', number: true },
  level: { key: 'level', number: false },
};

/** One record of the file and what is needed to say where its cells stand. */
interface CsvRecord {
  cells: string[];
  raw: string;
  line: number;
}

/**
 * Embedding tables from CSV text with a header. Columns: name (or feature_names, which beside a name is passed
 * over), num_embeddings (or hash_size), embedding_dim, pooling_factor, pooling (sum or none, or a number as a
 * pooling factor), data_type, presence, level. An empty cell leaves the value to `table_defaults`.
 * @param room how many tables there may be
 * @throws InputError with file:line:column for bad cells, unknown columns and ragged lines.
 */
export function readTablesCsv({ file, text }: { file: string; text: string }, room: number): LocatedTable[] {
  const [header, ...records] = readRecords(file, text);
  if (header === undefined) throw new InputError([{ file, message: 'is empty: expected a header' }]);
  if (records.length === 0) throw new InputError([{ file, line: 1, message: 'has a header but no tables' }]);
  if (records.length > room) {
    throw new InputError([
      { file, message: `has ${records.length} tables; a model has at most ${limits.tables}` },
    ]);
  }
  const titles = header.cells.map((cell) => cell.trim().toLowerCase());
  checkHeader(file, header, titles);
  const names = titles.map((title) => (isInformative(title, titles) ? '' : title));
  const problems: Problem[] = [];
  const tables = records.flatMap((record) => {
    const cells = record.cells.map((cell) => cell.trim());
    const parsed = listedTableSchema.safeParse(tableOf(names, cells));
    const problemAt = (key: PropertyKey, message: string): Problem => {
      const column = names.findIndex((name, index) => keyOf(name, cells[index]) === key);
      return problemIn(file, record, column, `${names[column] ?? String(key)}: ${message}`);
    };
    if (parsed.success) return [{ table: parsed.data, problemAt }];
    problems.push(...parsed.error.issues.map(({ path, message }) => problemAt(path[0], message)));
    return [];
  });
  if (problems.length > 0) throw new InputError(firstOf(problems, file));
  return tables;
}

/** The first problems of a file and how many there are more: a shifted column makes one on every line. */
function firstOf(problems: Problem[], file: string): Problem[] {
  const shown = problems.slice(0, 20);
  const rest = problems.length - shown.length;
  return rest > 0 ? [...shown, { file, message: `and ${rest} more problems` }] : shown;
}

function readRecords(file: string, text: string): CsvRecord[] {
  try {
    const rows = parse(text, { bom: true, info: true, raw: true, skip_empty_lines: true });
    return (rows as unknown as { record: string[]; raw: string; info: { lines: number } }[]).map(
      // The count of lines is that at the end of the record, whose quoted cells may span several.
      ({ record, raw, info }) => ({
        cells: record,
        raw,
        line: info.lines - (raw.trim().split('\n').length - 1),
      }),
    );
  } catch (error) {
    const { message, lines } = error as Error & { lines?: number };
    throw new InputError([{ file, ...(lines && { line: lines, column: 1 }), message }]);
  }
}

function checkHeader(file: string, header: CsvRecord, names: string[]): void {
  const known = Object.keys(columns);
  const problems = names.flatMap((name, column) => {
    if (!Object.hasOwn(columns, name)) {
      return [problemIn(file, header, column, `unknown column '${name}'${didYouMean(name, known)}`)];
    }
    const first = names.findIndex(
      (other) => columns[other]?.key === columns[name].key && !isInformative(other, names),
    );
    return isInformative(name, names) || first === column || columns[name].key === 'pooling'
      ? []
      : [problemIn(file, header, column, `'${name}' says the same as '${names[first]}'`)];
  });
  if (problems.length > 0) throw new InputError(problems);
}

/** TorchRec prints a table's name and its features: beside a name, the features say nothing more. */
function isInformative(title: string, titles: string[]): boolean {
  return title === 'feature_names' && titles.includes('name');
}

/** The values of a record under the keys of a table; empty cells are left out. */
function tableOf(names: string[], cells: string[]): Record<string, unknown> {
  const filled = names.flatMap((name, index) => {
    const cell = cells[index];
    const key = keyOf(name, cell);
    if (cell === '' || key === undefined) return [];
    return [[key, key === 'pooling_factor' || columns[name].number ? numberOrText(cell) : wordOf(key, cell)]];
  });
  return Object.fromEntries(filled);
}

function numberOrText(cell: string): number | string {
  const value = /^[+-]?[\d.]/.test(cell) ? Number(cell) : Number.NaN;
  return Number.isNaN(value) ? cell : value;
}

/** TorchRec writes ['f1'], FP32 or DataType.FP32, and SUM; a mean costs what a sum costs. */
function wordOf(key: string, cell: string): string {
  if (key === 'name') return /^\[\s*['"]?([^'",\]]+)['"]?\s*\]$/.exec(cell)?.[1] ?? cell;
  const word = cell.toLowerCase().replace(/^(datatype|poolingtype)\./, '');
  return key === 'pooling' && word === 'mean' ? 'sum' : word;
}

/** `pooling` is a reduction in this package and TorchRec's planner, a pooling factor in other tools. */
function keyOf(name: string, cell: string | undefined): string | undefined {
  return name === 'pooling' && /^[\d.]/.test(cell ?? '') ? 'pooling_factor' : columns[name]?.key;
}

function problemIn(file: string, record: CsvRecord, column: number, message: string): Problem {
  return { file, line: record.line, column: columnOffset(record.raw, column) + 1, message };
}

/** Offset at which a cell starts in the text of its record; 0 for a cell that is not there. */
function columnOffset(raw: string, column: number): number {
  let quoted = false;
  let cell = 0;
  for (let offset = 0; offset < raw.length && column > 0; offset++) {
    if (raw[offset] === '"') quoted = !quoted;
    else if (raw[offset] === ',' && !quoted && ++cell === column) return offset + 1;
  }
  return 0;
}
