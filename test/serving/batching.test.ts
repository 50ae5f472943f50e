import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { at, components } from '../../sim/serving/components.ts';
import { planArm } from '../../sim/serving/plan.ts';
import { simulateReplication } from '../../sim/serving/replication.ts';
import { answer, armOf, near, scenarioOf, simulate, sum, tiny, use } from './scenarios.ts';

fc.configureGlobal({ includeErrorInReport: true });

interface Case {
  rate: number;
  candidates?: string;
  requests?: number;
  serving?: string;
  fleet?: string;
  more?: string;
}

/** An open load on one GPU that holds the tables of the tiny model. */
const gpu = ({
  rate,
  candidates = '{kind: fixed, value: 100}',
  requests = 2000,
  serving = '',
  fleet = 'accelerators_used: 1',
  more = '',
}: Case) =>
  tiny(`
load: {arrivals: {kind: poisson, rate: ${rate} /s}, candidates: ${candidates}, requests: ${requests}, warm_up: 0 %}
serving: {batch_size: whole-request, tables_on: accelerator${serving}}
fleet: {main: {host: h100x8, ${fleet}}}
sharding: {strategy: singular}
${more}`);

const batching = (most: number, wait = '0 s') =>
  `, dynamic_batching: {max_candidates: ${most}, max_wait: ${wait}}`;

const served = suite('serving: dynamic batching');

served('with max_wait at light load, latency is the wait and the time of a lone request', async () => {
  const alone = (await simulate(gpu({ rate: 1, requests: 30 }))).outcome;
  const waiting = (await simulate(gpu({ rate: 1, requests: 30, serving: batching(5000, '3 ms') }))).outcome;
  near(waiting.mean, alone.mean + 3e-3, 1e-6);
  near(waiting.typical[at.batching], 3e-3, 1e-9);
  assert.is(alone.typical[at.batching], 0);
});

served('without it nobody waits at light load, and batches grow with the load', async () => {
  const merged = async (rate: number) => (await simulate(gpu({ rate, serving: batching(20_000) }))).outcome;
  const [light, heavy] = [await merged(1), await merged(1e6)];
  near(light.mean, (await simulate(gpu({ rate: 1 }))).outcome.mean, 1e-9);
  // What a batch costs once is shared by its requests.
  assert.ok(heavy.acceleratorS < 0.5 * light.acceleratorS);
  assert.ok(sum(heavy.cpuS) < 0.1 * sum(light.cpuS));
});

served('full batches at overload: capacity is their size over their time', async () => {
  const { outcome } = await simulate(
    gpu({ rate: 1e7, requests: 20_000, serving: `${batching(10_000)}, streams: 4` }),
  );
  // A hundred requests to a batch: the accelerator is the bottleneck, always busy.
  near(outcome.throughputPerS, 1 / outcome.acceleratorS, 0.02);
  assert.ok(use(outcome, 'main', 'accelerators') > 0.97);
});

served('ρ is that of full batches: it passes 1 where batches cannot grow further', async () => {
  const serving = `${batching(10_000)}, streams: 4`;
  const capacity = (await simulate(gpu({ rate: 1e7, requests: 20_000, serving }))).outcome.throughputPerS;
  const ofAccelerators = async (rate: number) => {
    const { outcome } = await simulate(gpu({ rate, requests: 500, serving }));
    return outcome.resources.find(({ resource }) => resource === 'accelerators')!;
  };
  near((await ofAccelerators(capacity)).offered!, 1, 0.03);
  near((await ofAccelerators(0.3 * capacity)).offered!, 0.3, 0.03);
});

served('on CPU cores and with sparse shards a batch sends the messages of one', async () => {
  const lines = (serving: string) =>
    tiny(`
load: {arrivals: {kind: deterministic, rate: 1000000 /s}, candidates: {kind: fixed, value: 10}, requests: 400, warm_up: 0 %}
serving: {batch_size: 10${serving}}
fleet: {main: {workers: 1}}
sharding: {strategy: one-shard}`);
  const [alone, merged] = [
    (await simulate(lines(''))).outcome,
    (await simulate(lines(batching(100)))).outcome,
  ];
  assert.is(alone.rpcs, 2);
  assert.ok(merged.rpcs < 0.25 && merged.rpcs >= 0.2, `${merged.rpcs}`);
  // Indices, lengths and pooled vectors of every request travel all the same.
  near(merged.networkBytes, alone.networkBytes);
});

served.run();

const offload = suite('serving: offload threshold');

const mixed = '{kind: choices, values: [10, 500]}';

offload('small requests stay on cores, large ones go to the accelerator', async () => {
  const { outcome } = await simulate(
    gpu({ rate: 100, candidates: mixed, serving: ', offload_threshold: 100' }),
  );
  const [small, large] = [
    (
      await simulate(
        gpu({ rate: 100, candidates: '{kind: fixed, value: 10}', serving: ', dense_on: cpu' })
          .replace('tables_on: accelerator, ', '')
          .replace(', accelerators_used: 1', ''),
      )
    ).outcome,
    (await simulate(gpu({ rate: 100, candidates: '{kind: fixed, value: 500}' }))).outcome,
  ];
  const share = outcome.acceleratorS / large.acceleratorS;
  assert.ok(share > 0.45 && share < 0.55, `${share}`);
  near(outcome.cpuS[at.dense], (1 - share) * small.cpuS[at.dense], 1e-6);
  // What hits the host's cache depends on the mix of sizes.
  near(outcome.cpuS[at.sparse], (1 - share) * small.cpuS[at.sparse], 0.1);
});

offload('at 1 sends all to the accelerator, above all sizes none', async () => {
  const all = (await simulate(gpu({ rate: 100, candidates: mixed, serving: ', offload_threshold: 1' })))
    .outcome;
  const without = (await simulate(gpu({ rate: 100, candidates: mixed }))).outcome;
  near(all.mean, without.mean);
  const none = (await simulate(gpu({ rate: 100, candidates: mixed, serving: ', offload_threshold: 501' })))
    .outcome;
  assert.is(none.acceleratorS, 0);
  assert.is(none.typical[at.copy], 0);
});

offload('works beside dynamic batching, and before sparse shards', async () => {
  const result = await answer(
    gpu({
      rate: 2000,
      requests: 400,
      candidates: mixed,
      serving: ', offload_threshold: 100',
      more: `replications: 2
arms:
  - {name: batched, serving: {dynamic_batching: {max_candidates: 5000}}}
  - {name: sharded, serving: {tables_on: host}, sharding: {strategy: nsbp, shards: 2}}`,
    }),
  );
  for (const name of ['batched', 'sharded']) {
    const { computeS } = armOf(result, name).measured;
    assert.ok(computeS.accelerator.mean > 0 && computeS.byComponent.dense > 0, name);
  }
});

offload.run();

const invariants = suite('serving: invariants of accelerated arms');

const drawn = fc.record({
  rate: fc.constantFrom(10, 3000, 200_000),
  tables: fc.constantFrom('replicated', 'sharded', 'cached', 'host'),
  candidates: fc.constantFrom(mixed, '{kind: lognormal, median: 150, sigma: 1.2}', '{kind: fixed, value: 1}'),
  batching: fc.constantFrom('', batching(300), batching(5000, '1 ms'), batching(7)),
  offload: fc.constantFrom('', ', offload_threshold: 120'),
  streams: fc.constantFrom(1, 2, 5),
  used: fc.constantFrom(2, 8),
  replicas: fc.constantFrom(1, 3),
  seed: fc.nat(1e6),
});

invariants('every request is answered; parts add up; shares stay shares; seeds decide all', () =>
  fc.assert(
    fc.asyncProperty(
      drawn,
      async ({ tables, batching: batches, offload: threshold, streams, used, replicas, seed, ...rest }) => {
        const where = tables === 'host' ? 'host' : `accelerator, accelerator_tables: ${tables}`;
        const lines = gpu({
          ...rest,
          requests: 80,
          serving: `, streams: ${streams}${threshold}${batches}`,
          fleet: `accelerators_used: ${used}, replicas: ${replicas}`,
        }).replace('tables_on: accelerator', `tables_on: ${where}`);
        const { arms } = await scenarioOf(lines);
        const plan = await planArm(arms[0]);
        const outcome = simulateReplication(plan, { seed, replication: 0 });
        assert.is(outcome.requests, 80);
        assert.ok(outcome.percentiles.p50 > 0 && outcome.percentiles.p99 <= outcome.max + 1e-12);
        for (const { utilisation, busiest } of outcome.resources) {
          assert.ok(utilisation >= 0 && utilisation <= busiest + 1e-12 && busiest <= 1 + 1e-9);
        }
        const total = sum(components.map((_, part) => outcome.tail[part]));
        assert.ok(total <= outcome.max * 1.02 && outcome.tail.every((seconds) => seconds >= -1e-12));
        for (const waiting of [at.queue, at.batching, at.copy, at.exchange])
          assert.is(outcome.cpuS[waiting], 0);
        assert.equal(simulateReplication(plan, { seed, replication: 0 }), outcome);
      },
    ),
    { numRuns: 60, seed: 9 },
  ),
);

invariants.run();
