export interface Column {
  title: string;
  /** A heading over this and the following columns of the same group. */
  group?: string;
  align?: 'left' | 'right';
}

/** A table with what it shows, for a terminal or a page. */
export interface TitledTable {
  title: string;
  columns: readonly Column[];
  rows: readonly (readonly string[])[];
  /** So many leading columns, where a row has them all like the row above, are left empty in a text. */
  shared?: number;
  /** The last row sums up the others. */
  hasTotal?: boolean;
}

/** A table under its title, wrapped to the width of running text; nothing for no table. */
export function titledTable(table: TitledTable | undefined): string {
  if (!table) return '';
  const { title, columns, rows, shared = 0 } = table;
  return `${wrap(title, textWidth)}\n${textTable(
    columns,
    rows.map((row, index) => withoutShared(row, rows[index - 1], shared)),
  )}`;
}

function withoutShared(
  row: readonly string[],
  above: readonly string[] | undefined,
  shared: number,
): readonly string[] {
  const isShared = above?.slice(0, shared).every((cell, index) => cell === row[index]);
  return isShared ? row.map((cell, index) => (index < shared ? '' : cell)) : row;
}

/** Lays out rows under their headings, two spaces apart; numbers to the right. */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = widthsOf(columns, rows);
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => pad(cell, widths[index], columns[index].align ?? 'right'))
      .join('  ')
      .trimEnd();
  const head = [line(columns.map(({ title }) => title)), widths.map((width) => '─'.repeat(width)).join('  ')];
  const groups = columns.some(({ group }) => group !== undefined) ? [groupLine(columns, widths)] : [];
  return [...groups, ...head, ...rows.map(line)].join('\n');
}

/** Width that running text is wrapped to. */
const textWidth = 100;

/** Columns of a table where nobody says how wide the page is. */
export const usualWidth = 115;

/**
 * A table that is no wider than a page, where its columns allow it: what does not fit stands below in tables of its
 * own, each beginning with the first column. For columns without groups.
 */
export function foldedTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width = usualWidth,
): string {
  const widths = widthsOf(columns, rows);
  const parts: number[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (let index = 1; index < columns.length; index++) {
    if (used + 2 + widths[index] > width) {
      parts.push([0]);
      used = widths[0];
    }
    parts[parts.length - 1].push(index);
    used += 2 + widths[index];
  }
  if (parts.length < 2) return textTable(columns, rows);
  const only = (part: number[]) =>
    textTable(
      part.map((index) => columns[index]),
      rows.map((row) => part.map((index) => row[index] ?? '')),
    );
  return parts.map(only).join('\n\n');
}

function widthsOf(columns: readonly Column[], rows: readonly (readonly string[])[]): number[] {
  return columns.map(({ title }, index) =>
    rows.reduce((most, row) => Math.max(most, displayWidth(row[index] ?? '')), displayWidth(title)),
  );
}

/** Group headings, each centred over its columns. */
function groupLine(columns: readonly Column[], widths: number[]): string {
  let text = '';
  for (let index = 0; index < columns.length; ) {
    const { group } = columns[index];
    let end = index + 1;
    while (end < columns.length && columns[end].group === group) end++;
    const width = widths.slice(index, end).reduce((sum, value) => sum + value + 2, 0);
    const label = group ?? '';
    const fill = Math.max(width - 2 - displayWidth(label), 0);
    const left = group === undefined ? 0 : Math.floor(fill / 2);
    text += `${' '.repeat(left)}${label}${' '.repeat(fill - left)}  `;
    index = end;
  }
  return text.trimEnd();
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  const fill = ' '.repeat(Math.max(width - displayWidth(text), 0));
  return align === 'left' ? text + fill : fill + text;
}

/** Breaks running text at spaces so that no line is longer than `width`. */
export function wrap(text: string, width: number): string {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const line = lines.at(-1);
    if (line !== undefined && displayWidth(line) + 1 + displayWidth(word) <= width) {
      lines[lines.length - 1] = `${line} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines.join('\n');
}

function displayWidth(text: string): number {
  return [...text].length;
}
