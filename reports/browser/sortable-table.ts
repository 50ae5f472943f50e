import { compareCells, figureIn } from './cell-order.ts';
import { type Direction, makeSortHeading } from './sort-heading.ts';

/** Fewest rows that are worth sorting. */
const fewestRows = 3;

/** Lets the headings of a table sort its rows; sums at its foot stay. */
export function makeSortable(table: HTMLTableElement): void {
  const [body] = table.tBodies;
  const headings = table.tHead?.rows[table.tHead.rows.length - 1]?.cells;
  if (!headings || body.rows.length < fewestRows) return;
  for (const heading of headings) {
    makeSortHeading(heading, (direction) =>
      sortRows(body, heading.cellIndex, heading.classList.contains('number'), direction),
    );
  }
}

/** What has nothing to be sorted by stays at the end in both directions. */
function sortRows(
  body: HTMLTableSectionElement,
  column: number,
  isNumeric: boolean,
  direction: Direction,
): void {
  const sign = direction === 'ascending' ? 1 : -1;
  const rows = [...body.rows].map((row) => ({ row, text: row.cells[column].textContent ?? '' }));
  const isBlank = ({ text }: (typeof rows)[number]) =>
    isNumeric ? figureIn(text) === undefined : text === '–' || text === '';
  rows.sort(
    (a, b) => Number(isBlank(a)) - Number(isBlank(b)) || sign * compareCells(a.text, b.text, isNumeric),
  );
  body.append(...rows.map(({ row }) => row));
}
