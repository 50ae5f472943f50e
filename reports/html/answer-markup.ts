import type { Content, KeyFigure } from './content.ts';
import { html, type Markup } from './markup.ts';
import { withQuietInterval } from './table-markup.ts';

/** The answer, its first sentence first, and the few figures that matter most. */
export function answerMarkup({ answer: [first, ...others], figures }: Content): Markup {
  const [lead, rest] = afterFirstSentence(first);
  const paragraphs = [...(rest === '' ? [] : [rest]), ...others];
  return html`<p class="lead">${lead}</p>
${paragraphs.map(
  (text) => html`<p>${text}</p>
`,
)}${figures.length > 0 ? figureList(figures) : undefined}`;
}

/** A sentence ends with a stop and a space: the stops of names and numbers have none behind them. */
function afterFirstSentence(text: string): [first: string, rest: string] {
  const end = text.search(/(?<=[^.\s]\.) /);
  return end < 0 ? [text, ''] : [text.slice(0, end), text.slice(end + 1)];
}

function figureList(figures: readonly KeyFigure[]): Markup {
  return html`<dl class="figures">
${figures.map(figureMarkup)}</dl>
`;
}

function figureMarkup({ label, value, unit, note }: KeyFigure): Markup {
  const small = unit === undefined ? undefined : html` <small>${unit}</small>`;
  const below = note === undefined ? undefined : html`<dd class="note">${note}</dd>`;
  return html`<div><dt>${label}</dt><dd class="value">${withQuietInterval(value)}${small}</dd>${below}</div>
`;
}
