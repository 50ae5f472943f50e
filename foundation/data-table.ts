/** What a cell of a table of data holds; null where nothing is known, or nothing is to be said. */
export type Cell = string | number | boolean | null;

/** Types of SQL that columns have. */
export type ColumnType = 'INTEGER' | 'DOUBLE' | 'BOOLEAN' | 'VARCHAR';

/** A column as a file says it: units are in its name. */
export interface ColumnHead {
  name: string;
  type: ColumnType;
}

/** A column, and what it shows of the thing that a row is about. */
export interface DataColumn<Item> extends ColumnHead {
  cell(item: Item): Cell;
}

/** Rows for a program to read, as opposed to the tables that people read: full precision, one unit a column. */
export interface DataTable {
  columns: readonly ColumnHead[];
  /** Number of rows. */
  size: number;
  /** Rows in their order, made as they are asked for. */
  rows(): Iterable<Cell[]>;
}

/** A table with one row for each item. @param groups columns, and lists of them */
export function dataTable<Item>(
  items: readonly Item[],
  groups: readonly (DataColumn<Item> | readonly DataColumn<Item>[])[],
): DataTable {
  const columns = groups.flat() as DataColumn<Item>[];
  return {
    columns,
    size: items.length,
    *rows() {
      for (const item of items) yield columns.map(({ cell }) => cell(item));
    },
  };
}

export function numberColumn<Item>(name: string, of: (item: Item) => number | undefined): DataColumn<Item> {
  return { name, type: 'DOUBLE', cell: (item) => of(item) ?? null };
}

/** Whole numbers of 32 bits. */
export function wholeColumn<Item>(name: string, of: (item: Item) => number | undefined): DataColumn<Item> {
  return { name, type: 'INTEGER', cell: (item) => of(item) ?? null };
}

export function textColumn<Item>(name: string, of: (item: Item) => string | undefined): DataColumn<Item> {
  return { name, type: 'VARCHAR', cell: (item) => of(item) ?? null };
}

export function flagColumn<Item>(name: string, of: (item: Item) => boolean | undefined): DataColumn<Item> {
  return { name, type: 'BOOLEAN', cell: (item) => of(item) ?? null };
}

/** A mean with the bounds of its interval, as `p99_s`, `p99_low_s` and `p99_high_s`. @param suffix the unit, as `_s` */
export function intervalColumns<Item>(
  name: string,
  suffix: string,
  of: (item: Item) => { mean: number; low?: number | undefined; high?: number | undefined } | undefined,
): DataColumn<Item>[] {
  return [
    numberColumn(`${name}${suffix}`, (item) => of(item)?.mean),
    numberColumn(`${name}_low${suffix}`, (item) => of(item)?.low),
    numberColumn(`${name}_high${suffix}`, (item) => of(item)?.high),
  ];
}
