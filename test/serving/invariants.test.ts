import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ArmResult, Measured } from '../../sim/result.ts';
import { components } from '../../sim/serving/components.ts';
import { answer, armOf, sum } from './scenarios.ts';

fc.configureGlobal({ includeErrorInReport: true });

const invariants = suite('serving: invariants on random scenarios');

const requests = 60;

/** A valid scenario on the tiny model: a singular arm, and one that is drawn in full. */
const scenario = fc
  .record({
    arrivals: fc.constantFrom(
      '{kind: serial}',
      '{kind: serial, gap: 1 ms}',
      '{kind: poisson, rate: 50 /s}',
      '{kind: poisson, rate: 20000 /s}',
      '{kind: gamma, rate: 300 /s, coefficient_of_variation: 3}',
      '{kind: deterministic, rate: 1000 /s}',
      '{kind: mmpp, states: [{rate: 2000 /s, mean_duration: 10 ms}, {rate: 10 /s, mean_duration: 30 ms}]}',
      '{kind: diurnal, mean_rate: 500 /s, peak_to_mean: 1.8, period: 1 s}',
      '{kind: closed, clients: 5, think_time: 1 ms}',
    ),
    candidates: fc.constantFrom(
      '{kind: fixed, value: 1}',
      '{kind: fixed, value: 300}',
      '{kind: lognormal, median: 150, sigma: 1.2}',
      '{kind: pareto, min: 20, shape: 1.2, max: 2000}',
      '{kind: choices, values: [1, 64, 65, 900], weights: [4, 2, 2, 1]}',
    ),
    batch: fc.constantFrom('1000', '64', '17', 'whole-request'),
    scheduling: fc.constantFrom('fifo', 'continuations-first'),
    strategy: fc.constantFrom(
      'one-shard',
      'capacity-balanced',
      'load-balanced',
      'nsbp',
      'random',
      'dim-greedy',
    ),
    shards: fc.integer({ min: 2, max: 5 }),
    mainReplicas: fc.integer({ min: 1, max: 3 }),
    sparseReplicas: fc.integer({ min: 1, max: 2 }),
    workers: fc.integer({ min: 1, max: 6 }),
    policy: fc.constantFrom('random', 'round-robin', 'least-outstanding', 'power-of-two'),
    mainHost: fc.constantFrom('sc-large', 'sc-small', 'h100x8'),
    network: fc.constantFrom('datacentre-tcp', 'datacentre-rdma', 'localhost'),
    type: fc.constantFrom('fp32', 'fp16', 'int8', 'int4'),
    rowWise: fc.boolean(),
    seed: fc.nat(1e6),
  })
  .map(
    (drawn) => `
model: tiny
table_data_type: ${drawn.type}
seed: ${drawn.seed}
replications: 2
load: {arrivals: ${drawn.arrivals}, candidates: ${drawn.candidates}, requests: ${requests}, warm_up: 0 %}
serving: {batch_size: ${drawn.batch}, scheduling: ${drawn.scheduling}}
fleet:
  main: {host: ${drawn.mainHost}, replicas: ${drawn.mainReplicas}, workers: ${drawn.workers}, policy: ${drawn.policy}}
  sparse: {replicas: ${drawn.sparseReplicas}, workers: ${drawn.workers}, policy: ${drawn.policy}}
  network: ${drawn.network}
arms:
  - {name: singular, sharding: {strategy: singular}}
  - name: drawn
    sharding: {strategy: ${drawn.strategy}, shards: ${drawn.shards}${drawn.rowWise && drawn.strategy !== 'nsbp' ? ', row_wise: [one-user]' : ''}}
`,
  );

type Arm = ArmResult & { measured: Measured };

function forAnyArm(check: (drawn: Arm, singular: Arm) => void): Promise<void> {
  return fc.assert(
    fc.asyncProperty(scenario, async (yaml) => {
      const result = await answer(yaml);
      const singular = armOf(result, 'singular');
      check(singular, singular);
      check(armOf(result, 'drawn'), singular);
    }),
    { numRuns: 40, seed: 5 },
  );
}

invariants('all requests are answered', () =>
  forAnyArm(({ measured }) => {
    assert.is(measured.requests, 2 * requests);
    assert.is(measured.replications, 2);
    assert.ok(measured.throughputPerS.mean > 0);
    assert.ok(measured.events >= 2 * requests);
  }),
);

invariants('percentiles ascend, to the maximum; so does the curve', () =>
  forAnyArm(({ measured }) => {
    const { p50, p90, p95, p99, 'p99.9': p999, mean, max } = measured.latencyS;
    const ascending = [p50, p90, p95, p99, p999].map((percentile) => percentile.mean);
    ascending.forEach((value, index) => {
      assert.ok(value > 0 && value <= max && (index === 0 || value >= ascending[index - 1]));
    });
    assert.ok(mean.mean > 0 && mean.mean <= max);
    for (const { mean: centre, low, high } of [p50, p99, mean]) assert.ok(low! <= centre && centre <= high!);
    const { latencyS } = measured.curve;
    assert.ok(latencyS.every((value, index) => index === 0 || value >= latencyS[index - 1]));
  }),
);

invariants('parts of the latency add up: those of median requests, and of the tail', () =>
  forAnyArm(({ measured }) => {
    const { curve, breakdownS } = measured;
    const at = (p: number) => curve.latencyS[curve.probability.indexOf(p)];
    const total = (parts: Record<string, number>) => sum(components.map((name) => parts[name]));
    // Breakdowns are kept in bins 1.6 % wide.
    const within = (value: number, low: number, high: number) =>
      assert.ok(value >= low * 0.98 && value <= high * 1.02, `${value}, not in ${low} to ${high}`);
    within(total(breakdownS.typical), at(0.39), at(0.61));
    within(total(breakdownS.tail), at(0.98), measured.latencyS.max);
    for (const parts of Object.values(breakdownS)) {
      for (const name of components) assert.ok(parts[name] >= -1e-12, `${name}: ${parts[name]}`);
    }
  }),
);

invariants('computing takes time; its parts, and both tiers, add up', () =>
  forAnyArm(({ measured }) => {
    const { cpu, mainCpu, shardCpu, accelerator, byComponent } = measured.computeS;
    assert.ok(cpu.mean > 0 && mainCpu.mean > 0 && accelerator.mean >= 0);
    near(cpu.mean, mainCpu.mean + shardCpu.mean);
    near(cpu.mean, sum(components.map((name) => byComponent[name])));
    // Waiting and the network take no CPU.
    for (const name of ['queue', 'shardQueue', 'network'] as const) assert.is(byComponent[name], 0);
  }),
);

invariants('utilisation is between 0 and 1, of the busiest replica too', () =>
  forAnyArm(({ measured }) => {
    for (const { group, resource, mean, busiest } of measured.utilisation) {
      const isShare = mean.mean >= 0 && mean.mean <= busiest + 1e-12 && busiest <= 1 + 1e-9;
      assert.ok(isShare, `${resource} of ${group}: ${mean.mean}, ${busiest}`);
    }
  }),
);

invariants('a distributed arm sends messages, sheds its tables and computes more', () =>
  forAnyArm((arm, singular) => {
    const { measured, shards } = arm;
    if (arm === singular) {
      assert.is(measured.networkBytesPerRequest.mean, 0);
      assert.is(measured.rpcsPerRequest.mean, 0);
      assert.is(measured.computeS.shardCpu.mean, 0);
      assert.is(shards.length, 0);
      return;
    }
    assert.ok(measured.rpcsPerRequest.mean >= 1 && measured.networkBytesPerRequest.mean > 0);
    assert.ok(measured.computeS.shardCpu.mean > 0);
    assert.ok(measured.overBaseline!.compute.mean > 0, `${measured.overBaseline!.compute.mean}`);
    const bounding = sum(shards.map((shard) => shard.bounding));
    assert.ok(bounding > 0 && bounding <= 1 + 1e-9, `${bounding}`);
    near(sum(shards.map(({ busyS }) => busyS.mean)), measured.computeS.shardCpu.mean);
  }),
);

invariants.run();

function near(value: number, expected: number): void {
  assert.ok(Math.abs(value - expected) <= 1e-9 * Math.abs(expected), `${value}, expected ${expected}`);
}
