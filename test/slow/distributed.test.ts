// time-limit: 300 s
// Many processes of the command are started, which takes a while where others work.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../foundation/files.ts';
import { program, rankfleet } from '../cli/program.ts';
import { Folder, smallScenario } from '../scenarios/folder.ts';
import { hasRedis, RedisServer } from '../sweep/redis-server.ts';

const distributed = suite('rankfleet sweep --engine bullmq, rankfleet worker');
if (!hasRedis) console.log('skipped: redis-server is not installed');
const test = hasRedis ? distributed : distributed.skip;
const server = hasRedis ? await RedisServer.start() : undefined;
const folder = new Folder();
const started = new Set<Run>();
distributed.after(() => {
  for (const { child } of started) child.kill('SIGKILL');
  server?.stop();
  folder.remove();
});

/** 40 points that take long enough to be in the middle of them. */
folder.write(
  'swept.yaml',
  `${smallScenario.replace('requests: 40', 'requests: 600')}sweep:
  fields:
    serving.batch_size: [8, 16, 32, 64]
    load.arrivals.rate: { from: 10 QPS, to: 100 QPS, count: 10 }
`,
);
const points = 40;

interface Run {
  child: ChildProcess;
  stderr: string;
  /** Exit code, or the signal that ended it. */
  ended: Promise<number | string>;
}

function run(...args: string[]): Run {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder.path,
    env: { PATH: process.env.PATH ?? '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const result: Run = {
    child,
    stderr: '',
    ended: once(child, 'close').then(([code, signal]) => code ?? signal),
  };
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    result.stderr += text;
  });
  started.add(result);
  return result;
}

const worker = (database: number, ...more: string[]) =>
  run('worker', '--redis', server!.url(database), '--concurrency', '1', '--lost-after', '1s', ...more);

const distributedSweep = (database: number, out: string, ...more: string[]) =>
  run(
    ...['sweep', 'swept.yaml', '--out', out, '--format', 'ndjson'],
    ...['--engine', 'bullmq', '--redis', server!.url(database), ...more],
  );

/** Points that the journal of a sweep holds, as their indices stand there. */
function journaled(out: string): number[] {
  const file = join(folder.path, out, 'points.ndjson');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line).index);
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  for (let waited = 0; !isSo(); waited++) {
    assert.ok(waited < 9000, `waited for ever: ${what}`);
    await setTimeout(10);
  }
}

const results = (out: string) => readFileSync(join(folder.path, out, 'results.ndjson'), 'utf8');

/** The same sweep in a single process, computed once. */
let alone: string | undefined;
function inOneProcess(): string {
  if (alone === undefined) {
    const { status, stderr } = rankfleet(
      ['sweep', 'swept.yaml', '--out', 'alone', '--format', 'ndjson', '--workers', '1'],
      { cwd: folder.path },
    );
    assert.is(status, 0, stderr);
    alone = results('alone');
    assert.is(journaled('alone').length, points);
  }
  return alone;
}

function assertSame(out: string): void {
  assert.equal(
    [...journaled(out)].sort((a, b) => a - b),
    Array.from({ length: points }, (_, i) => i),
  );
  assert.ok(results(out) === inOneProcess(), 'results differ from those of a single process');
}

/** Ends a worker that has heard of the end of its sweep. */
async function released(worker: Run): Promise<void> {
  await until(() => /is finished/.test(worker.stderr), 'the end of the sweep');
  worker.child.kill('SIGTERM');
  assert.is(await worker.ended, 0, worker.stderr);
}

/** Halts the first of two workers while it has a point in hand: each holds the lock of one then. */
async function stopWithPoint(first: Run, database: number): Promise<void> {
  const locks = () => server!.ask(database, (redis) => redis.keys('*:lock'));
  for (let tries = 0; tries < 100; tries++) {
    first.child.kill('SIGSTOP');
    for (let looks = 0; looks < 10; looks++) {
      if ((await locks()).length === 2) return;
      await setTimeout(10);
    }
    first.child.kill('SIGCONT');
    await setTimeout(20);
  }
  throw new Error('waited for ever: a worker with a point in hand');
}

/** Starts at once, beside others that mostly wait; the test waits for its end. */
function start(body: () => Promise<void>): () => Promise<void> {
  const going = hasRedis ? body() : Promise.resolve();
  going.catch(() => {});
  return () => going;
}

const killedWorker = start(async () => {
  const sweep = distributedSweep(1, 'killed-worker');
  const [first, second] = [worker(1), worker(1)];
  await until(() => journaled('killed-worker').length >= 3 && /serving/.test(second.stderr), 'some points');
  await stopWithPoint(first, 1);
  first.child.kill('SIGKILL');
  assert.is(await first.ended, 'SIGKILL');
  // It gives back or finishes what it has in hand, and a third one goes on.
  await until(
    () => /took point-\S+ back/.test(second.stderr) || journaled('killed-worker').length > 30,
    'recovery',
  );
  second.child.kill('SIGTERM');
  assert.is(await second.ended, 0, second.stderr);
  assert.match(second.stderr, /SIGTERM: takes no more points/);
  const third = worker(1);
  assert.is(await sweep.ended, 0, sweep.stderr);
  await released(third);
  assert.match(first.stderr + second.stderr + third.stderr, /took point-\S+ back from a worker/);
  assert.equal(await server!.ask(1, (redis) => redis.keys('*')), []);
});

const killedCoordinator = start(async () => {
  const only = worker(2);
  const sweep = distributedSweep(2, 'killed-coordinator');
  await until(() => journaled('killed-coordinator').length >= 3, 'some points');
  sweep.child.kill('SIGKILL');
  assert.is(await sweep.ended, 'SIGKILL');
  const before = journaled('killed-coordinator').length;
  assert.ok(before < points, 'killed in the middle');
  const again = distributedSweep(2, 'killed-coordinator', '--resume');
  assert.is(await again.ended, 0, again.stderr);
  await released(only);
  // Neither what was in the journal nor what waited in Redis was computed again.
  assert.match(only.stderr, new RegExp(`; ${points} points done`));
  assert.equal(await server!.ask(2, (redis) => redis.keys('*')), []);
});

const otherVersion = start(async () => {
  const notice = JSON.stringify({ name: 'newer', product: '99.0.0' });
  await server!.ask(3, (redis) => redis.hset('rankfleet:sweeps', 'abcdef0123456789', notice));
  const old = worker(3, '--exit-when-idle', '1s');
  assert.is(await old.ended, 1);
  assert.match(old.stderr, /refuses sweep abcdef01: it needs rankfleet 99\.0\.0, this is \d/);
});

const stopped = start(async () => {
  const sweep = distributedSweep(4, 'stopped');
  await until(() => /no worker has served sweep/.test(sweep.stderr), 'a word on missing workers');
  assert.match(sweep.stderr, /start some.*rankfleet worker --redis redis:\/\/127/);
  sweep.child.kill('SIGINT');
  assert.is(await sweep.ended, 130, sweep.stderr);
});

test('a worker killed in the middle loses nothing, one that is asked to end gives back', killedWorker);
test('the bytes are those of a single process, after a killed worker', () => assertSame('killed-worker'));
test('a killed coordinator goes on where it was', killedCoordinator);
test('the bytes are those of a single process, after a killed coordinator', () =>
  assertSame('killed-coordinator'));
test('a worker of another version refuses visibly', otherVersion);
test('a sweep without workers says so, and can be stopped', stopped);

distributed('what cannot work is said at once', () => {
  const cases: [args: string[], status: number, message: RegExp][] = [
    [
      ['worker', '--redis', 'redis://127.0.0.1:1'],
      1,
      /Redis at redis:\/\/127\.0\.0\.1:1 cannot be reached: .*ECONNREFUSED/,
    ],
    [
      ['sweep', 'swept.yaml', '--engine', 'bullmq', '--redis', 'redis://127.0.0.1:1', '--out', 'none'],
      1,
      /cannot be reached/,
    ],
    [
      ['worker', '--redis', 'http://:secret@somewhere'],
      2,
      /--redis http:\/\/…@somewhere: is no URL of a Redis server; expected redis:/,
    ],
    [['worker', '--redis', 'redis://somewhere:6379/first'], 2, /'first' is no number of a database/],
    [['worker'], 2, /which Redis\?/],
    [['sweep', 'swept.yaml', '--engine', 'bullmq', '--out', 'none'], 2, /which Redis\?/],
    [['sweep', 'swept.yaml', '--redis', 'redis://somewhere', '--out', 'none'], 2, /--engine bullmq/],
    [['worker', '--redis', 'redis://somewhere', '--lost-after', '10'], 2, /--lost-after: expected a time/],
    [['worker', '--redis', 'redis://somewhere', '--lost-after', '1ms'], 2, /--lost-after 1ms: expected/],
  ];
  for (const [args, status, message] of cases) {
    const answer = rankfleet(args, { cwd: folder.path });
    assert.is(answer.status, status, `${args.join(' ')}\n${answer.stderr}`);
    assert.match(answer.stderr, message);
    assert.not.match(answer.stderr, /secret|\n {4}at /);
  }
});

distributed('without its packages it says how to install them', () => {
  const copy = join(folder.path, 'copy');
  cpSync(join(packageRoot, 'dist'), join(copy, 'dist'), { recursive: true });
  cpSync(join(packageRoot, 'package.json'), join(copy, 'package.json'));
  mkdirSync(join(copy, 'node_modules'));
  for (const name of readdirSync(join(packageRoot, 'node_modules'))) {
    if (name !== 'bullmq')
      symlinkSync(join(packageRoot, 'node_modules', name), join(copy, 'node_modules', name));
  }
  const answer = spawnSync(
    process.execPath,
    [join(copy, 'dist/cli/main.js'), 'worker', '--redis', 'redis://127.0.0.1:1'],
    {
      encoding: 'utf8',
    },
  );
  assert.is(answer.status, 1);
  assert.match(answer.stderr, /npm install bullmq ioredis/);
});

distributed.run();
