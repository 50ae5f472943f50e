import type { Chart } from '../charts/chart.ts';
import { html, jsonText, type Markup, trusted } from './markup.ts';
import { tableMarkup } from './table-markup.ts';

/** A chart, what it shows, its figures as a table, and its dots for the script. */
export function chartMarkup({ id, title, note, svg, table, points }: Chart): Markup {
  const data =
    points &&
    html`<script type="application/json" class="points">${trusted(jsonText(points))}</script>
`;
  return html`<figure id="${id}">
<h3>${title}</h3>
<div class="drawing">${trusted(svg)}</div>
<figcaption>${note}</figcaption>
<details>
<summary>The figures of this chart</summary>
${tableMarkup({ caption: title, ...table }, `${id}-table`)}</details>
${data}</figure>
`;
}
