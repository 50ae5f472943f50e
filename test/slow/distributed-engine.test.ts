// time-limit: 300 s
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../foundation/files.ts';
import type { PointResult, PointTask } from '../../sim/sweep-result.ts';
import { bullmqEngine } from '../../sweep/engines/bullmq.ts';
import { type ServiceOptions, servePoints } from '../../sweep/engines/bullmq-service.ts';
import { parseRedisUrl } from '../../sweep/redis-address.ts';
import { echo, echoBundle, rowsOf } from '../sweep/echo-engine.ts';
import { hasRedis, RedisServer } from '../sweep/redis-server.ts';

const engine = suite('sweep over Redis: engine');
if (!hasRedis) console.log('skipped: redis-server is not installed');
const test = hasRedis ? engine : engine.skip;
const server = hasRedis ? await RedisServer.start() : undefined;
engine.after(() => server?.stop());

const addressOf = (database: number) => parseRedisUrl(server!.url(database), '--redis');
const pointAt = (index: number): PointTask => ({ index, key: `${index}`, values: [index] });

async function* points(count: number, at = pointAt, onTaken = () => {}): AsyncGenerator<PointTask> {
  for (let index = 0; index < count; index++) {
    onTaken();
    yield at(index);
  }
}

/** A worker in this process, until the body is done. */
async function withWorker<Answer>(
  database: number,
  options: Partial<ServiceOptions>,
  body: (said: string[]) => Promise<Answer>,
): Promise<Answer> {
  const stopping = new AbortController();
  const said: string[] = [];
  const service = servePoints(addressOf(database), {
    makeEngine: () => echo(),
    product: echoBundle.product,
    threads: 2,
    lostAfterS: 1,
    graceS: 1,
    signal: stopping.signal,
    notice: (text) => said.push(text),
    ...options,
  });
  try {
    const failure = service.then(() => new Promise<never>(() => {}));
    return await Promise.race([body(said), failure]);
  } finally {
    stopping.abort();
    await service;
  }
}

function sweep(database: number, tasks: AsyncIterable<PointTask>, notice = (_: string) => {}) {
  return bullmqEngine(addressOf(database), notice).run(echoBundle, tasks, {
    signal: new AbortController().signal,
  });
}

async function all(results: AsyncIterable<PointResult>): Promise<PointResult[]> {
  const list = [];
  for await (const result of results) list.push(result);
  return list.sort((a, b) => a.index - b.index);
}

const expected = (count: number, at = pointAt) =>
  Array.from({ length: count }, (_, index) => ({ ...at(index), rows: rowsOf(at(index)) }));

/** Starts at once, beside others that mostly wait; the test waits for its end. */
function start(body: () => Promise<void>): () => Promise<void> {
  const run = hasRedis ? body() : Promise.resolve();
  run.catch(() => {});
  return () => run;
}

test('gives each point its rows once, and leaves nothing in Redis', async () => {
  const results = await withWorker(1, {}, () => all(sweep(1, points(300))));
  assert.equal(results, expected(300));
  assert.equal(await server!.ask(1, (redis) => redis.keys('*')), []);
});

test('points that are alike share an evaluation, and each has its rows', async () => {
  const alike = (index: number): PointTask => ({ index, key: `${index % 7}`, values: [index % 7] });
  let evaluations = 0;
  const makeEngine = () => echo({ onPoint: () => evaluations++ });
  const results = await withWorker(2, { makeEngine }, () => all(sweep(2, points(70, alike))));
  assert.equal(results, expected(70, alike));
  assert.is(evaluations, 7);
});

test('takes points no faster than they are worked off', async () => {
  let taken = 0;
  let done = 0;
  let mostAhead = 0;
  const source = points(2500, pointAt, () => taken++);
  await withWorker(3, { threads: 8 }, async () => {
    for await (const _ of sweep(3, source)) {
      done++;
      mostAhead = Math.max(mostAhead, taken - done);
    }
  });
  assert.is(done, 2500);
  assert.ok(mostAhead <= 1200, `${mostAhead} points at a time`);
});

test('what is finished in Redis is not computed again, what was read is not counted again', async () => {
  const evaluated: number[] = [];
  const makeEngine = () => echo({ onPoint: ({ index }) => evaluated.push(index), perPointMs: 1 });
  await withWorker(4, { makeEngine }, async () => {
    const read = new Map<number, PointResult>();
    for await (const result of sweep(4, points(100))) {
      read.set(result.index, result);
      if (read.size === 30) break;
    }
    // The worker goes on with what stands in the queue, while nobody reads.
    while (evaluated.length < 100) await setTimeout(20);
    async function* rest() {
      for await (const task of points(100)) if (!read.has(task.index)) yield task;
    }
    for (const result of await all(sweep(4, rest()))) {
      assert.not(read.has(result.index));
      read.set(result.index, result);
    }
    assert.is(read.size, 100);
  });
  assert.is(evaluated.length, 100);
  assert.equal(await server!.ask(4, (redis) => redis.keys('*')), []);
});

const twoAtATime = start(async () => {
  await withWorker(5, {}, async () => {
    let second: Promise<unknown> = Promise.resolve();
    const source = points(3);
    for await (const { index } of sweep(5, source)) {
      if (index > 0) continue;
      second = all(sweep(5, points(3))).catch((error: Error) => error.message);
      assert.match(String(await second), /is under way already, run by .* process \d+/);
    }
  });
});
test('two of the same sweep do not run at a time', twoAtATime);

const sideBySide = start(async () => {
  // One scenario and its fields, sampled in two ways.
  const other = { ...echoBundle, sweep: 'another-sample' };
  const shifted = (index: number) => pointAt(index + 20);
  await withWorker(9, { makeEngine: () => echo({ perPointMs: 2 }) }, async () => {
    const { signal } = new AbortController();
    const both = await Promise.all([
      all(sweep(9, points(40))),
      all(bullmqEngine(addressOf(9), () => {}).run(other, points(40, shifted), { signal })),
    ]);
    assert.equal(both, [expected(40), expected(40, shifted)]);
  });
});
test('two samples of one scenario run side by side', sideBySide);

const forgotten = start(async () => {
  await withWorker(8, { makeEngine: () => echo({ perPointMs: 10 }) }, async () => {
    const results: PointResult[] = [];
    for await (const result of sweep(8, points(200))) {
      results.push(result);
      if (results.length === 10) await server!.ask(8, (redis) => redis.flushdb());
    }
    assert.equal(
      results.sort((a, b) => a.index - b.index),
      expected(200),
    );
  });
});
test('a server that forgot everything is told again', forgotten);

const otherVersion = start(async () => {
  const told: string[] = [];
  const stopping = new AbortController();
  const results = withWorker(6, { product: '0.0.9', idleS: 3 }, async (said) => {
    while (!told.some((text) => text.includes('refuses'))) await setTimeout(50);
    assert.match(said.join('\n'), /refuses sweep \S+: it needs rankfleet 1\.2\.3, this is 0\.0\.9/);
    stopping.abort();
  });
  const run = bullmqEngine(addressOf(6), (text) => told.push(text)).run(echoBundle, points(5), {
    signal: stopping.signal,
  });
  assert.equal(await all(run), []);
  await results;
  assert.match(
    told.join('\n'),
    /worker \S+ refuses sweep \S+: it is rankfleet 0\.0\.9, the sweep needs 1\.2\.3/,
  );
});
test('a worker of another version refuses, and both sides say so', otherVersion);

const poison = start(async () => {
  const script = join(packageRoot, 'test/sweep/poisoned-worker.ts');
  let isOver = false;
  let deaths = 0;
  const workers = (async () => {
    while (!isOver) {
      const child = spawn(process.execPath, ['--import', 'tsx', script, server!.url(7)], { stdio: 'ignore' });
      const [code] = await once(child, 'exit');
      if (code === 9) deaths++;
    }
  })();
  const results = await all(sweep(7, points(12))).finally(() => {
    isOver = true;
  });
  await workers;
  const [failed] = results.filter(({ rows }) => rows[0].verdict === 'FAILED');
  assert.is(failed.index, 5);
  assert.match(failed.rows[0].reason, /ended its worker 5 times/);
  assert.equal(
    results.filter(({ index }) => index !== 5),
    expected(12).filter(({ index }) => index !== 5),
  );
  assert.is(deaths, 6);
});
test('a point that ends its worker again and again is a row with that; those beside it are not', poison);

test('a server that refuses says why', async () => {
  const locked = await RedisServer.start('--requirepass', 'right');
  const refusal = (url: string) =>
    all(
      bullmqEngine(parseRedisUrl(url, '--redis'), () => {}).run(echoBundle, points(1), {
        signal: new AbortController().signal,
      }),
    ).then(
      () => 'no error',
      ({ message }: Error) => message,
    );
  try {
    assert.match(await refusal(locked.url()), /asks for a password/);
    const wrong = await refusal(locked.url().replace('//', '//:very-wrong@'));
    assert.match(wrong, /refuses the password/);
    assert.not.match(wrong, /very-wrong/);
    assert.match(await refusal(locked.url(99).replace('//', '//:right@')), /has no such database/);
  } finally {
    locked.stop();
  }
  assert.match(await refusal('redis://127.0.0.1:1'), /cannot be reached: connect ECONNREFUSED/);
});

engine.run();
