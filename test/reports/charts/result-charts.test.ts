import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { breakdownBars } from '../../../reports/charts/breakdown-bars.ts';
import { cacheCurve } from '../../../reports/charts/cache-curve.ts';
import type { Chart } from '../../../reports/charts/chart.ts';
import { evidenceOfArms } from '../../../reports/charts/evidence-bars.ts';
import { fleetsOfArms } from '../../../reports/charts/fleet-bars.ts';
import { latencyDistribution } from '../../../reports/charts/latency-distribution.ts';
import { percentileBars } from '../../../reports/charts/percentile-bars.ts';
import { priceOfArms } from '../../../reports/charts/price-of-latency.ts';
import { rooflines } from '../../../reports/charts/roofline.ts';
import { heatOf, shardMap } from '../../../reports/charts/shard-map.ts';
import type { Result } from '../../../sim/result.ts';
import { absentWhy, close, drawn, placeOf, widthOf } from './drawn.ts';
import { armOf, misfit, partsOf, resultOf, saturated, shardOf, sla } from './results.ts';
import { marksOf, pathPoints } from './sound.ts';
import { allOf, numberOf, told, withClass, type Xml } from './xml.ts';

const percentiles = suite('charts: percentiles');

percentiles('are bars as long as their values, five for each arm, with exact values in words', () => {
  const drawing = drawn(percentileBars(resultOf([armOf('one', 0.01), armOf('two', 0.02)])));
  const [one, two] = ['one', 'two'].map((name) => marksOf(drawing, name));
  assert.equal([one.length, two.length], [5, 5]);
  const lengths = one.map(widthOf);
  for (const [index, factor] of [1, 2, 3, 4, 8].entries()) close(lengths[index] / lengths[0], factor);
  close(widthOf(two[0]) / widthOf(one[0]), 2);
  assert.equal(told(one[3]), [
    'one',
    'p99 40.0 ±4.0 ms',
    '±500 µs of it from measured costs',
    'ρ 0.50 · STABLE',
  ]);
});

percentiles('stand against the line of the SLA where its limit is', () => {
  const arms = [armOf('one', 0.01, { sla: { ...sla, met: 'yes' } })];
  const drawing = drawn(percentileBars(resultOf(arms, { sla })));
  const [limit] = withClass(drawing, 'mark limit');
  assert.equal(told(limit), ['SLA p99 ≤ 60 ms']);
  const [bar] = marksOf(drawing, 'one').slice(3);
  const [[x]] = pathPoints(limit.attributes.d);
  close((x - numberOf(bar, 'x')) / widthOf(bar), 0.06 / 0.04);
});

percentiles('of an overloaded arm are cut, so that others are seen', () => {
  const drawing = drawn(percentileBars(resultOf([armOf('steady', 0.01), saturated('drowned', 30)])));
  const [steady, drowned] = ['steady', 'drowned'].map((name) =>
    Math.max(...marksOf(drawing, name).map(widthOf)),
  );
  assert.ok(steady > drowned / 2);
  assert.ok(allOf(drawing).some(({ text }) => text === '»'));
  assert.is(told(marksOf(drawing, 'drowned')[0])[1], 'p50 30.0 ±3.0 s');
});

percentiles('of arms that are all overloaded are drawn as they are', () => {
  const drawing = drawn(percentileBars(resultOf([saturated('one', 10), saturated('two', 30)])));
  const [one, two] = ['one', 'two'].map((name) => widthOf(marksOf(drawing, name)[0]));
  close(two / one, 3);
});

percentiles('are absent where no arm fits', () => {
  assert.match(absentWhy(percentileBars(resultOf([misfit('one')]))), /none fits/);
});

percentiles.run();

const distribution = suite('charts: latency distribution');

distribution('gives each nine as much height as the last', () => {
  const drawing = drawn(latencyDistribution(resultOf([armOf('one', 0.01)])));
  const [path] = withClass(drawing, 'line series-1').filter(({ name }) => name === 'path');
  const points = pathPoints(path.attributes.d);
  const heightAt = (index: number) => points[index][1];
  // Shares 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999 and 0.9999 are drawn; the last request has no end.
  assert.is(points.length, 8);
  close(heightAt(3) - heightAt(5), heightAt(5) - heightAt(6));
  close(heightAt(5) - heightAt(6), heightAt(6) - heightAt(7));
});

distribution('is logarithmic in latency: p50 to p99 is as far as 4 to 1, p99 to p99.9 half of that', () => {
  const drawing = drawn(latencyDistribution(resultOf([armOf('one', 0.01)])));
  const at = marksOf(drawing, 'one').map((mark) => placeOf(mark)[0]);
  assert.is(at.length, 5);
  close(at[3] - at[0], 2 * (at[4] - at[3]));
});

distribution('says where a limit is that is far from all latencies', () => {
  const words = (limitS: number) =>
    withClass(
      drawn(latencyDistribution(resultOf([armOf('one', 0.01)], { sla: { ...sla, limitS } }))),
      'limit-label',
    )[0].text;
  assert.is(words(5), 'SLA p99 ≤ 5 s →');
  assert.is(words(1e-5), '← SLA p99 ≤ 10 µs');
  assert.is(words(0.05), 'SLA p99 ≤ 50 ms');
});

distribution('of more arms than can be told apart brings out the baseline and the best', () => {
  const arms = Array.from({ length: 15 }, (_, index) => armOf(`arm ${index}`, 0.02 - index / 1000));
  const drawing = drawn(latencyDistribution(resultOf(arms)));
  const lines = withClass(drawing, 'line').filter(
    ({ name, attributes }) => name === 'path' && !attributes.id,
  );
  assert.is(lines.filter(({ attributes }) => attributes.class === 'line series-rest').length, 13);
  const names = withClass(withClass(drawing, 'legend')[0], 'label').map(({ text }) => text);
  assert.equal(names, ['arm 0', 'arm 14', '13 others']);
});

distribution.run();

const breakdown = suite('charts: breakdown');

breakdown('stacks the parts of typical and slow requests on one scale', () => {
  const drawing = drawn(breakdownBars(resultOf([armOf('one', 0.01)])));
  const typical = marksOf(drawing, 'one, a typical request (p40–p60)');
  const tail = marksOf(drawing, 'one, the slowest 1 % of requests');
  const sum = (rects: Xml[]) => rects.map(widthOf).reduce((a, b) => a + b, 0);
  close(sum(tail) / sum(typical), 5);
  close(widthOf(typical[0]) / sum(typical), 0.6);
  assert.equal(told(tail[1]), [
    'one, the slowest 1 % of requests',
    'queue, main 30.0 ms',
    '60.0 % of 50.0 ms',
  ]);
});

breakdown('of an overloaded arm is cut and says no shares that it does not show', () => {
  const drawing = drawn(breakdownBars(resultOf([armOf('steady', 0.01), saturated('drowned', 30)])));
  const inside = withClass(drawing, 'value on').map(({ text }) => text);
  assert.equal(inside, ['60 %', '20 %', '60 %', '20 %']);
  assert.is(allOf(drawing).filter(({ text }) => text === '»').length, 2);
});

breakdown('sums small parts and names them', () => {
  const arm = armOf('one', 0.01);
  const small = { rpcService: 1e-5, netOverhead: 2e-5, batching: 3e-5 };
  arm.measured!.breakdownS.typical = partsOf({ dense: 0.01, ...small });
  const drawing = drawn(breakdownBars(resultOf([arm])));
  const found = withClass(drawing, 'mark series-rest').map(told);
  assert.equal(found, [
    [
      'one, a typical request (p40–p60)',
      '3 smaller parts 60.0 µs',
      '0.596 % of 10.1 ms',
      'RPC service, main 10.0 µs',
      'net overhead, main 20.0 µs',
      'batching 30.0 µs',
    ],
  ]);
});

breakdown.run();

const shards = suite('charts: shards');

shards('have a cell for each shard and figure, coloured by the ratio to the mean of their arm', () => {
  const arm = armOf('one', 0.01, { shards: [shardOf(10e9), shardOf(10e9), shardOf(40e9)] });
  const drawing = drawn(shardMap(resultOf([arm, armOf('without', 0.01)])));
  const cells = withClass(drawing, 'mark bar');
  assert.is(cells.length, 3 * 3);
  assert.equal(
    cells.slice(0, 3).map(({ attributes }) => attributes.class),
    ['mark bar heat-1', 'mark bar heat-1', 'mark bar heat-8'],
  );
  assert.equal(told(cells[2]), [
    'one, shard 2',
    '40.0 GB',
    '2.00 × the mean of 3 shards',
    '8 tables',
    'bounds 50 % of requests',
  ]);
});

shards('that are all alike, or one alone, are at the mean', () => {
  assert.is(heatOf(1), 5);
  const drawing = drawn(shardMap(resultOf([armOf('one', 0.01, { shards: [shardOf(1e9)] })])));
  assert.ok(withClass(drawing, 'mark').every(({ attributes }) => attributes.class.includes('heat-5')));
});

shards('a thousand of them are cells without words', () => {
  const many = Array.from({ length: 1000 }, (_, index) => shardOf(1e9 + index * 1e6));
  const drawing = drawn(shardMap(resultOf([armOf('one', 0.01, { shards: many })])));
  assert.is(withClass(drawing, 'mark').length, 3000);
  assert.is(withClass(drawing, 'value').length, 0);
});

shards('of more arms than a page bears are those of the first, and the note says so', () => {
  const many = Array.from({ length: 1000 }, () => shardOf(1e9));
  const chart = shardMap(resultOf(['a', 'b', 'c'].map((name) => armOf(name, 0.01, { shards: many }))));
  assert.is(withClass(drawn(chart), 'mark').length, 6000);
  assert.match((chart as Chart).note, /Drawn are 2 of 3 arms/);
  assert.is((chart as Chart).table.rows.length, 9);
});

shards.run();

const price = suite('charts: price of latency');

function pricedAt(name: string, medianS: number, usd: number, changes = {}) {
  const arm = armOf(name, medianS, changes);
  return { ...arm, fleet: { ...arm.fleet, pricePerHourUsd: usd } };
}

price('joins the arms that no other is both cheaper and faster than', () => {
  const arms = [pricedAt('cheap', 0.02, 1), pricedAt('worse', 0.03, 2), pricedAt('fast', 0.01, 4)];
  const chart = priceOfArms(resultOf(arms)) as Chart;
  const drawing = drawn(chart);
  assert.equal(
    chart.table.rows.map((row) => row.at(-1)),
    ['yes', 'no', 'yes'],
  );
  assert.is(withClass(drawing, 'note-line').length, 1);
  assert.is(withClass(drawing, 'mark').length, 3);
});

price('leaves out arms that are overloaded, and is absent where all are', () => {
  const chart = priceOfArms(resultOf([armOf('one', 0.01), saturated('two', 5)])) as Chart;
  assert.is(withClass(drawn(chart), 'mark').length, 1);
  assert.match(chart.note, /Not drawn: 1 SATURATED/);
  assert.match(absentWhy(priceOfArms(resultOf([saturated('two', 5)]))), /overloaded/);
});

price('promises whiskers only where it draws them', () => {
  const of = (count: number) => {
    const arms = Array.from({ length: count }, (_, index) => pricedAt(`arm ${index}`, 0.01, index + 1));
    const chart = priceOfArms(resultOf(arms)) as Chart;
    return [/whiskers/.test(chart.note), withClass(drawn(chart), 'whisker').length];
  };
  assert.equal(of(60), [true, 60]);
  assert.equal(of(61), [false, 0]);
});

price.run();

const others = suite('charts: fleets, evidence, caches');

others('hosts and prices are bars as long as they are many and dear', () => {
  const arm = pricedAt('two', 0.01, 14);
  arm.fleet.sparseHosts = 3;
  const drawing = drawn(fleetsOfArms(resultOf([armOf('one', 0.01), arm, misfit('three')])));
  const [main, sparse, cost] = marksOf(drawing, 'two').map(widthOf);
  close(sparse / main, 3);
  close(cost / marksOf(drawing, 'one').map(widthOf)[1], 4);
});

others(
  'an arm that does not fit has no fleet, and where none fits nothing that was simulated is drawn',
  () => {
    const chart = fleetsOfArms(resultOf([armOf('one', 0.01), misfit('two')])) as Chart;
    assert.equal(marksOf(drawn(chart), 'two'), []);
    assert.equal(chart.table?.rows[1].slice(-3), ['0', '–', 'DOES NOT FIT']);
    for (const draw of [fleetsOfArms, priceOfArms, shardMap, rooflines]) {
      assert.match(absentWhy(draw(resultOf([misfit('one')]))), /none fits/);
    }
  },
);

others('evidence is a whole that is cut by level, of each kind of request', () => {
  const drawing = drawn(evidenceOfArms(resultOf([armOf('one', 0.01)])));
  const [assumed] = withClass(drawing, 'mark evidence-assumed');
  const [fitted] = withClass(drawing, 'mark evidence-fitted');
  close(widthOf(assumed) / widthOf(fitted), 3);
  assert.equal(told(fitted), ['one, typical requests', '25 % fitted']);
  assert.match(absentWhy(evidenceOfArms(resultOf([misfit('one')]))), /nothing was simulated/);
});

others('a cache is drawn where an arm has one', () => {
  const curve = { sizeBytes: [1e9, 2e9, 4e9], hitShare: [0.5, 0.7, 0.9] };
  const cache = { policy: 'lru', sizeBytes: 2e9, hitShare: 0.7, curve } as const;
  const accelerator = {
    device: 'gpu',
    used: 1,
    streams: 1,
    tables: 'cached',
    capacityBytes: 8e9,
    tableBytes: [2e9],
    cache,
  } as const;
  const result: Result = resultOf([
    armOf('one', 0.01, { accelerator: { ...accelerator, tableBytes: [2e9] } }),
  ]);
  const drawing = drawn(cacheCurve(result));
  assert.is(withClass(drawing, 'mark').length, 4);
  assert.match(absentWhy(cacheCurve(resultOf([armOf('one', 0.01)]))), /no arm caches/);
});

others.run();
