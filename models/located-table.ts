import type { Problem } from '../foundation/problem.ts';
import type { ListedTable } from './schema-tables.ts';

/** A table and where its keys stand: in the model file, or in a line of a CSV file. */
export interface LocatedTable {
  table: ListedTable;
  problemAt(key: keyof ListedTable, message: string): Problem;
}
