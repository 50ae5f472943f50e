import type { Column } from '../text-table.ts';
import type { Cell, PageTable } from './content.ts';
import { html, type Markup } from './markup.ts';

/** A table in a box of its own, which scrolls where the page is too narrow. */
export function tableMarkup({ caption, columns, rows }: PageTable, id: string): Markup {
  return html`<div class="scroll" role="region" aria-labelledby="${id}" tabindex="0">
<table>
<caption id="${id}">${caption}</caption>
<thead>
${groupRow(columns)}<tr>${columns.map((column) => html`<th scope="col"${alignment(column)}>${column.title}</th>`)}</tr>
</thead>
<tbody>
${rows.map((row) => rowMarkup(row, columns))}</tbody>
</table>
</div>
`;
}

function rowMarkup(row: readonly Cell[], columns: readonly Column[]): Markup {
  const cells = columns.map((column, index) => {
    const content = withQuietInterval(row[index] ?? '');
    return index === 0
      ? html`<th scope="row"${alignment(column)}>${content}</th>`
      : html`<td${alignment(column)}>${content}</td>`;
  });
  return html`<tr>${cells}</tr>
`;
}

/** Headings over the columns of a group; nothing where no column has one. */
function groupRow(columns: readonly Column[]): Markup | undefined {
  if (columns.every(({ group }) => group === undefined)) return undefined;
  const cells: Markup[] = [];
  for (let index = 0; index < columns.length; ) {
    const { group } = columns[index];
    let end = index + 1;
    while (end < columns.length && columns[end].group === group) end++;
    const span = end - index;
    cells.push(
      group === undefined
        ? html`<td colspan="${span}"></td>`
        : html`<th scope="colgroup" colspan="${span}">${group}</th>`,
    );
    index = end;
  }
  return html`<tr class="groups">${cells}</tr>
`;
}

function alignment({ align = 'right' }: Column): Markup | undefined {
  return align === 'right' ? html` class="number"` : undefined;
}

/** `12.3 ±0.4`: the figure first, its interval behind it. */
function withQuietInterval(cell: Cell): Cell {
  if (typeof cell !== 'string') return cell;
  const match = /^(\S+) (±\S+)$/.exec(cell);
  return match ? html`${match[1]} <span class="interval">${match[2]}</span>` : cell;
}
