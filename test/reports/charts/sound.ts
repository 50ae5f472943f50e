import * as assert from 'uvu/assert';
import type { Chart } from '../../../reports/charts/chart.ts';
import { textWidth } from '../../../reports/charts/text-size.ts';
import { allOf, hasClass, parseXml, withClass, type Xml } from './xml.ts';

/** All that holds for every chart, whatever it shows; the parsed drawing for what holds for one. */
export function soundDrawing({ svg, table, points }: Chart): Xml {
  const drawing = parseXml(svg);
  const [, , width, height] = drawing.attributes.viewBox.split(' ').map(Number);
  hasNameAndRole(drawing);
  for (const element of allOf(drawing)) {
    isPassive(element);
    isWithin(element, width, height);
  }
  for (const mark of withClass(drawing, 'mark')) {
    assert.is(mark.children[0]?.name, 'title', 'a mark without title');
    assert.not.equal(mark.children[0].text.trim(), '', 'a mark that tells nothing');
    const unfit = /NaN|Infinity|undefined|\d{9}/.exec(mark.children[0].text);
    assert.not.ok(unfit, `${unfit} in: ${mark.children[0].text}`);
  }
  labelsAreApart(drawing);
  for (const row of table.rows) assert.is(row.length, table.columns.length, 'a row as wide as its table');
  for (const column of points?.columns ?? []) {
    assert.is(('numbers' in column ? column.numbers : column.codes).length, points!.x.length);
  }
  return drawing;
}

function hasNameAndRole(drawing: Xml): void {
  assert.is(drawing.name, 'svg');
  assert.is(drawing.attributes.role, 'img');
  const [title, note] = drawing.children;
  assert.equal([title.name, note.name], ['title', 'desc']);
  assert.is(drawing.attributes['aria-labelledby'], `${title.attributes.id} ${note.attributes.id}`);
  const ids = allOf(drawing).flatMap(({ attributes }) => attributes.id ?? []);
  assert.is(new Set(ids).size, ids.length, 'an id twice');
}

/** No script, no style attribute, nothing from elsewhere: a strict content security policy allows none. */
function isPassive({ name, attributes }: Xml): void {
  assert.ok(['svg', 'title', 'desc', 'g', 'path', 'rect', 'line', 'circle', 'text'].includes(name), name);
  const allowed =
    /^(class|id|viewBox|role|aria-labelledby|transform|d|x|y|x1|y1|x2|y2|cx|cy|r|width|height|text-anchor)$/;
  for (const key of Object.keys(attributes)) assert.match(key, allowed);
}

function isWithin(element: Xml, width: number, height: number): void {
  const outside = cornersOf(element).find(([x, y]) => !(x >= 0 && x <= width && y >= 0 && y <= height));
  if (outside) assert.unreachable(`${outside} of ${JSON.stringify(element).slice(0, 200)}`);
}

/** Points that an element spans, of text as wide as it is at most. */
function cornersOf(element: Xml): [number, number][] {
  const { name, attributes } = element;
  const at = (key: string) => Number(attributes[key] ?? 0);
  switch (name) {
    case 'rect':
      return [
        [at('x'), at('y')],
        [at('x') + at('width') - 0.1, at('y') + at('height') - 0.1],
      ];
    case 'line':
      return [
        [at('x1'), at('y1')],
        [at('x2'), at('y2')],
      ];
    case 'circle':
      return [[at('cx'), at('cy')]];
    case 'text': {
      const [left, right] = spanOf(element);
      return [
        [left, at('y')],
        [right, at('y')],
      ];
    }
    case 'path':
      return attributes.transform ? [shiftOf(attributes.transform)] : pathPoints(attributes.d);
    default:
      return [];
  }
}

/** Left and right end of a text: names are measured as widely as charts do, which is more than fonts need. */
function spanOf({ text, attributes }: Xml): [left: number, right: number] {
  const isLarge = /label|strong|beside|panel-title/.test(attributes.class ?? '');
  const size = textWidth(text, isLarge ? 12 : 11) * 0.9;
  const anchor = attributes['text-anchor'] ?? 'start';
  const left = Number(attributes.x) - { start: 0, middle: size / 2, end: size }[anchor]!;
  return [left, left + size];
}

function shiftOf(transform: string): [number, number] {
  const found = /^translate\((-?[\d.]+),(-?[\d.]+)\)$/.exec(transform);
  assert.ok(found, transform);
  return [Number(found[1]), Number(found[2])];
}

/** Points of the commands that charts write: M, L, V, h0 and Z. */
export function pathPoints(d: string): [number, number][] {
  assert.match(d, /^(M-?[\d.]+,-?[\d.]+|L-?[\d.]+,-?[\d.]+|V-?[\d.]+|h0|Z)*$/);
  return [...d.matchAll(/[ML](-?[\d.]+),(-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
}

/** Labels of scales do not touch each other. */
function labelsAreApart(drawing: Xml): void {
  const boxes = withClass(drawing, 'tick').map((label) => {
    const [left, right] = spanOf(label);
    return { text: label.text, left, right, y: Number(label.attributes.y) };
  });
  boxes.forEach((one, index) => {
    for (const other of boxes.slice(0, index)) {
      const isApart = one.right <= other.left || other.right <= one.left || Math.abs(one.y - other.y) >= 11;
      assert.ok(isApart, `'${one.text}' covers '${other.text}'`);
    }
  });
}

/** Marks of a drawing whose first line is this. */
export function marksOf(drawing: Xml, first: string): Xml[] {
  return withClass(drawing, 'mark').filter(({ children }) => children[0].text.split('\n')[0] === first);
}

export { hasClass };
