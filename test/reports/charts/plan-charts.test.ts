import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Chart } from '../../../reports/charts/chart.ts';
import { dayTimeline } from '../../../reports/charts/day-timeline.ts';
import { evidenceOfPlan } from '../../../reports/charts/evidence-bars.ts';
import { fleetsOfPlan } from '../../../reports/charts/fleet-bars.ts';
import { growthTimeline } from '../../../reports/charts/growth-timeline.ts';
import { loadOfPlan } from '../../../reports/charts/load-lines.ts';
import { mixBars } from '../../../reports/charts/mix-bars.ts';
import { priceOfFleets } from '../../../reports/charts/price-of-latency.ts';
import { tornado } from '../../../reports/charts/tornado.ts';
import { absentWhy, close, drawn, heightOf, noteOf, placeOf, widthOf } from './drawn.ts';
import { alternativeOf, dayOf, growthOf, knobOf, mixOf, planOf, sensitivityOf } from './plans.ts';
import { around } from './results.ts';
import { marksOf, pathPoints } from './sound.ts';
import { allOf, numberOf, told, withClass } from './xml.ts';

const fleets = suite('charts: fleets of a plan');

fleets('tell hosts by role, those for failures apart, and their price', () => {
  const dear = alternativeOf('dear', { money: { usdPerHour: 60, usdPerMonth: 1, usdPerMillionRequests: 3 } });
  const none = { state: 'MISSES SLA', fleet: undefined, money: undefined, capacity: undefined } as never;
  const drawing = drawn(
    fleetsOfPlan(planOf([alternativeOf('one'), dear, alternativeOf('none', none)], { best: 'one' })),
  );
  const bars = marksOf(drawing, 'one');
  const [main, mainMore, sparse, sparseMore, price] = bars.map(widthOf);
  close(mainMore / main, 0.5);
  close(sparse / main, 0.5);
  close(sparseMore / sparse, 0.5);
  close(widthOf(marksOf(drawing, 'dear')[4]) / price, 3);
  assert.is(marksOf(drawing, 'none').length, 0);
  assert.ok(allOf(drawing).some(({ text }) => text === 'no fleet'));
  assert.ok(allOf(drawing).some(({ text }) => text === 'SIZED · best'));
});

fleets('rest on evidence', () => {
  assert.is(withClass(drawn(evidenceOfPlan(planOf([alternativeOf('one')]))), 'mark').length, 2);
});

fleets('larger than they need to be are points of price and latency', () => {
  const frontier = [1, 1.5, 2].map((oversize) => ({
    alternative: 'one',
    oversize,
    usdPerHour: 20 * oversize,
    latencyS: around(0.05 / oversize),
    watts: 1000,
    isEfficient: true,
  }));
  const drawing = drawn(priceOfFleets(planOf([alternativeOf('one')], { frontier })));
  const places = withClass(drawing, 'mark symbol').map(placeOf);
  close((places[2][0] - places[1][0]) / (places[1][0] - places[0][0]), 1);
  assert.match(absentWhy(priceOfFleets(planOf([]))), /no fleet was sized/);
});

fleets.run();

const load = suite('charts: load');

load('is a line through every load, with the knee where it is', () => {
  const drawing = drawn(loadOfPlan(planOf([alternativeOf('one')])));
  const symbols = marksOf(drawing, 'one').filter(({ attributes }) => attributes.transform);
  assert.is(symbols.length, 3);
  const [[first], [second], [third]] = symbols.map(placeOf);
  close((third - second) / (second - first), 70 / 49);
  const [knee] = marksOf(drawing, 'one').filter((one) => told(one)[1] === 'bears 100 ±10 requests/s');
  close((pathPoints(knee.attributes.d)[2][0] - first) / (second - first), 99 / 49);
});

load('without an SLA or a second load is absent', () => {
  const { capacity } = alternativeOf('one');
  const single = alternativeOf('one', { capacity: { ...capacity!, curve: capacity!.curve.slice(0, 1) } });
  assert.match(absentWhy(loadOfPlan(planOf([single]))), /several loads/);
});

load.run();

const sensitivity = suite('charts: sensitivity');

sensitivity('is a pair of bars for each knob and answer, on both sides of zero', () => {
  const knobs = [knobOf('hosts', 0.4), knobOf('clock', 0.1)];
  const drawing = drawn(tornado(planOf([], { sensitivity: sensitivityOf(knobs) })));
  const bars = withClass(drawing, 'mark bar');
  assert.is(bars.length, 8);
  close(widthOf(bars[0]) / widthOf(bars[2]), 4);
  const [down, up] = bars.slice(0, 2).map((one) => numberOf(one, 'x'));
  close(up - down, widthOf(bars[0]));
  assert.equal(told(bars[0]), ['hosts: 1 → 2', 'throughput −40.0 ±1.0 %', 'latency +20.0 %']);
});

sensitivity('draws the largest twenty, and whatever nobody can explain', () => {
  const knobs = [
    ...Array.from({ length: 25 }, (_, index) => knobOf(`knob ${index}`, 0.5 - index / 100)),
    knobOf('odd', 0, { state: 'unexplained' }),
    knobOf('idle', 0, { state: 'explained', reason: 'nothing waits for it' }),
  ];
  const chart = tornado(planOf([], { sensitivity: sensitivityOf(knobs) })) as Chart;
  const names = allOf(drawn(chart)).map(({ text }) => text);
  assert.ok(names.includes('knob 19') && !names.includes('knob 20'));
  assert.ok(names.includes('odd') && names.includes('UNEXPLAINED: moves nothing'));
  assert.is(chart.table.rows.length, 27);
});

sensitivity('says where a knob cannot be turned so far', () => {
  const up = { value: '2', misfit: 'the tables do not fit' };
  const down = { value: '0.5', throughput: { mean: -0.9 }, latency: { mean: 40 }, overloaded: true };
  const knobs = [knobOf('tables', 1, { up, down })];
  const drawing = drawn(tornado(planOf([], { sensitivity: sensitivityOf(knobs) })));
  const words = allOf(drawing).map(({ text }) => text);
  assert.ok(words.includes('does not fit') && words.includes('overload'));
  assert.is(withClass(drawing, 'mark bar').length, 1);
});

sensitivity('is absent from a plan without, and where nothing moves', () => {
  assert.match(absentWhy(tornado(planOf([]))), /--no-sensitivity/);
  const still = sensitivityOf([knobOf('idle', 0, { state: 'explained' })]);
  assert.match(absentWhy(tornado(planOf([], { sensitivity: still }))), /half a percent/);
});

sensitivity.run();

const growth = suite('charts: growth');

growth('stacks hosts by quarter, those at work within those in the fleet', () => {
  const drawing = drawn(growthTimeline(planOf([], { growth: growthOf(4) })));
  const [all, atWork] = marksOf(drawing, 'Q1, large');
  close(heightOf(all) / heightOf(atWork), 2);
  const [later] = marksOf(drawing, 'Q3, large');
  close(heightOf(later) / heightOf(all), 1.5);
  const costs = [1, 2, 3, 4].map((quarter) => heightOf(marksOf(drawing, `Q${quarter}`)[0]));
  close(costs[3] / costs[0], 4);
});

growth('draws an order from its quarter to its delivery, and where the hosts in place run out', () => {
  const drawing = drawn(growthTimeline(planOf([], { growth: growthOf(4) })));
  const [order] = marksOf(drawing, '2 large');
  const [bar] = marksOf(drawing, 'Q1, large');
  close(widthOf(order) / (widthOf(bar) + 6), 2);
  const [out] = withClass(drawing, 'mark limit');
  close(pathPoints(out.attributes.d)[0][0], numberOf(order, 'x') + widthOf(order));
});

growth('of one quarter, of forty, and of nothing to order are drawn', () => {
  for (const quarters of [1, 2, 40]) {
    const drawing = drawn(growthTimeline(planOf([], { growth: growthOf(quarters) })));
    assert.is(withClass(drawing, 'mark shade-2').length, quarters);
  }
});

growth('tells what nobody serves', () => {
  const { plan, ...rest } = growthOf(3);
  const unserved = { ...rest, plan: plan.map((one) => ({ ...one, unservedPerS: 50 })) };
  const drawing = drawn(growthTimeline(planOf([], { growth: unserved })));
  assert.is(withClass(drawing, 'mark bad').length, 3);
});

growth.run();

const day = suite('charts: day');

day('tells of each span of time', () => {
  const drawing = drawn(dayTimeline(planOf([], { day: dayOf() })));
  const spans = withClass(drawing, 'mark hit');
  assert.is(spans.length, 24);
  assert.equal(told(spans[12]), [
    '12:00 to 13:00',
    'load 700 requests/s',
    '7 hosts serving, 8 paid',
    'use 55 %',
    'p99 35.0 ms (31.8 ms to 38.9 ms)',
  ]);
  const right = numberOf(spans[23], 'x') + widthOf(spans[23]);
  close(right - numberOf(spans[0], 'x'), 24 * widthOf(spans[0]));
});

day('of very many spans tells of some at a time', () => {
  const drawing = drawn(dayTimeline(planOf([], { day: dayOf(1440) })));
  assert.is(withClass(drawing, 'mark hit').length, 288);
});

day('shades a surge', () => {
  const surge = { startS: 6 * 3600, durationS: 6 * 3600, factor: 2, peakPerS: 1400 };
  const ordinary = dayOf();
  const result = { ...ordinary, surge, series: { ...ordinary.series, day: 'surge' as const } };
  const chart = dayTimeline(planOf([], { day: result }));
  const [band] = withClass(drawn(chart), 'band series-2');
  const [span] = withClass(drawn(chart), 'mark hit');
  close(widthOf(band) / widthOf(span), 6);
  assert.match(noteOf(chart), /load × 2\./);
});

day.run();

const mix = suite('charts: mix');

mix('tells the hosts of each workload by type, and the stock', () => {
  const drawing = drawn(mixBars(planOf([], { mix: mixOf() })));
  const [feedLarge, feedSmall] = marksOf(drawing, 'feed on CPU');
  close(widthOf(feedSmall) / widthOf(feedLarge), 3);
  const [stock] = withClass(drawing, 'outline');
  close(widthOf(stock) / widthOf(marksOf(drawing, 'large')[0]), 4 / 3);
  assert.equal(told(marksOf(drawing, 'large')[0]), [
    'large',
    '3 used of 4',
    'any number of them would save 1.50 USD/h',
  ]);
  assert.match(absentWhy(mixBars(planOf([]))), /fleet-mix/);
});

mix.run();
