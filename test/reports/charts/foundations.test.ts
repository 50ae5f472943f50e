import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Axis,
  changeAxis,
  logAxis,
  positionAxis,
  tickSize,
  zeroBasedAxis,
} from '../../../reports/charts/axis.ts';
import {
  finite,
  hosts,
  rate,
  signedInterval,
  time,
  usdPerHour,
  withInterval,
  withoutZeros,
} from '../../../reports/charts/quantity.ts';
import { seriesOf } from '../../../reports/charts/series.ts';
import { element, escaped, mark, px } from '../../../reports/charts/svg.ts';
import { shortened, textWidth } from '../../../reports/charts/text-size.ts';
import { parseXml } from './xml.ts';

const svg = suite('charts: svg');

svg('text of any kind survives as content and as attribute', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
      const read = parseXml(element('text', { class: `a ${text}` }, escaped(`b ${text}`)));
      const allowed = [...text]
        .map((character) => (escaped(character) === '\ufffd' ? '\ufffd' : character))
        .join('');
      assert.is(read.text, `b ${allowed}`);
      assert.is(read.attributes.class, `a ${allowed}`);
    }),
  );
  assert.is(escaped(`<b>&"'`), '&lt;b&gt;&amp;&quot;&#39;');
  assert.is(escaped('a\u0000b\ud800c'), 'a\ufffdb\ufffdc');
});

svg('coordinates have a tenth of a pixel, and are numbers', () => {
  assert.equal([1, 1.04, 1.06, -0.04, 12345.678].map(px), ['1', '1', '1.1', '0', '12345.7']);
  assert.throws(() => px(Number.NaN), /NaN/);
});

svg('a mark tells its lines in a title before anything else', () => {
  const read = parseXml(mark('g', { class: 'bar' }, ['one', '2 < 3'], element('rect', {})));
  assert.is(read.attributes.class, 'mark bar');
  assert.equal(
    read.children.map(({ name, text }) => [name, text]),
    [
      ['title', 'one\n2 < 3'],
      ['rect', ''],
    ],
  );
});

svg('a cut text is no wider than its room, and the beginning of the whole', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), fc.integer({ min: 12, max: 300 }), (text, room) => {
      const short = shortened(text, room, 12);
      if (short === text) assert.ok(textWidth(text, 12) <= room);
      else {
        assert.ok(textWidth(short, 12) <= room);
        assert.ok(text.startsWith(short.slice(0, -1)) && short.endsWith('…'));
      }
    }),
  );
});

svg.run();

const axes = suite('charts: axes');

const finitePositive = fc.double({ min: 1e-7, max: 1e7, noNaN: true });
const anyNumber = fc.oneof(
  fc.double({ min: -1e7, max: 1e7, noNaN: true }),
  fc.constantFrom(0, Number.NaN, Number.POSITIVE_INFINITY),
);

function ticksAreApart({ ticks }: Axis, isHorizontal: boolean): void {
  for (const [index, tick] of ticks.entries()) {
    assert.ok(Number.isFinite(tick.position));
    assert.not.match(tick.text, /NaN|Infinity|e[+-]?\d|\d{7}/);
    if (index === 0) continue;
    const distance = Math.abs(tick.position - ticks[index - 1].position);
    const widths = textWidth(tick.text, tickSize) + textWidth(ticks[index - 1].text, tickSize);
    assert.ok(distance >= (isHorizontal ? widths / 2 : 14), `${tick.text} after ${ticks[index - 1].text}`);
  }
  assert.is(new Set(ticks.map(({ text }) => text)).size, ticks.length, 'a label twice');
}

for (const [name, axisOf] of Object.entries({ zeroBasedAxis, positionAxis, logAxis, changeAxis })) {
  axes(`labels of a ${name} are apart and within the scale, whatever it holds`, () => {
    const value = axisOf === changeAxis ? fc.double({ min: -1, max: 1e4, noNaN: true }) : anyNumber;
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 6 }),
        fc.integer({ min: 80, max: 700 }),
        fc.boolean(),
        (values, size, isHorizontal) => {
          const range = isHorizontal ? ([50, 50 + size] as const) : ([50 + size, 50] as const);
          const axis = axisOf({ values, range, quantity: time, name: 'x' });
          ticksAreApart(axis, isHorizontal);
          assert.ok(axis.ticks.length > 0);
          for (const one of values.filter(Number.isFinite)) {
            assert.ok(axis.at(one) >= 50 - 1e-6 && axis.at(one) <= 50 + size + 1e-6);
          }
        },
      ),
    );
  });
}

axes('a scale for bars holds zero, and is linear', () => {
  const { at, title } = zeroBasedAxis({
    values: [0.02, 0.05],
    range: [0, 100],
    quantity: time,
    name: 'latency',
  });
  assert.is(at(0), 0);
  assert.ok(Math.abs(at(0.04) - 2 * at(0.02)) < 1e-9);
  assert.is(title, 'latency, ms');
});

axes('a scale for positions is logarithmic over more than a decade', () => {
  fc.assert(
    fc.property(finitePositive, fc.double({ min: 11, max: 1e4, noNaN: true }), (low, factor) => {
      const { at } = positionAxis({
        values: [low, low * factor],
        range: [0, 500],
        quantity: time,
        name: 'latency',
      });
      const [first, second, third] = [low, low * Math.sqrt(factor), low * factor].map(at);
      assert.ok(Math.abs(third - second - (second - first)) < 1e-6);
    }),
  );
});

axes('hosts are whole at every label, and long times round in seconds', () => {
  const few = zeroBasedAxis({ values: [2], range: [0, 600], quantity: hosts, name: 'size' });
  assert.equal(
    few.ticks.map(({ text }) => text),
    ['0', '1', '2'],
  );
  const long = logAxis({ values: [50, 2000], range: [0, 600], quantity: time, name: 'latency' });
  assert.ok(long.ticks.some(({ text }) => text === '200 s'));
});

axes('a unit that takes no prefix stands in the title, not at each label', () => {
  const { title, ticks } = logAxis({
    values: [0.1, 100],
    range: [0, 500],
    quantity: usdPerHour,
    name: 'price',
  });
  assert.is(title, 'price, USD/h');
  assert.ok(ticks.map(({ text }) => text).includes('10'));
});

axes.run();

const words = suite('charts: values in words');

words('have the digits that their interval deserves, and a true minus', () => {
  assert.is(withInterval({ mean: 0.0445, low: 0.0433, high: 0.0457 }, time), '44.5 ±1.2 ms');
  assert.is(withInterval({ mean: 0.0445 }, time), '44.5 ms');
  assert.is(withInterval({ mean: 3, low: 3, high: 3 }, rate), '3 requests/s');
  assert.is(signedInterval({ mean: -0.002, low: -0.003, high: -0.001 }, time), '−2.0 ±1.0 ms');
  assert.is(withInterval({ mean: -0.002 }, time), '−2.00 ms');
  assert.is(withoutZeros('60.0 ms'), '60 ms');
  assert.is(withoutZeros('100 ms'), '100 ms');
  assert.is(withoutZeros('0.250 s'), '0.25 s');
});

words('an interval without a bound is none', () => {
  assert.equal(finite({ mean: 1, low: Number.NEGATIVE_INFINITY, high: 2 }), { mean: 1 });
});

words.run();

const series = suite('charts: series');

series('up to twelve each have a look, of more those that matter', () => {
  const names = Array.from({ length: 13 }, (_, index) => `arm ${index}`);
  assert.is(new Set(seriesOf(names.slice(0, 12), []).map(({ className }) => className)).size, 12);
  const many = seriesOf(names, ['arm 3', undefined, 'arm 7', 'arm 3', 'gone']);
  const own = many.filter(({ isRest }) => !isRest);
  assert.equal(
    own.map(({ name, className }) => [name, className]),
    [
      ['arm 3', 'series-1'],
      ['arm 7', 'series-2'],
    ],
  );
});

series.run();
