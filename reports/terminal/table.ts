import { faint, type Line, type Piece, textOf } from './line.ts';
import { clip, clipMiddle, displayWidth, printable, wrapped } from './text-width.ts';

export interface TableColumn {
  title: string;
  align?: 'left' | 'right';
  /** Left out where the table would be too wide with it. */
  optional?: boolean;
  /** Cut in the middle of its texts where the table would be too wide. */
  shrinks?: boolean;
}

const gap = 2;

/**
 * A table that is no wider than a pane. What is too wide first loses its optional columns, then the middles of long
 * texts; what still does not fit stands below in tables of its own, each beginning with the first column.
 */
export function table(
  columns: readonly TableColumn[],
  rows: readonly (readonly Piece[])[],
  width: number,
): Line[] {
  const cells = rows.map((row) => row.map(clean));
  const widths = columns.map(({ title }, index) =>
    cells.reduce((most, row) => Math.max(most, pieceWidth(row[index] ?? '')), displayWidth(title)),
  );
  widths[0] = Math.min(widths[0], Math.max(width - gap - Math.max(0, ...widths.slice(1)), 8));
  const all = columns.map((_, index) => index);
  const kept = isTooWide(all, widths, width) ? all.filter((index) => !columns[index].optional) : all;
  shrink(columns, kept, widths, width);
  // Beside the first column there is this much room, whatever stands in another one.
  const beside = Math.max(1, width - gap - widths[0]);
  for (const index of kept.slice(1)) widths[index] = Math.min(widths[index], beside);
  return folded(kept, widths, width).flatMap((part, index) => [
    ...(index > 0 ? [['']] : []),
    [faint(part.map((at) => aligned(columns[at].title, widths[at], columns[at])).join(' '.repeat(gap)))],
    ...cells.map((row) => rowLine(row, part, widths, columns)),
  ]);
}

function clean(piece: Piece): Piece {
  const text = printable(textOf(piece));
  return typeof piece === 'string' ? text : { ...piece, text };
}

function pieceWidth(piece: Piece): number {
  return displayWidth(textOf(piece));
}

function isTooWide(part: readonly number[], widths: readonly number[], width: number): boolean {
  return part.reduce((sum, index) => sum + widths[index] + gap, -gap) > width;
}

/** Least columns of a text that was cut. */
const leastShrunk = 14;

/** Takes from the columns that may shrink what the table is too wide by. */
function shrink(
  columns: readonly TableColumn[],
  kept: readonly number[],
  widths: number[],
  width: number,
): void {
  let over = kept.reduce((sum, index) => sum + widths[index] + gap, -gap) - width;
  for (const index of kept.filter((at) => columns[at].shrinks)) {
    const less = Math.max(0, Math.min(over, widths[index] - leastShrunk));
    widths[index] -= less;
    over -= less;
  }
}

function folded(columns: readonly number[], widths: readonly number[], width: number): number[][] {
  const [first, ...others] = columns;
  const parts: number[][] = [[first]];
  for (const index of others) {
    const last = parts[parts.length - 1];
    if (last.length > 1 && isTooWide([...last, index], widths, width)) parts.push([first, index]);
    else last.push(index);
  }
  return parts;
}

function rowLine(
  row: readonly Piece[],
  part: readonly number[],
  widths: readonly number[],
  columns: readonly TableColumn[],
): Line {
  return part.flatMap((at, position): Piece[] => {
    const piece = row[at] ?? '';
    const text = clipMiddle(textOf(piece), widths[at]);
    const fill = ' '.repeat(widths[at] - displayWidth(text));
    const drawn: Piece = typeof piece === 'string' ? text : { ...piece, text };
    const between = position > 0 ? ' '.repeat(gap) : '';
    return columns[at].align === 'left' ? [between, drawn, fill] : [between, fill, drawn];
  });
}

function aligned(text: string, width: number, { align }: TableColumn): string {
  const fill = ' '.repeat(Math.max(0, width - displayWidth(text)));
  const cut = clip(text, width);
  return align === 'left' ? cut + fill : fill + cut;
}

/** A name and what is to be said of it. */
export type Fact = readonly [name: string, value: Piece];

/** Names and values in two columns; long values go on below themselves. */
export function facts(list: readonly Fact[], width: number): Line[] {
  const most = Math.floor(width * 0.55);
  const nameWidth = Math.min(most, Math.max(0, ...list.map(([name]) => displayWidth(printable(name)))));
  return list.flatMap(([name, value]) => {
    const names = wrapped(name, nameWidth);
    const values = wrapped(textOf(value), width - nameWidth - gap);
    return Array.from({ length: Math.max(names.length, values.length) }, (_, row): Line => {
      const left = names[row] ?? '';
      const text = values[row] ?? '';
      return [
        faint(left),
        ' '.repeat(nameWidth - displayWidth(left) + gap),
        typeof value === 'string' ? text : { ...value, text },
      ];
    });
  });
}

/** Running text in one tone. */
export function paragraph(
  text: string,
  width: number,
  tone?: 'strong' | 'faint' | 'bad' | 'doubtful',
): Line[] {
  return wrapped(text, width).map((line) => [tone === undefined ? line : { text: line, tone }]);
}

/** The question of a scenario, where it has one. */
export function questionLines(question: string, width: number): Line[] {
  return question === '' ? [] : paragraph(question, width, 'faint');
}

/** Parts with a heading each and an empty line between them; a part without lines is left out. */
export function sections(
  width: number,
  ...parts: readonly (readonly [title: string, lines: readonly Line[]])[]
): Line[] {
  return parts
    .filter(([, lines]) => lines.length > 0)
    .flatMap(([title, lines], index) => [
      ...(index > 0 ? [['']] : []),
      ...(title === '' ? [] : paragraph(title, width, 'strong')),
      ...lines,
    ]);
}
