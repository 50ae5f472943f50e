import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chartsOf } from '../../../reports/charts/charts-of.ts';
import { comparedFigures } from '../../../reports/charts/compared-figures.ts';
import { comparedAttribution, comparedBreakdown } from '../../../reports/charts/compared-parts.ts';
import { attributionOf, comparisonOf, figureOf, pairOf } from './comparisons.ts';
import { absentWhy, close, drawn, noteOf, placeOf, widthOf } from './drawn.ts';
import { marksOf } from './sound.ts';
import { allOf, numberOf, told, withClass } from './xml.ts';

const figures = suite('charts: differences');

figures('stand at their size from zero, small ones by difference', () => {
  const pair = pairOf({
    figures: [
      figureOf('p50', { relative: { mean: -0.1, low: -0.2, high: 0 } }),
      figureOf('p99', { relative: { mean: 0.3, low: 0.2, high: 0.4 } }),
    ],
  });
  const drawing = drawn(comparedFigures(pair, comparisonOf([pair]), 'differences'));
  const zero = numberOf(withClass(drawing, 'zero')[0], 'x1');
  const [p50, p99] = ['p50', 'p99'].map((title) => placeOf(marksOf(drawing, title)[0])[0] - zero);
  close(p99 / p50, -3);
});

figures('that are large stand by their ratio: half is as far as twice', () => {
  const pair = pairOf({
    figures: [
      figureOf('hosts', { relative: { mean: 3, low: 3, high: 3 } }),
      figureOf('load', { relative: { mean: -0.75, low: -0.75, high: -0.75 } }),
    ],
  });
  const drawing = drawn(comparedFigures(pair, comparisonOf([pair]), 'differences'));
  const zero = numberOf(withClass(drawing, 'zero')[0], 'x1');
  const [up, down] = ['hosts', 'load'].map((title) => placeOf(marksOf(drawing, title)[0])[0] - zero);
  close(up / down, -1);
});

figures('that are not told apart look so', () => {
  const pair = pairOf({ figures: [figureOf('p99', { significant: false }), figureOf('p50')] });
  const drawing = drawn(comparedFigures(pair, comparisonOf([pair]), 'differences'));
  assert.match(marksOf(drawing, 'p99')[0].attributes.class, /series-rest/);
  assert.match(marksOf(drawing, 'p50')[0].attributes.class, /series-2/);
  assert.equal(told(marksOf(drawing, 'p50')[0]), [
    'p50',
    '+20.0 ±10.0 %, told apart',
    'A 10.0 ±1.0 ms',
    'B 12.0 ±1.2 ms',
    'B − A +2.0 ±1.0 ms',
  ]);
});

figures('that A lacks are in the table only, and none at all is no chart', () => {
  const bare = figureOf('RPCs', { relative: undefined, a: undefined, difference: undefined });
  const pair = pairOf({ figures: [bare, figureOf('p50')] });
  const chart = comparedFigures(pair, comparisonOf([pair]), 'differences');
  assert.is(withClass(drawn(chart), 'mark').length, 1);
  assert.match(noteOf(chart), /1 figures that A lacks/);
  const none = pairOf({ figures: [bare], meaningless: 'A is SATURATED' });
  assert.is(absentWhy(comparedFigures(none, comparisonOf([none]), 'differences')), 'A is SATURATED');
});

figures.run();

const parts = suite('charts: parts of differences');

parts('of a breakdown add up to the whole', () => {
  const pair = pairOf();
  const drawing = drawn(comparedBreakdown(pair, comparisonOf([pair]), 'breakdown-differences'));
  const [all] = marksOf(drawing, 'all').map(widthOf);
  const [queue] = marksOf(drawing, 'queue, main').map(widthOf);
  const [dense] = marksOf(drawing, 'dense operators').map(widthOf);
  close(queue - dense, all);
  assert.equal(told(marksOf(drawing, 'dense operators')[0]), [
    'dense operators',
    'B − A −2.0 ±1.0 ms',
    '−50 % of the difference',
    'A 10.0 ms, B 8.00 ms',
  ]);
});

parts('by field stand in the order of their size, for latency, work and price', () => {
  const pair = pairOf({ attribution: attributionOf() });
  const drawing = drawn(comparedAttribution(pair, comparisonOf([pair]), 'attribution'));
  const names = withClass(drawing, 'label').map(({ text }) => text);
  assert.equal(names, ['all', 'sharding.shards', 'fleet.main.workers']);
  const widths = (name: string) => marksOf(drawing, name).map(widthOf);
  const [shards, workers] = [widths('sharding.shards'), widths('fleet.main.workers')];
  assert.is(shards.length, 3);
  for (const [index, width] of shards.entries()) close(width / workers[index], 3);
  assert.ok(allOf(drawing).some(({ text }) => text === '4 → 8'));
});

parts('are absent with the reason that the comparison gives', () => {
  const pair = pairOf({
    breakdown: undefined,
    meaningless: 'B is SATURATED',
    noAttribution: 'too many fields',
  });
  const comparison = comparisonOf([pair]);
  assert.is(absentWhy(comparedBreakdown(pair, comparison, 'x')), 'B is SATURATED');
  assert.is(absentWhy(comparedAttribution(pair, comparison, 'x')), 'too many fields');
});

parts('of many pairs have names of their own, up to eight pairs', () => {
  const comparison = comparisonOf(Array.from({ length: 9 }, () => pairOf()));
  const { charts, absent } = chartsOf({ kind: 'comparison', source: 'x', comparison });
  assert.is(new Set(charts.map(({ id }) => id)).size, 16);
  assert.is(charts.length, 16);
  assert.ok(absent.some(({ reason }) => reason.includes('--arm-a')));
});

parts.run();
