/** Markup that may stand in a page as it is. Only `html` and `trusted` make it: plain text cannot be taken for it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a template takes: text is escaped, markup stays, lists are joined. */
export type Insert = string | number | Markup | undefined | readonly Insert[];

/** A template whose inserts are escaped, unless they are markup themselves. */
export function html(parts: TemplateStringsArray, ...inserts: Insert[]): Markup {
  return new Markup(parts.reduce((text, part, index) => text + textOf(inserts[index - 1]) + part));
}

/** Markup of our own making that no template made, as a drawing. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

function textOf(insert: Insert): string {
  if (insert === undefined) return '';
  if (insert instanceof Markup) return insert.text;
  return typeof insert === 'object' ? insert.map(textOf).join('') : escapeText(String(insert));
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text without anything that a browser would take for markup, in elements and in quoted attributes. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]);
}

/** A value as JSON that can stand in a script element: no string in it can end the element. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
