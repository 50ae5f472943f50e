// time-limit: 300 s
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { shard } from '../../cli/option-values.ts';
import { type SweepOptions, sweep } from '../../cli/sweep.ts';
import { InputError } from '../../foundation/problem.ts';
import { program, rankfleet } from '../cli/program.ts';
import { Folder } from '../scenarios/folder.ts';
import { gridSweep, smallSweep } from '../sweep/designs.ts';

const folder = new Folder();
const cwd = folder.path;

/** Long enough that a process can be ended in the middle. */
folder.write(
  'long.yaml',
  smallSweep(`  method: latin-hypercube
  points: 40
  fields:
    load.arrivals.rate: { from: 10 QPS, to: 100 QPS }
    sharding.shards: [1, 2]
`).replace('requests: 60', 'requests: 400\nsla: { percentile: p50, latency: 1 s }'),
);
folder.write('grid.yaml', gridSweep);

const run = (...args: string[]) => rankfleet(args, { cwd });
const results = (name: string) => readFileSync(join(cwd, name, 'results.ndjson'), 'utf8');
const linesIn = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0);

/** Runs a sweep and ends it once some points are done; gives the exit code or the signal, and what it told. */
async function ended(args: string[], file: string, signal: NodeJS.Signals) {
  const child = spawn(process.execPath, [program, ...args], { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  let told = '';
  child.stderr.on('data', (text) => {
    told += text;
  });
  const end = new Promise<{ by: number | NodeJS.Signals | null; told: string }>((resolve) =>
    child.on('close', (code, by) => resolve({ by: code ?? by, told })),
  );
  while (linesIn(join(cwd, file)) < 3 && child.exitCode === null) await setTimeout(10);
  child.kill(signal);
  return end;
}

/** Runs a command beside others. */
function over(args: string[]): Promise<unknown> {
  const child = spawn(process.execPath, [program, ...args], { cwd, stdio: 'ignore' });
  return new Promise((resolve) => child.on('close', resolve));
}

const sweeps = suite('rankfleet sweep');

sweeps(
  'gives the same bytes by one thread or two, ended in the middle or not, whole or in shards',
  async () => {
    const args = ['sweep', 'long.yaml', '--format', 'ndjson', '--out'];
    assert.is(run(...args, 'one', '--workers', '1').status, 0);
    assert.is(results('one').split('\n').length, 41);

    const killed = await ended([...args, 'killed', '--workers', '2'], 'killed/points.ndjson', 'SIGKILL');
    assert.is(killed.by, 'SIGKILL');
    const kept = linesIn(join(cwd, 'killed/points.ndjson'));
    assert.ok(kept >= 3 && kept < 40, `${kept} points were done`);
    assert.is(run(...args, 'killed', '--resume').status, 0);
    // What was done was not done again.
    assert.is(linesIn(join(cwd, 'killed/points.ndjson')), 40);
    assert.is(results('killed'), results('one'));

    const stopped = await ended([...args, 'stopped'], 'stopped/points.ndjson', 'SIGINT');
    assert.is(stopped.by, 130);
    assert.match(stopped.told, /SIGINT: \d+ of 40 points of long\.yaml are kept in stopped; .*--resume/);
    assert.ok(!existsSync(join(cwd, 'stopped/results.ndjson')));
    assert.is(run(...args, 'stopped', '--resume').status, 0);
    assert.is(results('stopped'), results('one'));

    const last = run(...args, 'shards', '--shard', '2/3');
    assert.is(last.status, 0);
    assert.match(last.stdout, /Shard 2 of 3 is complete\. 13 of 40 points/);
    const early = run(...args, 'shards', '--merge');
    assert.is(early.status, 1);
    assert.match(early.stderr, /13 of 40 points are in shards; 27 are missing/);
    // Whichever of two shards ends last finds all points there.
    await Promise.all(['0/3', '1/3'].map((shard) => over([...args, 'shards', '--shard', shard])));
    assert.is(results('shards'), results('one'));
  },
);

sweeps('keeps what a folder has, unless it is told to go on with the same sweep', () => {
  assert.is(run('sweep', 'grid.yaml', '--out', 'kept', '--format', 'csv').status, 0);
  const before = readFileSync(join(cwd, 'kept/results.csv'), 'utf8');
  const again = run('sweep', 'grid.yaml', '--out', 'kept');
  assert.is(again.status, 2);
  assert.match(again.stderr, /kept already holds this sweep: add --resume/);
  const other = run('sweep', 'grid.yaml', '--out', 'kept', '--resume', '--seed', '5');
  assert.is(other.status, 2);
  assert.match(other.stderr, /kept holds another sweep, of another scenario, or with other options/);
  assert.is(readFileSync(join(cwd, 'kept/results.csv'), 'utf8'), before);
  assert.is(run('sweep', 'grid.yaml', '--out', 'kept', '--resume', '--format', 'csv').status, 0);
  assert.is(readFileSync(join(cwd, 'kept/results.csv'), 'utf8'), before);
});

sweeps('a device that takes only a part of the results is told, and nothing half is left', () => {
  const [node, main] = [process.execPath, program].map((path) => `'${path}'`);
  const limited = `ulimit -f 4; exec ${node} ${main} sweep grid.yaml --out kept --resume --format ndjson`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', limited], { cwd, encoding: 'utf8' });
  assert.is(status, 1, stderr);
  assert.is(stdout, '');
  assert.match(stderr, /results\.ndjson\S* cannot be written: .*; all points are kept in kept, and --resume/);
  assert.equal(readdirSync(join(cwd, 'kept')).sort(), ['points.ndjson', 'results.csv', 'sweep.json']);
});

sweeps('writes nothing where the scenario is wrong', () => {
  folder.write('wrong.yaml', gridSweep.replace('sharding.shards', 'sharding.shard'));
  const { status, stderr } = run('sweep', 'wrong.yaml', '--out', 'nothing');
  assert.is(status, 2);
  assert.match(stderr, /wrong\.yaml:14:\d+: .*unknown key 'shard'/);
  assert.ok(!existsSync(join(cwd, 'nothing')));
});

sweeps('refuses options that contradict each other, or are none', async () => {
  const out = join(cwd, 'nothing');
  const refused: [options: Partial<SweepOptions>, message: RegExp][] = [
    [{ redis: 'redis://x' }, /--redis needs --engine bullmq/],
    [{ engine: 'bullmq', redis: 'redis://x', workers: 2 }, /--workers are threads of --engine local/],
    [{ merge: true, shard: { index: 0, of: 2 } }, /leave --shard out/],
    [{ merge: true }, /nothing holds no sweep/],
  ];
  for (const [options, message] of refused) {
    const given = { engine: 'local', earlyStop: true, out, ...options } as const;
    const error = await sweep(join(cwd, 'grid.yaml'), given).catch((problem) => problem);
    assert.instance(error, InputError);
    assert.match(error.message, message);
  }
  assert.ok(!existsSync(out));
  for (const text of ['3/3', '0/0', '-1/2', '1', '0/1000000'])
    assert.throws(() => shard(text), /expected i\/n/);
  const { status, stderr } = run('sweep', 'grid.yaml', '--format', 'xls');
  assert.is(status, 2);
  assert.match(stderr, /expected duckdb, parquet, csv or ndjson/);
});

sweeps('says what is best, and exits with 3 where nothing is feasible', () => {
  folder.write(
    'goal.yaml',
    `sla: { percentile: p50, latency: 1 s }\n${gridSweep.replace('requests: 60', 'requests: 600')}`,
  );
  const { status, stdout } = run('sweep', 'goal.yaml', '--json');
  assert.is(status, 0);
  const { summary, results: file, folder: out } = JSON.parse(stdout);
  assert.is(out, 'goal-sweep');
  assert.ok(existsSync(join(cwd, file)));
  assert.equal([summary.points, summary.rows, summary.feasible], [6, 6, 6]);
  assert.is(summary.cheapest.point, summary.frontier[0].point);
  assert.is(summary.fastest.point, summary.frontier.at(-1).point);
  folder.write('hopeless.yaml', `sla: { latency: 1 us }\n${gridSweep}`);
  assert.is(run('sweep', 'hopeless.yaml').status, 3);
});

sweeps.run();

const queries = suite('rankfleet query');

queries('answers in a table, JSON and CSV', () => {
  const sql = 'SELECT point, load_arrivals_rate_qps AS qps, p99_s FROM points ORDER BY point DESC LIMIT 1';
  const [row] = JSON.parse(run('query', 'kept', sql, '--json').stdout);
  assert.equal([row.point, row.qps], [5, 40]);
  assert.is(run('query', 'kept', sql, '--csv').stdout, `point,qps,p99_s\n5,40,${row.p99_s}\n`);
  assert.match(run('query', 'kept', 'SELECT count(*) AS n FROM points').stdout, /^n\n─\n6\n$/);
  const { status, stderr, stdout } = run('query', 'kept', 'SELECT nope FROM points');
  assert.equal([status, stdout], [2, '']);
  assert.match(stderr, /nope/);
});

queries('without DuckDB: CSV is written, and the way to SQL is told', () => {
  const hook =
    'export async function resolve(s, c, n) { if (s.startsWith("@duckdb")) throw new Error("none"); return n(s, c); }';
  const register = `import { register } from "node:module"; register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hook)}`)});`;
  const module = join(cwd, 'no-duckdb.mjs');
  writeFileSync(module, register);
  const env = { NODE_OPTIONS: `--import ${module}` };
  const plain = rankfleet(['sweep', 'grid.yaml', '--out', 'plain'], { cwd, env });
  assert.is(plain.status, 0, plain.stderr);
  assert.equal(readFileSync(join(cwd, 'plain/results.csv')), readFileSync(join(cwd, 'kept/results.csv')));
  const { status, stderr } = rankfleet(['query', 'plain', 'SELECT 1'], { cwd, env });
  assert.is(status, 1);
  assert.match(stderr, /npm install @duckdb\/node-api; the rows are in plain\/results\.csv/);
});

queries.after(() => folder.remove());

queries.run();
