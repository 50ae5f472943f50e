import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isSameValue } from '../../foundation/same-value.ts';
import type { ArmDeployment, Trace } from '../../scenarios/deployment.ts';
import type { ArrivalsSpec, CandidatesSpec } from '../../scenarios/load-schema.ts';
import { DemandRecord } from '../../sim/serving/demand-record.ts';
import { type ArmPlan, planArm } from '../../sim/serving/plan.ts';
import { simulateReplication } from '../../sim/serving/replication.ts';
import type { ReplicationKey } from '../../sim/streams.ts';
import { modelOf } from '../models/fixtures.ts';
import { scenarioOf, tiny, tinyModel } from './scenarios.ts';

fc.configureGlobal({ includeErrorInReport: true });

/** Two nets whose tables leave as much to chance as tables can. */
const randomModel = modelOf(`name: random
nets:
${['one', 'two']
  .map(
    (net) => `
  - name: ${net}
    dense_features: 16
    bottom_mlp: [64, 32]
    interaction: {kind: cat}
    top_mlp: [64, 1]
    tables:
      - {group: ${net}-candidate, count: 3, num_embeddings: 200000, embedding_dim: 32, pooling_factor: 5, presence: 0.6, level: candidate, pooling_distribution: {kind: poisson}}
      - {name: ${net}-user, num_embeddings: 200000, embedding_dim: 64, pooling_factor: 20, presence: 0.9, level: user, pooling_distribution: {kind: geometric}}`,
  )
  .join('\n')}
`);

const requests = 80;

const arms = `
arms:
  - {name: cores, sharding: {strategy: singular}, serving: {batch_size: 64, dense_on: cpu}}
  - {name: shards, sharding: {strategy: load-balanced, shards: 3}, serving: {batch_size: 17, dense_on: cpu}}
  - {name: row splits, sharding: {strategy: capacity-balanced, shards: 3, row_wise: [one-user]}, serving: {batch_size: 64}}
  - {name: dense, sharding: {strategy: nsbp, shards: 2}, serving: {batch_size: whole-request}}
  - {name: tables, serving: {tables_on: accelerator}, sharding: {strategy: singular}}
  - {name: shared tables, serving: {tables_on: accelerator, accelerator_tables: sharded}, sharding: {strategy: singular}}
  - {name: cache, serving: {tables_on: accelerator, accelerator_tables: cached, accelerator_cache: 20 MB}, sharding: {strategy: singular}}
  - {name: merged, serving: {tables_on: accelerator, dynamic_batching: {max_candidates: 300, max_wait: 1 ms}}, sharding: {strategy: singular}}
  - {name: offloaded, serving: {batch_size: 32, offload_threshold: 90, dynamic_batching: {max_candidates: 500}}, sharding: {strategy: load-balanced, shards: 2}}
`;

const deployments = (
  await Promise.all(
    [tinyModel, randomModel].map((model) =>
      scenarioOf(tiny(`fleet: {main: {host: h200x8}, network: datacentre-tcp}${arms}`), model),
    ),
  )
).flatMap(({ arms: resolved }) => resolved);
const plans = await Promise.all(deployments.map((arm) => planArm(arm)));

const trace: Trace = {
  file: 'trace.csv',
  timesS: Float64Array.from({ length: 50 }, (_, request) => request / 500),
  candidates: Int32Array.from({ length: 50 }, (_, request) => 1 + ((request * 37) % 200)),
  lookups: {
    tables: ['one-user'],
    counts: Float32Array.from({ length: 50 }, (_, request) => request % 7),
  },
};

const arrivals: fc.Arbitrary<ArrivalsSpec> = fc.oneof(
  fc.constant<ArrivalsSpec>({ kind: 'serial', gap: 0 }),
  fc.integer({ min: 10, max: 20_000 }).map((rate): ArrivalsSpec => ({ kind: 'poisson', rate })),
  fc
    .integer({ min: 10, max: 20_000 })
    .map((rate): ArrivalsSpec => ({ kind: 'trace', file: 'trace.csv', rate })),
);

const candidates = fc.constantFrom<CandidatesSpec>(
  { kind: 'lognormal', median: 80, sigma: 1, max: 1000 },
  { kind: 'choices', values: [1, 5, 64, 65, 300] },
);

/** One run of a search: what may differ between runs of one record. */
const run = fc.record({
  isOther: fc.boolean(),
  arrivals,
  candidates: fc.oneof(
    { weight: 4, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: candidates },
  ),
  replicas: fc.integer({ min: 1, max: 3 }),
  workers: fc.integer({ min: 1, max: 6 }),
  requests: fc.constantFrom(requests, requests / 2),
  replication: fc.constantFrom(0, 0, 1),
  withCostErrors: fc.boolean(),
  isCopy: fc.boolean(),
});

type Run = typeof run extends fc.Arbitrary<infer Drawn> ? Drawn : never;

function planOf(plan: ArmPlan, drawn: Run): ArmPlan {
  const { arm } = plan;
  const changed: ArmDeployment = {
    ...arm,
    load: {
      ...arm.load,
      arrivals: drawn.arrivals,
      candidates: drawn.candidates ?? { kind: 'lognormal', median: 80, sigma: 1, max: 1000 },
      requests: drawn.requests,
    },
    main: { ...arm.main, replicas: drawn.replicas, workers: drawn.workers },
    sparse: { ...arm.sparse, replicas: drawn.replicas },
    ...(drawn.arrivals.kind === 'trace' && { trace }),
  };
  const changedPlan = { ...plan, arm: changed };
  return drawn.isCopy ? structuredClone(changedPlan) : changedPlan;
}

function keyOf({ replication, withCostErrors }: Run): ReplicationKey {
  return { seed: 3, replication, ...(withCostErrors && { withCostErrors }) };
}

const recorded = suite('serving: recorded demand');

recorded('a replayed run equals a fresh one, whatever ran before and however little fits the record', () => {
  fc.assert(
    fc.property(
      fc.tuple(fc.constantFrom(...plans), fc.constantFrom(...plans)),
      fc.array(run, { minLength: 3, maxLength: 8 }),
      fc.constantFrom(0, 1e6, 2 ** 30),
      ([one, other], runs, mostBytes) => {
        const record = new DemandRecord(mostBytes);
        for (const drawn of runs) {
          const plan = planOf(drawn.isOther ? other : one, drawn);
          const fresh = simulateReplication(plan, keyOf(drawn));
          assert.equal(simulateReplication(plan, keyOf(drawn), { recorded: record }), fresh, plan.arm.name);
          assert.ok(record.bytes <= mostBytes);
        }
      },
    ),
    { numRuns: 40, seed: 4 },
  );
});

for (const withCostErrors of [false, true]) {
  const what = withCostErrors ? ' with cost errors' : '';
  recorded(`every arm${what}: other rates, replicas and workers replay and still equal fresh runs`, () => {
    const record = new DemandRecord();
    for (const plan of plans) {
      for (const [rate, replicas] of [
        [50, 1],
        [5000, 1],
        [800, 3],
      ]) {
        const drawn = { replicas, workers: replicas, requests, withCostErrors, isCopy: rate === 800 };
        const changed = planOf(plan, {
          ...drawn,
          isOther: false,
          arrivals: { kind: 'poisson', rate },
          candidates: undefined,
          replication: 0,
        });
        const key = keyOf({ replication: 0, withCostErrors } as Run);
        const before = record.bytes;
        const replayed = simulateReplication(changed, key, { recorded: record });
        assert.equal(replayed, simulateReplication(changed, key), plan.arm.name);
        if (rate !== 50) assert.is(record.bytes, before, 'nothing new to record');
      }
    }
  });
}

recorded('arms of one model share the rows of its tables', () => {
  const record = new DemandRecord();
  const bytesOf = (plan: ArmPlan) => {
    const before = record.bytes;
    simulateReplication(plan, { seed: 1, replication: 0 }, { recorded: record });
    return record.bytes - before;
  };
  const [, shards] = plans;
  const first = bytesOf(shards);
  const renamed = bytesOf({ ...shards, arm: { ...shards.arm, name: 'again' } });
  const others = bytesOf({ ...shards, arm: { ...shards.arm, poolingScale: 2 } });
  const moved = bytesOf({ ...shards, placement: { ...shards.placement, strategy: 'another' } });
  assert.is(renamed, 0);
  assert.is(others, first);
  assert.ok(moved > 0 && moved < first);
});

recorded.run();

const values = suite('foundation: same values');

values('plain data is the same when it says the same, and not otherwise', () => {
  fc.assert(
    fc.property(fc.object({ withTypedArray: true }), fc.object({ withTypedArray: true }), (a, b) => {
      assert.ok(isSameValue(a, structuredClone(a)));
      assert.is(isSameValue(a, b), isSameValue(b, a));
      assert.not.ok(isSameValue(a, { ...a, another: b }));
      assert.not.ok(isSameValue([a], [a, b]));
    }),
  );
  assert.ok(isSameValue({ a: 1, b: undefined }, { a: 1 }));
  assert.not.ok(isSameValue({ a: null }, { a: {} }));
  assert.not.ok(isSameValue(Float64Array.of(1, 2), Float64Array.of(1, 3)));
  assert.not.ok(isSameValue([1], Float64Array.of(1)));
});

values.run();
