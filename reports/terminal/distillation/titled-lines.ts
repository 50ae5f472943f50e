import type { TitledTable } from '../../text-table.ts';
import type { Line } from '../line.ts';
import { paragraph, table } from '../table.ts';

/** A table of a text as a pane has room for it: what its groups said stands in the titles of its columns. */
export function titledLines(titled: TitledTable | undefined, width: number): Line[] {
  if (!titled || titled.rows.length === 0) return [];
  const { title, columns, rows } = titled;
  return [
    ...table(
      columns.map(({ title: own, group, align }) => ({
        title: group === undefined ? own : `${group}, ${own}`,
        ...(align && { align }),
      })),
      rows,
      width,
    ),
    ...paragraph(asideOf(title), width, 'faint'),
  ];
}

/** What a title says in parentheses of its columns. */
function asideOf(title: string): string {
  return /\((.*)\)$/.exec(title)?.[1] ?? '';
}
