import type { Cell, DataTable } from './data-table.ts';

/** A line of CSV by RFC 4180, with a bare line feed at its end. */
export function csvLine(cells: readonly (Cell | undefined)[]): string {
  return `${cells.map(csvCell).join(',')}\n`;
}

/** A table as CSV, head first, in pieces of some lines each. */
export function* csvOf({ columns, rows }: DataTable): Generator<string> {
  let text = csvLine(columns.map(({ name }) => name));
  for (const row of rows()) {
    text += csvLine(row);
    if (text.length < 1 << 16) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

/** Nothing for null; a text is quoted where it must be, and where it is empty, to tell it from null. */
function csvCell(cell: Cell | undefined): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell !== 'string') return String(cell);
  return cell === '' || /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
