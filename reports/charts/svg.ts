export type Attributes = Record<string, string | number | undefined>;

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** What XML 1.0 forbids even as an entity: most control characters, halves of surrogate pairs, two non-characters. */
const forbidden =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Text as content or as the value of an attribute. */
export function escaped(text: string): string {
  return text.replace(forbidden, '\ufffd').replace(/[&<>"']/g, (character) => entities[character]);
}

/** A coordinate to a tenth of a pixel. */
export function px(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`a coordinate cannot be ${value}`);
  const rounded = Math.round(value * 10) / 10;
  return rounded === 0 ? '0' : String(rounded);
}

/** An element of finished children; numbers among the attributes are coordinates, absent ones are left out. */
export function element(name: string, attributes: Attributes, ...children: string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? px(value) : escaped(value!)}"`)
    .join('');
  const content = children.join('');
  return content === '' ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

/** What a reader may point at: an element that tells its values, one a line. */
export function mark(name: string, attributes: Attributes, lines: readonly string[], ...children: string[]) {
  const title = element('title', {}, escaped(lines.join('\n')));
  return element(
    name,
    { ...attributes, class: `mark ${attributes.class ?? ''}`.trimEnd() },
    title,
    ...children,
  );
}

export function text(content: string, attributes: Attributes): string {
  return element('text', attributes, escaped(content));
}

export function line(x1: number, y1: number, x2: number, y2: number, className: string): string {
  return element('line', { class: className, x1, y1, x2, y2 });
}

/** Points of a path to a tenth of a pixel: `M1,2L3,4.5`. */
export function pathOf(points: readonly (readonly [x: number, y: number])[]): string {
  return points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${px(x)},${px(y)}`).join('');
}
