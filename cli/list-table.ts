import { type Column, textTable, wrap } from '../reports/text-table.ts';

/** Columns of a terminal that a list fills at most. */
export const pageWidth = 120;

/** Least width of the last column, where the others leave no room. */
const leastWidth = 30;

/** Rows under their headings; the last column is running text, wrapped so that the list fits its page. */
export function listTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const last = columns.length - 1;
  const widthOf = (index: number) =>
    Math.max(columns[index].title.length, ...rows.map((row) => [...row[index]].length));
  const before = columns.slice(0, last).reduce((sum, _, index) => sum + widthOf(index) + 2, 0);
  const width = Math.max(leastWidth, pageWidth - before);
  const lines = rows.flatMap((row) =>
    wrap(row[last], width)
      .split('\n')
      .map((text, index) => [...row.slice(0, last).map((cell) => (index === 0 ? cell : '')), text]),
  );
  return textTable(columns, lines);
}
