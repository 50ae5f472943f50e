import type { Column } from '../text-table.ts';
import type { Cell, PageTable } from './content.ts';
import { html, type Markup } from './markup.ts';

/** Most characters of a text that is not broken. */
const longest = 42;

/** A table in a box of its own, which scrolls where the page is too narrow. */
export function tableMarkup({ caption, columns, rows, hasTotal }: PageTable, id: string): Markup {
  const [body, foot] = hasTotal ? [rows.slice(0, -1), rows.slice(-1)] : [rows, []];
  return html`<div class="scroll" role="region" aria-labelledby="${id}" tabindex="0">
<table>
<caption id="${id}">${caption}</caption>
<thead>
${groupRow(columns)}<tr>${columns.map((column) => html`<th scope="col"${classOf(column)}>${withLimitUnbroken(column.title)}</th>`)}</tr>
</thead>
<tbody>
${body.map((row) => rowMarkup(row, columns))}</tbody>
${foot.map(
  (row) => html`<tfoot>
${rowMarkup(row, columns)}</tfoot>
`,
)}</table>
</div>
`;
}

function rowMarkup(row: readonly Cell[], columns: readonly Column[]): Markup {
  const cells = columns.map((column, index) => {
    const cell = row[index] ?? '';
    const content = withQuietInterval(cell);
    return index === 0
      ? html`<th scope="row"${classOf(column, cell)}>${content}</th>`
      : html`<td${classOf(column, cell)}>${content}</td>`;
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

/** `p99 ≤ 60.0 ms`, the limit of which a narrow heading keeps in one line. */
function withLimitUnbroken(title: string): string {
  return title.replace(/≤ \S+ \S+/, (limit) => limit.replaceAll(' ', '\u00a0'));
}

/** Figures stand to the right, and long texts are broken. */
function classOf({ align = 'right' }: Column, cell: Cell = ''): Markup | undefined {
  if (align === 'right') return html` class="number"`;
  return typeof cell === 'string' && cell.length > longest ? html` class="long"` : undefined;
}

/** `12.3 ±0.4`: the figure first, its interval behind it. */
export function withQuietInterval(cell: Cell): Cell {
  if (typeof cell !== 'string') return cell;
  const match = /^(\S+) (±\S+)$/.exec(cell);
  return match ? html`${match[1]} <span class="interval">${match[2]}</span>` : cell;
}
