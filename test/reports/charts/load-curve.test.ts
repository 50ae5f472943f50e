import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Chart } from '../../../reports/charts/chart.ts';
import { type LoadLine, type LoadRequest, loadCurve } from '../../../reports/charts/load-curve.ts';
import { loadOfResult, loadOfSweep } from '../../../reports/charts/load-lines.ts';
import type { ArmRow, SweepResult } from '../../../sim/sweep-result.ts';
import { absentWhy, close, drawn, placeOf } from './drawn.ts';
import { armOf, resultOf, sla } from './results.ts';
import { marksOf, pathPoints } from './sound.ts';
import { numberOf, told, withClass } from './xml.ts';

/** Latency in milliseconds at 100, 200, … requests/s. */
function lineOf(name: string, latenciesMs: number[], changes: Partial<LoadLine> = {}): LoadLine {
  const points = latenciesMs.map((ms, index) => ({
    offeredPerS: 100 * (index + 1),
    latencyS: { mean: ms / 1000 },
    source: name,
  }));
  return { name, percentile: 'p99', points, ...changes };
}

function requestOf(lines: LoadLine[], changes: Partial<LoadRequest> = {}): LoadRequest {
  return { lines, percentile: 'p99', emphasised: [], note: 'a note', otherwise: 'no line', ...changes };
}

const test = suite('charts: load curve');

test('stands at its loads and latencies, against the SLA', () => {
  const drawing = drawn(loadCurve(requestOf([lineOf('one', [10, 20, 40])], { limitS: 0.03 })));
  const [[x1, y1], [x2, y2], [x3, y3]] = marksOf(drawing, 'one').map(placeOf);
  close((x3 - x2) / (x2 - x1), 1);
  close((y2 - y3) / (y1 - y2), 2);
  const limit = numberOf(withClass(drawing, 'limit')[0], 'y1');
  close((y1 - limit) / (y1 - y3), 2 / 3);
});

test('what is overloaded ends at the top and bends no scale', () => {
  const line = lineOf('one', [10, 11, 900_000]);
  line.points[2].verdict = 'SATURATED';
  const drawing = drawn(loadCurve(requestOf([line])));
  const symbols = marksOf(drawing, 'one');
  const [[, y1], [, y2], [, y3]] = symbols.map(placeOf);
  assert.ok(y3 < y2 && y2 < y1);
  assert.is(
    y3,
    numberOf(withClass(drawing, 'grid').filter(({ attributes }) => attributes.x1 === attributes.x2)[0], 'y1'),
  );
  assert.equal(told(symbols[2]).slice(-2), ['p99 15.0 min', 'SATURATED']);
});

test('a knee has a line of its own', () => {
  const bears = { perS: { mean: 200 }, words: 'knee at 200 requests/s' };
  const drawing = drawn(loadCurve(requestOf([lineOf('one', [10, 12, 40], { bears })])));
  const [knee] = marksOf(drawing, 'one').filter((mark) => told(mark)[1] === bears.words);
  const second = marksOf(drawing, 'one').filter((mark) => told(mark)[1] === '200 requests/s')[0];
  close(pathPoints(knee.attributes.d)[2][0], placeOf(second)[0], 0.001);
});

test('of very many series brings out the emphasised and draws the others as lines', () => {
  const lines = Array.from({ length: 150 }, (_, index) =>
    lineOf(
      `line ${index}`,
      Array.from({ length: 12 }, (_, at) => 10 + at + index / 10),
    ),
  );
  const chart = loadCurve(requestOf(lines, { emphasised: ['line 7'] })) as Chart;
  const drawing = drawn(chart);
  assert.is(withClass(drawing, 'line series-rest').length, 150);
  assert.equal([...new Set(withClass(drawing, 'mark').map((mark) => told(mark)[0]))], ['line 7']);
  assert.is(chart.table.rows.length, 150 * 12);
});

test('points that cannot be drawn are left out; a single one is no line', () => {
  const line = lineOf('one', [10, Number.NaN, 0, 20]);
  assert.is(withClass(drawn(loadCurve(requestOf([line]))), 'mark').length, 2);
  assert.is(absentWhy(loadCurve(requestOf([lineOf('one', [10])]))), 'no line');
});

test('arms that differ in their load only make a line', () => {
  const arms = [100, 200].map((perS) => armOf(`one ${perS} QPS`, perS / 10_000, { offeredPerS: perS }));
  const asked = arms.map(({ name, offeredPerS }) => ({ name, load: { arrivals: { rate: offeredPerS } } }));
  const drawing = drawn(loadOfResult(resultOf(arms, { arms: asked, sla })));
  assert.equal(told(marksOf(drawing, 'one')[1]), [
    'one',
    '200 requests/s',
    'p99 80.0 ±8.0 ms',
    'STABLE',
    'one 200 QPS',
  ]);
  assert.match(absentWhy(loadOfResult(resultOf([armOf('one', 0.01)]))), /vary load.arrivals.rate/);
});

test('points of a sweep over a rate make lines, those of other sweeps none', () => {
  const figure = (mean: number) => ({ mean, p50: mean, p90: mean, p95: mean, p99: mean, 'p99.9': mean });
  const rowOf = (perS: number): ArmRow => ({
    arm: 'one',
    verdict: 'STABLE',
    reason: '',
    dominated: false,
    replications: 1,
    latencyS: Object.fromEntries(
      Object.entries(figure(perS / 1000)).map(([name, mean]) => [name, { mean }]),
    ) as ArmRow['latencyS'] & object,
  });
  const sweepOf = (field: string): SweepResult => ({
    name: 'test',
    method: 'grid',
    product: 'rankfleet',
    key: '',
    total: 3,
    fields: [{ field, column: 'x', type: 'DOUBLE' }],
    judged: 'p99',
    money: 'usdPerMillionRequests',
    points: [10, 20, 30].map((perS, index) => ({
      index,
      key: '',
      values: [`${perS} QPS`],
      rows: [rowOf(perS)],
    })),
  });
  assert.is(withClass(drawn(loadOfSweep(sweepOf('load.arrivals.rate'))), 'mark symbol').length, 3);
  assert.match(absentWhy(loadOfSweep(sweepOf('serving.batch_size'))), /sweep load.arrivals.rate/);
});

test.run();
