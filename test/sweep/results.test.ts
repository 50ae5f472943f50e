import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { summarise } from '../../sim/summary-of-sweep-result.ts';
import type { ArmRow, PointResult } from '../../sim/sweep-result.ts';
import { tasksOf } from '../../sweep/design.ts';
import { importDuckDb } from '../../sweep/duckdb.ts';
import { threadsEngine } from '../../sweep/engines/threads.ts';
import { formats, readManifest, takeFolder } from '../../sweep/folder.ts';
import { Journal } from '../../sweep/journal.ts';
import { query, type SqlValue } from '../../sweep/query.ts';
import { writeResults } from '../../sweep/results.ts';
import { Folder } from '../scenarios/folder.ts';
import { designOf, gridSweep } from './designs.ts';

const folder = new Folder();
const at = (name: string) => join(folder.path, name);
const hasDuckDb = (await importDuckDb()) !== undefined;

/** Runs the small sweep in this process, up to some number of points, and writes its results if that is all. */
async function swept(
  name: string,
  format: (typeof formats)[number],
  { most = Number.POSITIVE_INFINITY, text = gridSweep } = {},
) {
  const design = await designOf(folder, text);
  const manifest = takeFolder(at(name), design, { own: 'points.ndjson', mayResume: true });
  const journal = new Journal(at(name), design.points);
  journal.open('points.ndjson');
  const tasks = tasksOf(design, (index) => index < most && !journal.has(index));
  const { signal } = new AbortController();
  for await (const result of threadsEngine().run(design.bundle, tasks, { signal })) journal.append(result);
  if (journal.done === design.points) await writeResults(at(name), format, manifest, journal.results());
  journal.close();
}

async function asked(name: string, sql: string) {
  let rows: SqlValue[][] = [];
  let columns: string[] = [];
  let progress: unknown;
  await query(at(name), sql, async (answer) => {
    columns = answer.columns.map(({ name }) => name);
    progress = answer.progress;
    for await (const chunk of answer.rows) rows = [...rows, ...chunk];
  });
  return { rows, columns, progress };
}

const results = suite('results of a sweep');

const withDuckDb = hasDuckDb
  ? results
  : (name: string, _: unknown) => console.log(`skipped: ${name}: DuckDB is not installed`);

withDuckDb('are the same rows in every format, with a manifest and the journal beside them', async () => {
  const answers = new Set<string>();
  for (const format of formats) {
    await swept(format, format);
    const files = ['points.ndjson', `results.${format}`, 'sweep.json'].sort();
    assert.equal(readdirSync(at(format)).sort(), files);
    const answer = await asked(format, 'SELECT * FROM points ORDER BY point');
    answers.add(JSON.stringify(answer));
  }
  assert.is(answers.size, 1);
  const { columns, rows } = JSON.parse([...answers][0]);
  assert.equal(columns.slice(0, 5), ['point', 'key', 'load_arrivals_rate_qps', 'sharding_shards', 'arm']);
  assert.is(rows.length, 6);
  assert.equal(rows[5].slice(2, 4), [40, 3]);
});

results('as text have one line for each row, and numbers in full', async () => {
  if (!existsSync(at('csv'))) await swept('csv', 'csv');
  if (!existsSync(at('ndjson'))) await swept('ndjson', 'ndjson');
  const [head, ...lines] = readFileSync(at('csv/results.csv'), 'utf8').trim().split('\n');
  const objects = readFileSync(at('ndjson/results.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.is(lines.length, 6);
  assert.equal(head.split(','), Object.keys(objects[0]));
  const point: PointResult = JSON.parse(readFileSync(at('ndjson/points.ndjson'), 'utf8').split('\n')[0]);
  assert.is(objects[point.index].p99_s, point.rows[0].latencyS?.p99.mean);
  assert.is(
    lines[point.index].split(',')[head.split(',').indexOf('p99_s')],
    String(objects[point.index].p99_s),
  );
});

withDuckDb('are only read by queries', async () => {
  const before = readdirSync(at('duckdb')).sort();
  const cases: [string, RegExp][] = [
    ['SELECT nope FROM points', /nope/],
    ['SELEC 1', /syntax error/],
    [`COPY points TO '${at('stolen.csv')}'`, /only read/],
    [`EXPLAIN ANALYZE COPY points TO '${at('stolen.csv')}'`, /only read/],
    ['DROP VIEW points', /only read/],
    ['DELETE FROM results.points', /only read/],
    ['insert into points select * from points', /^queries only read/],
    ['SELECT 1; SELECT 2', /one SELECT at a time/],
    [' ', /one SELECT at a time/],
    ["SELECT CAST('x' AS INTEGER) FROM points", /Conversion/],
  ];
  for (const [sql, message] of cases) {
    const error = await asked('duckdb', sql).catch((problem) => problem);
    assert.is(error.name, 'InputError', sql);
    assert.match(error.message, message, sql);
  }
  assert.ok(!existsSync(at('stolen.csv')));
  assert.equal(readdirSync(at('duckdb')).sort(), before);
  assert.ok((await asked('duckdb', 'DESCRIBE points')).rows.some(([column]) => column === 'p99_9_high_s'));
  assert.equal((await asked('duckdb', 'SELECT count(*), [1, 2], NULL FROM points')).rows, [
    [6, [1, 2], null],
  ]);
});

withDuckDb('give dates, times and bytes as text, and numbers as numbers', async () => {
  const sql =
    "SELECT DATE '2024-02-03', TIME '10:00:00', INTERVAL 3 DAY, 'ab'::BLOB, 1.5::DECIMAL(9, 2), {a: 1, b: [2]}, MAP {'k': 1}";
  assert.equal((await asked('duckdb', sql)).rows, [
    ['2024-02-03', '10:00:00', '3 days', 'ab', 1.5, { a: 1, b: [2] }, [{ key: 'k', value: 1 }]],
  ]);
});

results('in a folder whose manifest was edited are not trusted', async () => {
  if (!existsSync(at('csv'))) await swept('csv', 'csv');
  const manifest = JSON.parse(readFileSync(at('csv/sweep.json'), 'utf8'));
  for (const change of [
    { points: -1 },
    { points: 1e12 },
    { fields: undefined },
    { fields: [{}] },
    { key: 3 },
  ]) {
    const text = JSON.stringify({ ...manifest, ...change });
    folder.write('edited/sweep.json', text);
    assert.throws(() => readManifest(at('edited')), /is not a manifest that rankfleet sweep writes/, text);
  }
});

results('are begun again, unasked, where a process ended before its first point', async () => {
  const design = await designOf(folder, gridSweep);
  const take = () => takeFolder(at('empty'), design, { own: 'points.ndjson', mayResume: false });
  take();
  folder.write('empty/points.ndjson', '');
  take();
  folder.write('empty/points.ndjson', '{"index":0');
  assert.throws(take, /already holds this sweep/);
});

withDuckDb('can be asked for before the sweep is finished', async () => {
  await swept('half', 'csv', { most: 4 });
  const { rows, progress } = await asked('half', 'SELECT count(*) FROM points');
  assert.equal(rows, [[4]]);
  assert.equal(progress, { done: 4, points: 6 });
  const error = await asked('nowhere', 'SELECT 1').catch((problem) => problem);
  assert.match(error.message, /no such folder/);
});

results('of a sequence go on with more points, and are those of the longer one', async () => {
  const sobol = (points: number) =>
    gridSweep.replace('fields:', `method: sobol\n  points: ${points}\n  fields:`);
  await swept('longer', 'ndjson', { text: sobol(3) });
  const three = readFileSync(at('longer/results.ndjson'), 'utf8');
  await swept('longer', 'ndjson', { text: sobol(5) });
  await swept('five', 'ndjson', { text: sobol(5) });
  const five = readFileSync(at('five/results.ndjson'), 'utf8');
  assert.is(readFileSync(at('longer/results.ndjson'), 'utf8'), five);
  assert.ok(five.startsWith(three) && five.length > three.length);
  const other = await swept('longer', 'ndjson', { text: gridSweep }).catch((problem) => problem);
  assert.match(other.message, /longer holds another sweep, a sobol, not a grid/);
});

results.after(() => folder.remove());

results.run();

const summaries = suite('summaries of a sweep');

const row = (usdPerHour: number, p99: number, fields: Partial<ArmRow> = {}): ArmRow => ({
  arm: 'one',
  verdict: 'STABLE',
  reason: '',
  dominated: false,
  replications: 2,
  latencyS: { p99: { mean: p99 } } as NonNullable<ArmRow['latencyS']>,
  usdPerHour,
  slaMet: 'yes',
  ...fields,
});

const summaryOf = (rows: ArmRow[], hasSla = true) =>
  summarise(
    rows.map((one, index) => ({ index, key: '', values: [], rows: [one] })),
    { judged: 'p99', money: 'usdPerHour', hasSla },
  );

summaries('have the frontier that trying all pairs has', () => {
  for (let seed = 1; seed < 40; seed++) {
    const rows = Array.from({ length: 30 }, (_, index) =>
      row(1 + ((index * seed * 7) % 11), 1 + ((index * index * seed) % 13)),
    );
    const better = (a: ArmRow, b: ArmRow) => {
      const [x, y] = [a.latencyS!.p99.mean, b.latencyS!.p99.mean];
      return a.usdPerHour! <= b.usdPerHour! && x <= y && (a.usdPerHour! < b.usdPerHour! || x < y);
    };
    const expected = rows.filter((one) => !rows.some((other) => better(other, one)));
    const distinct = new Set(
      expected.map(({ usdPerHour, latencyS }) => `${usdPerHour} ${latencyS!.p99.mean}`),
    );
    const { frontier, cheapest, fastest } = summaryOf(rows);
    assert.equal(
      new Set(frontier.map((pick) => `${pick.row.usdPerHour} ${pick.row.latencyS!.p99.mean}`)),
      distinct,
    );
    assert.is(frontier.length, distinct.size);
    assert.is(cheapest?.row.usdPerHour, Math.min(...rows.map(({ usdPerHour }) => usdPerHour!)));
    assert.is(fastest?.row.latencyS?.p99.mean, Math.min(...rows.map(({ latencyS }) => latencyS!.p99.mean)));
  }
});

summaries('count as feasible what surely meets the SLA; without one, what is not saturated', () => {
  const rows = [
    row(1, 1),
    row(1, 2, { slaMet: 'uncertain' }),
    row(1, 3, { slaMet: 'no', verdict: 'SATURATED' }),
    row(1, 4, { dominated: true }),
    { arm: 'big', verdict: 'DOES NOT FIT' as const, reason: 'too big', dominated: false, replications: 0 },
  ];
  const { feasible, dominated, verdicts, examples, frontier } = summaryOf(rows);
  assert.equal([feasible, dominated], [2, 1]);
  assert.equal(
    frontier.map(({ point }) => point),
    [0],
  );
  assert.equal(verdicts, { STABLE: 3, SATURATED: 1, 'DOES NOT FIT': 1 });
  assert.equal(examples, [{ verdict: 'DOES NOT FIT', reason: 'too big', point: 4 }]);
  assert.is(summaryOf(rows, false).feasible, 3);
});

summaries.run();
