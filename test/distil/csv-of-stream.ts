import { Dictionary } from '../../distil/streams/dictionary.ts';
import { type ExampleStream, type Field, noLabel } from '../../distil/streams/stream.ts';

/** Midnight of a day from which fixtures count their seconds. */
export const midnightS = 17_000 * 86_400;

/** A line for each row. @param cells of one row, in the order of the columns */
export function csvOf(
  head: readonly string[] | undefined,
  rows: readonly number[],
  cells: (row: number) => (string | number)[],
  delimiter = ',',
): string {
  const lines = rows.map((row) => cells(row).join(delimiter));
  return [...(head ? [head.join(delimiter)] : []), ...lines, ''].join('\n');
}

export function everyRow({ size }: ExampleStream): number[] {
  return Array.from({ length: size }, (_, row) => row);
}

/** A label as files have it: nothing where there is none. */
export function labelCell(label: number): string {
  return label === noLabel ? '' : String(label);
}

/**
 * A field as a reader numbers it that meets the rows in this order: consecutive ids, in the order in which the values
 * first come up.
 */
export function renumbered({ name, ids }: Field, order: readonly number[], newName = name): Field {
  const dictionary = new Dictionary<number>();
  for (const row of order) dictionary.idOf(ids[row]);
  const column = ids.map((id) => dictionary.idOf(id));
  return { name: newName, ids: column, cardinality: dictionary.size };
}
