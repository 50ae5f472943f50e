/** Dots of a drawing that are too many to be marks: lists as long as there are dots. */
export interface Points {
  x: number[];
  y: number[];
  columns: PointColumn[];
}

type PointColumn =
  | { title: string; numbers: (number | null)[] }
  | { title: string; texts: string[]; codes: number[] };

/** The dots that a figure came with; nothing where it has none. */
export function pointsOf(figure: HTMLElement): Points | undefined {
  const data = figure.querySelector('script.points')?.textContent;
  return data ? JSON.parse(data) : undefined;
}

/** What a column says of a dot. */
export function cellOf(column: PointColumn, dot: number): string {
  if ('texts' in column) return column.texts[column.codes[dot]];
  const value = column.numbers[dot];
  return value === null ? '–' : String(value).replace('-', '−');
}

/** Compares two dots by a column, those without a value last. */
export function compareDots(column: PointColumn, a: number, b: number, sign: 1 | -1): number {
  if ('texts' in column) return sign * words.compare(cellOf(column, a), cellOf(column, b));
  const [one, other] = [column.numbers[a], column.numbers[b]];
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  return sign * (one - other);
}

const words = new Intl.Collator('en', { numeric: true });

/** All that is known of a dot, a value a line. */
export function linesOf({ columns }: Points, dot: number): string {
  return columns.map((column) => `${column.title} ${cellOf(column, dot)}`).join('\n');
}
