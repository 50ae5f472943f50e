import { csvLine } from '../foundation/csv.ts';
import { InputError } from '../foundation/problem.ts';
import { significant } from '../foundation/units.ts';
import { foldedTable, usualWidth } from '../reports/text-table.ts';
import { type QueryAnswer, query, type SqlValue } from '../sweep/query.ts';
import { exitCodes } from './exit-codes.ts';
import { print } from './print.ts';

export interface QueryOptions {
  json?: boolean;
  csv?: boolean;
}

/** Most rows that are laid out as a table. */
const maxShown = 1000;

/** Digits of a number in a table; --csv and --json have all. */
const digits = 5;

/** `rankfleet query`: SQL over the rows of a sweep; returns the exit code. */
export async function queryCommand(folder: string, sql: string, options: QueryOptions): Promise<number> {
  if (options.json && options.csv) throw new InputError('--json or --csv, not both');
  await query(folder, sql, async (answer) => {
    if (answer.progress) {
      const { done, points } = answer.progress;
      process.stderr.write(
        done < points
          ? `unfinished sweep: ${done} of ${points} points so far\n`
          : `all ${points} points are done; rankfleet sweep --resume writes their results\n`,
      );
    }
    if (options.json) await printJson(answer);
    else if (options.csv) await printCsv(answer);
    else await printTable(answer);
  });
  return exitCodes.answered;
}

async function printJson({ columns, rows }: QueryAnswer): Promise<void> {
  let before = '[';
  for await (const chunk of rows) {
    for (const row of chunk) {
      const object = Object.fromEntries(columns.map(({ name }, index) => [name, row[index]]));
      await print(`${before}\n  ${JSON.stringify(object)}`);
      before = ',';
    }
  }
  await print(before === '[' ? '[]\n' : '\n]\n');
}

async function printCsv({ columns, rows }: QueryAnswer): Promise<void> {
  await print(csvLine(columns.map(({ name }) => name)));
  for await (const chunk of rows) {
    await print(
      chunk
        .map((row) => csvLine(row.map((value) => (isPlain(value) ? value : JSON.stringify(value)))))
        .join(''),
    );
  }
}

async function printTable({ columns, rows }: QueryAnswer): Promise<void> {
  // A drawing of many lines.
  if (columns[0]?.name === 'explain_key') {
    for await (const chunk of rows) for (const [, drawing] of chunk) await print(`${drawing}\n`);
    return;
  }
  const shown: string[][] = [];
  let count = 0;
  for await (const chunk of rows) {
    count += chunk.length;
    for (const row of chunk.slice(0, Math.max(0, maxShown - shown.length))) shown.push(row.map(cell));
  }
  const titles = columns.map(({ name, isNumber }) => ({
    title: name,
    align: isNumber ? ('right' as const) : ('left' as const),
  }));
  await print(`${foldedTable(titles, shown, process.stdout.columns ?? usualWidth)}\n`);
  if (count > shown.length) {
    process.stderr.write(`${shown.length} of ${count} rows shown: add LIMIT, or --csv or --json for all\n`);
  }
}

function cell(value: SqlValue): string {
  if (value === null) return '–';
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : significantOf(value);
  return isPlain(value) ? String(value).replace(/\s*\n\s*/g, ' ') : JSON.stringify(value);
}

/** Ordinary sizes without an exponent. */
function significantOf(value: number): string {
  const size = Math.abs(value);
  return size >= 1e-6 && size < 1e15 ? significant(value, digits) : value.toExponential(digits - 1);
}

function isPlain(value: SqlValue): value is string | number | boolean | null {
  return value === null || typeof value !== 'object';
}
