import * as assert from 'uvu/assert';

/** An element of a page as a strict reader sees it. */
export interface PageElement {
  name: string;
  attributes: Record<string, string>;
  /** Its own text, that of its children left out. */
  text: string;
  children: PageElement[];
}

/** Elements that have no end tag. */
const empty = new Set(['meta']);

/** Elements whose text is not read as markup. */
const raw = new Set(['script', 'style']);

/**
 * All elements of a page in their order. It wants what HTML forgives: every end tag, attributes in double quotes or
 * without a value, `<` and `&` in text escaped.
 */
export function elementsOf(page: string): PageElement[] {
  const all: PageElement[] = [];
  const root: PageElement = { name: '', attributes: {}, text: '', children: [] };
  const open = [root];
  const tag =
    /<!doctype html>|<(\/?)([a-z][a-z0-9]*)((?:\s+[a-zA-Z][a-zA-Z0-9-]*(?:="[^"<]*")?)*)\s*(\/?)>/gy;
  for (let at = 0; at < page.length; ) {
    const parent = open.at(-1)!;
    if (page[at] !== '<') {
      const end = page.indexOf('<', at);
      parent.text += plain(page.slice(at, end < 0 ? page.length : end));
      at = end < 0 ? page.length : end;
      continue;
    }
    tag.lastIndex = at;
    const match = tag.exec(page);
    assert.ok(match, `no tag: ${page.slice(at, at + 80)}`);
    at = tag.lastIndex;
    const [, slash, name, attributes, selfClosing] = match;
    if (name === undefined) continue;
    if (slash) {
      assert.is(open.pop()!.name, name, `before ${page.slice(at, at + 80)}`);
      continue;
    }
    const element: PageElement = { name, attributes: attributesOf(attributes), text: '', children: [] };
    parent.children.push(element);
    all.push(element);
    if (raw.has(name)) {
      const end = page.indexOf(`</${name}`, at);
      element.text = page.slice(at, end);
      at = page.indexOf('>', end) + 1;
    } else if (!selfClosing && !empty.has(name)) open.push(element);
  }
  assert.is(open.length, 1, `open: ${open.map(({ name }) => name)}`);
  return all;
}

function attributesOf(text: string): Record<string, string> {
  const found = [...text.matchAll(/([a-zA-Z][a-zA-Z0-9-]*)(?:="([^"]*)")?/g)];
  return Object.fromEntries(found.map(([, name, value = '']) => [name, plain(value)]));
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

function plain(text: string): string {
  return text.replace(/&([^;]{0,8};?)/g, (whole, name: string) => {
    const character = entities[name.slice(0, -1)];
    assert.ok(character, `a bare &: ${whole}`);
    return character;
  });
}
