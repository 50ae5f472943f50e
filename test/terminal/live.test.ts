import { setTimeout } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LiveFeed, secondsLeft } from '../../cli/live-feed.ts';
import { runJobs } from '../../cli/run-jobs.ts';
import { TaskPool } from '../../cli/task-pool.ts';
import type { Snapshot } from '../../reports/terminal/feed.ts';
import { jobsOf, outcomesByArm, planScenario, runScenario } from '../../sim/run.ts';
import type { ReplicationOutcome } from '../../sim/serving/replication.ts';
import { simulateReplication } from '../../sim/serving/replication.ts';
import { summarise } from '../../sim/summarise.ts';
import { byReplication, summariseSoFar } from '../../sim/summarise-so-far.ts';
import { scenarioOf } from '../serving/scenarios.ts';

const live = suite('terminal: what is simulated so far');

/** Three arms, one of which does not fit; `rest` may change the hosts to measured ones. */
const scenarioWith = (rest = '') =>
  scenarioOf(`
model: tiny
load: { arrivals: { kind: poisson, rate: 200 QPS }, candidates: { kind: fixed, value: 100 }, requests: 200 }
baseline: alone
replications: 3
${rest}
arms:
  - { name: alone, sharding: { strategy: singular } }
  - { name: split, sharding: { strategy: capacity-balanced, shards: 2 } }
  - { name: too large, model: drm1-like, fleet: { main: { host: sc-small } }, sharding: { strategy: singular } }
`);

live('jobs go replication by replication, and the result is the same, byte for byte', async () => {
  for (const rest of ['', 'fleet: { main: { host: h200x8 } }']) {
    const scenario = await scenarioWith(rest);
    const planned = await planScenario(scenario);
    const jobs = byReplication(jobsOf(scenario, planned));
    assert.equal(
      [...jobs].map(({ key }) => key.replication).sort(),
      jobs.map(({ key }) => key.replication),
    );
    const seen: number[] = [];
    const outcomes = await runJobs(jobs, { onDone: (_, index) => seen.push(index) });
    assert.equal(
      seen,
      jobs.map((_, index) => index),
    );
    const result = summarise(scenario, planned, outcomesByArm(planned, jobs, outcomes), 'test');
    assert.is(JSON.stringify(result), JSON.stringify(await runScenario(scenario, 'test')));
    const whole = summariseSoFar(scenario, planned, jobs, outcomes, 'test');
    assert.is(JSON.stringify(whole), JSON.stringify(result), 'all of it, so far, is all of it');
  }
});

live('arms have figures as far as they and the baseline are done, without a gap', async () => {
  const scenario = await scenarioWith();
  const planned = await planScenario(scenario);
  const jobs = byReplication(jobsOf(scenario, planned));
  const done = (...wanted: [arm: number, replication: number][]) => {
    const outcomes = jobs.map((job): ReplicationOutcome | undefined =>
      wanted.some(([arm, replication]) => job.arm === arm && job.key.replication === replication)
        ? simulateReplication(job.plan, job.key)
        : undefined,
    );
    const { arms } = summariseSoFar(scenario, planned, jobs, outcomes, 'test');
    return arms.map(({ measured, verdict }) => [measured?.replications ?? 0, verdict.state]);
  };
  const waiting = [0, 'UNDER-SAMPLED'];
  const misfit = [0, 'DOES NOT FIT'];
  assert.equal(done(), [waiting, waiting, misfit]);
  assert.equal(done([1, 0]), [waiting, [1, 'UNDER-SAMPLED'], misfit]);
  assert.equal(done([0, 0], [1, 0], [1, 1], [1, 2]), [[1, 'UNDER-SAMPLED'], [1, 'UNDER-SAMPLED'], misfit]);
  assert.equal(done([0, 0], [0, 2], [1, 0]), [[1, 'UNDER-SAMPLED'], [1, 'UNDER-SAMPLED'], misfit]);
  const two = done([0, 0], [0, 1], [1, 0], [1, 1]);
  assert.equal([two[0][0], two[1][0]], [2, 2]);
});

live('a part is the result of fewer replications', async () => {
  const scenario = await scenarioWith();
  const planned = await planScenario(scenario);
  const jobs = byReplication(jobsOf(scenario, planned));
  const outcomes = jobs.map(({ plan, key }) =>
    key.replication < 2 ? simulateReplication(plan, key) : undefined,
  );
  const part = summariseSoFar(scenario, planned, jobs, outcomes, 'test');
  const fewer = { ...scenario, settings: { ...scenario.settings, replications: 2 } };
  assert.equal(part.arms, (await runScenario(fewer, 'test')).arms);
});

live('answers of a pool stand in the order of their tasks, each told with its position', async () => {
  const told: [number, number][] = [];
  const pool = new TaskPool<number, number>({
    here: (task) => task * task,
    onDone: (answer, index) => told.push([answer, index]),
  });
  assert.equal(await pool.run([3, 1, 2]), [9, 1, 4]);
  assert.equal(told, [
    [9, 0],
    [1, 1],
    [4, 2],
  ]);
  await pool.close();
});

live('snapshots are made now and then, and the last one is shown at once', async () => {
  let made = 0;
  const snapshot = (total: number) => ({ run: { total } }) as unknown as Snapshot;
  const feed = new LiveFeed(() => snapshot(++made));
  let shown = 0;
  const leave = feed.subscribe(() => shown++);
  for (let step = 0; step < 1000; step++) feed.changed();
  assert.is(made, 1, 'none at once');
  await setTimeout(400);
  assert.is(made, 2, 'one for all that changed meanwhile');
  assert.is(feed.current().run!.total, 2);
  feed.changed();
  feed.finish(snapshot(99));
  assert.is(feed.current().run!.total, 99);
  await setTimeout(200);
  assert.is(feed.current().run!.total, 99, 'nothing comes after the last one');
  assert.is(shown, 2);
  leave();
});

live('the time left follows from the pace', () => {
  assert.is(secondsLeft(performance.now(), 0, 10), undefined);
  const left = secondsLeft(performance.now() - 3000, 3, 10)!;
  assert.ok(Math.abs(left - 7) < 0.5);
});

live.run();
