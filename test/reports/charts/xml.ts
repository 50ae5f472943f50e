/** An element of an XML document. */
export interface Xml {
  name: string;
  attributes: Record<string, string>;
  children: Xml[];
  /** Own text, entities resolved. */
  text: string;
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const nameStart = '[A-Za-z_][\\w.-]*';
const tag = new RegExp(`<(/?)(${nameStart})((?:\\s+${nameStart}="[^"<]*")*)\\s*(/?)>`, 'y');
const attribute = new RegExp(`(${nameStart})="([^"]*)"`, 'g');

/**
 * Reads a document of elements, attributes in double quotes, text and the entities that charts write.
 * @throws Error for what is not well-formed
 */
export function parseXml(source: string): Xml {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 forbids them
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(source))
    throw new Error('a forbidden character');
  if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(source))
    throw new Error('half of a surrogate pair');
  const root: Xml = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  let at = 0;
  while (at < source.length) {
    const parent = open[open.length - 1];
    tag.lastIndex = at;
    const found = tag.exec(source);
    if (found) {
      const [whole, isEnd, name, attributes, isEmpty] = found;
      if (isEnd) {
        if (open.pop()!.name !== name) throw new Error(`</${name}> closes ${parent.name}`);
      } else {
        const child = { name, attributes: attributesOf(attributes), children: [], text: '' };
        parent.children.push(child);
        if (!isEmpty) open.push(child);
      }
      at += whole.length;
    } else {
      const next = source.indexOf('<', at);
      if (next === at) throw new Error(`no tag: ${source.slice(at, at + 60)}`);
      const end = next < 0 ? source.length : next;
      parent.text += resolved(source.slice(at, end));
      at = end;
    }
  }
  if (open.length > 1) throw new Error(`${open[open.length - 1].name} is not closed`);
  if (root.children.length !== 1 || root.text !== '') throw new Error('not one element');
  return root.children[0];
}

function attributesOf(source: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, key, value] of source.matchAll(attribute)) {
    if (key in found) throw new Error(`${key} twice`);
    found[key] = resolved(value);
  }
  return found;
}

function resolved(text: string): string {
  if (/&(?!(amp|lt|gt|quot|#39);)/.test(text)) throw new Error(`a bare & in: ${text.slice(0, 60)}`);
  return text.replace(/&([^;]+);/g, (_, name: string) => entities[name]);
}

/** An element and all that it holds, in document order. */
export function allOf(element: Xml): Xml[] {
  return [element, ...element.children.flatMap(allOf)];
}

export function hasClass({ attributes }: Xml, name: string): boolean {
  return (attributes.class ?? '').split(' ').includes(name);
}

/** Elements below an element with all of some classes, written `mark bar`. */
export function withClass(element: Xml, classes: string): Xml[] {
  return allOf(element).filter((one) => classes.split(' ').every((name) => hasClass(one, name)));
}

/** What a mark tells, a line each. */
export function told({ children }: Xml): string[] {
  return children[0].text.split('\n');
}

export function numberOf({ attributes }: Xml, key: string): number {
  return Number(attributes[key]);
}
