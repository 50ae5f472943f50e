import type { Content } from './content.ts';
import { html, type Markup } from './markup.ts';
import type { Part } from './section-markup.ts';

const usualPromise = 'The same input and seed give the same figures, to the last digit:';

/** Where an answer comes from: every default that was assumed, what tells it from others, how to get it again. */
export function provenanceMarkup({ kind, defaults, fingerprint, reproduce }: Content): Part[] {
  const assumed =
    defaults.length > 0
      ? html`<p>Nobody stated these, so they were assumed:</p>
${pairs(defaults.map(({ path, value }) => [path, String(value)]))}`
      : html`<p>${noDefaults(kind)}</p>
`;
  return [
    { id: 'defaults', title: 'Assumed defaults', body: assumed },
    {
      id: 'reproduce',
      title: 'Where it comes from, and how to get it again',
      body: html`${pairs(fingerprint)}<p>${reproduce.promise ?? usualPromise}</p>
<pre tabindex="0">${reproduce.commands.join('\n')}</pre>
<p>${reproduce.note}</p>
`,
    },
  ];
}

function noDefaults(kind: string): string {
  if (kind === 'search') return 'None: a search keeps all that it goes by.';
  if (kind === 'distillation experiment')
    return 'An experiment keeps no list of defaults: its protocol tells what it was run with, stated or not.';
  return kind === 'comparison' || kind === 'sweep'
    ? `A ${kind} keeps no list of defaults: the result of each scenario has it.`
    : 'None: everything was stated.';
}

function pairs(list: readonly (readonly [name: string, value: string])[]): Markup {
  return html`<dl class="pairs">
${list.map(
  ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>
`,
)}</dl>
`;
}
