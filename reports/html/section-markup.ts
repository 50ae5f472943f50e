import type { Section } from './content.ts';
import { html, type Markup } from './markup.ts';
import { tableMarkup } from './table-markup.ts';

/** A part of the page under a heading, which the navigation names. */
export interface Part {
  /** Its anchor in the page, after `part-`: charts have the other anchors. */
  id: string;
  title: string;
  body: Markup;
  /** Parts inside it that the navigation names, too; each has a frame of its own. */
  inner?: readonly { id: string; title: string }[];
}

/** A part with its heading. */
export function partMarkup({ id, title, body, inner }: Part): Markup {
  return html`<section id="part-${id}" aria-labelledby="part-${id}-heading"${inner && html` class="group"`}>
<h2 id="part-${id}-heading">${title}</h2>
${body}</section>
`;
}

/** Paragraphs, then tables, then the sentences that belong to them. */
export function sectionMarkup({ id, title, paragraphs = [], points = [], tables = [] }: Section): Part {
  const list = html`<ul>
${points.map(
  (text) => html`<li>${text}</li>
`,
)}</ul>
`;
  return {
    id,
    title,
    body: html`${paragraphs.map(
      (text) => html`<p>${text}</p>
`,
    )}${tables.map((table, index) => tableMarkup(table, `part-${id}-table-${index + 1}`))}${points.length > 0 ? list : undefined}`,
  };
}
