import { type Column, foldedTable, type TitledTable, titledTable, usualWidth, wrap } from '../text-table.ts';

/** Most rows of a table in a text. */
const mostRows = 16;

/** Width that titles are wrapped to. */
const lineWidth = 100;

/**
 * A table as a text has room for it: no wider than a page, in parts that each begin with the first column where it has to
 * be, and with a word on the rows that it leaves out. Nothing for no table.
 */
export function fittedTable(table: TitledTable | undefined): string {
  if (!table) return '';
  const short = shortened(table);
  const whole = titledTable(short);
  if (whole.split('\n').every((line) => [...line].length <= usualWidth)) return whole;
  const { title, columns, rows } = short;
  return `${wrap(title, lineWidth)}\n${foldedTable(columns.map(withoutGroup), rows)}`;
}

function shortened(table: TitledTable): TitledTable {
  const { title, rows } = table;
  if (rows.length <= mostRows) return table;
  return {
    ...table,
    title: `${title}; the first ${mostRows} of ${rows.length} rows, a page or a table of data has all`,
    rows: rows.slice(0, mostRows),
  };
}

/** A column whose title says what its group said. */
function withoutGroup({ group, title, ...rest }: Column): Column {
  return { ...rest, title: group === undefined ? title : `${group}, ${title}` };
}
