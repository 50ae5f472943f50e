import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Chart } from '../../../reports/charts/chart.ts';
import { mostDots } from '../../../reports/charts/dots.ts';
import { sweepScatter } from '../../../reports/charts/sweep-scatter.ts';
import type { ArmRow, PointResult, SweepResult } from '../../../sim/sweep-result.ts';
import { absentWhy, close, drawn, noteOf, placeOf } from './drawn.ts';
import { pathPoints } from './sound.ts';
import { allOf, told, withClass } from './xml.ts';

function rowOf(usdPerHour: number, latencyS: number, changes: Partial<ArmRow> = {}): ArmRow {
  const latency = { mean: latencyS, low: 0.9 * latencyS, high: 1.1 * latencyS };
  return {
    arm: 'one',
    verdict: 'STABLE',
    reason: '',
    dominated: false,
    replications: 3,
    latencyS: { mean: latency, p50: latency, p90: latency, p95: latency, p99: latency, 'p99.9': latency },
    usdPerHour,
    slaMet: latencyS <= 0.06 ? 'yes' : 'no',
    ...changes,
  };
}

function sweepOf(rows: ArmRow[], changes: Partial<SweepResult> = {}): SweepResult {
  const points = rows.map(
    (row, index): PointResult => ({ index, key: `${index}`, values: [index % 7, 'large'], rows: [row] }),
  );
  return {
    name: 'test',
    method: 'grid',
    product: 'rankfleet',
    key: '0',
    total: points.length,
    fields: [
      { field: 'shards', column: 'shards', type: 'INTEGER' },
      { field: 'host', column: 'host', type: 'VARCHAR' },
    ],
    judged: 'p99',
    money: 'usdPerHour',
    sla: { percentile: 'p99', limitS: 0.06 },
    points,
    ...changes,
  };
}

/** Many rows on a spiral: each is at another pixel, and none twice. */
function manyRows(count: number): ArmRow[] {
  return Array.from({ length: count }, (_, index) => {
    const [turn, reach] = [index * 2.399963, Math.sqrt(index / count)];
    return rowOf(100 + 99 * reach * Math.cos(turn), 0.05 + 0.049 * reach * Math.sin(turn));
  });
}

const scatter = suite('charts: points of a sweep');

scatter('are marks with their values while they are few', () => {
  const chart = sweepScatter(sweepOf([rowOf(1, 0.02), rowOf(2, 0.03), rowOf(3, 0.01), rowOf(4, 0.08)]));
  const marks = withClass(drawn(chart), 'mark');
  assert.is(marks.length, 4);
  assert.is(withClass(drawn(chart), 'mark bad').length, 1);
  assert.equal(told(marks[0]), [
    'one, point 0',
    'shards 0',
    'host large',
    '1 USD/h',
    'p99 20.0 ±2.0 ms',
    'STABLE, SLA met: yes',
  ]);
  assert.equal(
    (chart as Chart).table.rows.map((row) => row.at(-1)),
    ['yes', 'yes', 'no', 'no'],
  );
  assert.is((chart as Chart).points!.x.length, 4);
});

scatter('that cannot be judged are left out and counted', () => {
  const rows = [
    rowOf(1, 0.02),
    rowOf(1, 9, { verdict: 'SATURATED' }),
    { arm: 'one', verdict: 'DOES NOT FIT', reason: '', dominated: false, replications: 0 } as ArmRow,
  ];
  const chart = sweepScatter(sweepOf(rows, { total: 10 }));
  assert.is(withClass(drawn(chart), 'mark').length, 1);
  assert.match(noteOf(chart), /3 of 10 points so far/);
  assert.match(noteOf(chart), /Not drawn: 2 of 3 rows/);
  assert.match(absentWhy(sweepScatter(sweepOf([rows[2]]))), /no point/);
});

scatter('are dots once they are many, the frontier marks on top, with their values for a script', () => {
  const chart = sweepScatter(sweepOf(manyRows(2000))) as Chart;
  const drawing = drawn(chart);
  const paths = withClass(drawing, 'dots').map(({ attributes }) => attributes.d);
  const dots = paths.flatMap(pathPoints);
  assert.is(dots.length, 2000);
  const { x, y, columns } = chart.points!;
  assert.is(x.length, 2000);
  const keyOf = ([atX, atY]: [number, number]) => `${atX} ${atY}`;
  const placed = new Set(dots.map(keyOf));
  assert.ok(x.every((atX, index) => placed.has(keyOf([atX, y[index]]))));
  const marks = withClass(drawing, 'mark symbol').map(placeOf);
  assert.ok(marks.length > 1 && marks.every((place) => placed.has(keyOf(place))));
  assert.equal(
    columns.map(({ title }) => title),
    ['point', 'arm', 'shards', 'host', 'USD/h', 'p99, ms', 'ρ', 'SLA met', 'verdict'],
  );
  const [, arm, shards] = columns;
  assert.equal('texts' in arm && [arm.texts, arm.codes[1999]], [['one'], 0]);
  assert.is('numbers' in shards && shards.numbers[1999], 1999 % 7);
  assert.ok(chart.svg.length < 60_000);
});

scatter('of a hundred thousand are thinned, the frontier never', () => {
  const chart = sweepScatter(sweepOf(manyRows(100_000))) as Chart;
  const all = sweepScatter(sweepOf(manyRows(100_000))) as Chart;
  const dots = withClass(drawn(chart), 'dots').flatMap(({ attributes }) => pathPoints(attributes.d));
  assert.ok(dots.length <= mostDots && dots.length > mostDots * 0.9, `${dots.length} dots`);
  assert.match(chart.note, new RegExp(`Of 100000 rows ${dots.length} are drawn`));
  const placed = new Set(dots.map(String));
  const marks = withClass(drawn(chart), 'mark symbol').map(placeOf);
  assert.ok(marks.length > 5 && marks.every((place) => placed.has(String(place))));
  assert.is(all.svg, chart.svg);
});

scatter('stand where their price and latency say', () => {
  const drawing = drawn(sweepScatter(sweepOf([rowOf(1, 0.01), rowOf(10, 0.1), rowOf(100, 1)])));
  const [[x1, y1], [x2, y2], [x3, y3]] = withClass(drawing, 'mark symbol').map(placeOf);
  close((x3 - x2) / (x2 - x1), 1);
  close((y3 - y2) / (y2 - y1), 1);
  assert.ok(y3 < y1);
  assert.ok(allOf(drawing).some(({ text }) => text === 'SLA p99 ≤ 60 ms'));
});

scatter.run();
