import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  kneeOf,
  type LoadPoint,
  seriesOfPlan,
  seriesOfResult,
  seriesOfSweep,
} from '../../reports/load-series.ts';
import type { PlanResult } from '../../sim/fleet/plan-result.ts';
import type { ArmRow, FieldValue, SweepResult } from '../../sim/sweep-result.ts';
import { answer, tiny } from '../serving/scenarios.ts';

const point = (offeredPerS: number, mean: number, verdict: LoadPoint['verdict'] = 'STABLE'): LoadPoint => ({
  offeredPerS,
  latencyS: { mean },
  verdict,
  source: `${offeredPerS}`,
});

const knees = suite('load series: the knee');

knees('is the last load with at most twice the latency of the lowest', () => {
  const points = [point(1, 10), point(2, 11), point(3, 20), point(4, 20.1), point(5, 12)];
  assert.is(kneeOf(points), points[2]);
});

knees('is the last load before one that is too much, whatever its latency', () => {
  const points = [point(1, 10), point(2, 11), point(3, 12), point(4, 13, 'SATURATED')];
  assert.is(kneeOf(points), points[2]);
});

knees(
  'is not told of fewer than four points, nor where latency never climbs, nor above a saturated start',
  () => {
    assert.is(kneeOf([point(1, 10), point(2, 10), point(3, 90)]), undefined);
    assert.is(kneeOf([point(1, 10), point(2, 10), point(3, 11), point(4, 12)]), undefined);
    assert.is(kneeOf([point(1, 10, 'SATURATED'), point(2, 10), point(3, 11), point(4, 99)]), undefined);
    assert.is(kneeOf([]), undefined);
  },
);

knees('of the latency of M/M/1 lies at half the load that it can bear', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.01, max: 1e4, noNaN: true }),
      fc.integer({ min: 4, max: 60 }),
      (rate, count) => {
        const points = Array.from({ length: count }, (_, index) => {
          const rho = (0.95 * index) / (count - 1);
          return point(rho * rate, 1 / (rate * (1 - rho)));
        });
        const knee = kneeOf(points)!;
        const step = (0.95 * rate) / (count - 1);
        assert.ok(
          knee.offeredPerS <= rate / 2 + 1e-9 * rate && knee.offeredPerS + step > rate / 2 - 1e-9 * rate,
        );
      },
    ),
  );
});

knees.run();

const results = suite('load series: of a result');

const asked = answer(
  tiny(`
load: {arrivals: {kind: poisson, rate: 10 QPS}, candidates: {kind: fixed, value: 64}, requests: 150}
fleet: {main: {host: sc-small, workers: 1}}
replications: 2
arms:
  - {name: one host, sharding: {strategy: singular}, vary: {load.arrivals.rate: [2 kQPS, 100 QPS, 500 QPS, 20 kQPS]}}
  - {vary: {sharding.strategy: [load-balanced], sharding.shards: [2, 3], load.arrivals.rate: [100 QPS, 1 kQPS]}}
  - {name: smooth, sharding: {strategy: singular}, load: {arrivals: {kind: deterministic, rate: 700 QPS}}}
  - {name: alone, load: {arrivals: {kind: serial}}}
`),
);

results('join the arms that differ in nothing but the rate, in its order', async () => {
  const series = seriesOfResult(await asked);
  assert.equal(
    series.map(({ name, percentile, points }) => [
      name,
      percentile,
      points.map(({ offeredPerS }) => offeredPerS),
    ]),
    [
      ['one host', 'p99', [100, 500, 2000, 20_000]],
      ['load-balanced 2', 'p99', [100, 1000]],
      ['load-balanced 3', 'p99', [100, 1000]],
    ],
  );
});

results('hold the latency, its interval and the verdict of each arm; overload is past the knee', async () => {
  const result = await asked;
  const [{ points, knee }] = seriesOfResult(result, 'p50');
  for (const { source, latencyS, verdict, offeredPerS } of points) {
    const arm = result.arms.find(({ name }) => name === source)!;
    const { mean, low, high } = arm.measured!.latencyS.p50;
    assert.equal(latencyS, { mean, low, high });
    assert.is(verdict, arm.verdict.state);
    assert.is(offeredPerS, arm.offeredPerS);
  }
  assert.is(points[3].verdict, 'SATURATED');
  assert.ok(knee && knee.offeredPerS < 20_000);
});

results('compare bursts by their rates over the mean', async () => {
  const states = (times: number) =>
    `[{rate: ${times * 300} /s, mean_duration: 1 s}, {rate: ${times * 100} /s, mean_duration: 1 s}]`;
  const result = await answer(
    tiny(`
load: {candidates: {kind: fixed, value: 8}, requests: 50}
replications: 1
sharding: {strategy: singular}
arms:
  - {name: bursts at 1, load: {arrivals: {kind: mmpp, states: ${states(1)}}}}
  - {name: bursts at 2, load: {arrivals: {kind: mmpp, states: ${states(2)}}}}
  - {name: other bursts, load: {arrivals: {kind: mmpp, states: [{rate: 800 /s, mean_duration: 1 s}, {rate: 1 /s, mean_duration: 1 s}]}}}
`),
  );
  const series = seriesOfResult(result);
  assert.equal(
    series.map(({ name, points }) => [name, points.length]),
    [['bursts at', 2]],
  );
});

results.run();

const sweeps = suite('load series: of a sweep');

const row = (arm: string, p99: number | undefined, verdict: ArmRow['verdict'] = 'STABLE'): ArmRow => ({
  arm,
  verdict,
  reason: '',
  dominated: false,
  replications: 2,
  ...(p99 !== undefined && {
    latencyS: Object.fromEntries(
      ['mean', 'p50', 'p90', 'p95', 'p99', 'p99.9'].map((name) => [name, { mean: p99 }]),
    ) as NonNullable<ArmRow['latencyS']>,
  }),
});

const sweepOf = (field: string, points: [values: FieldValue[], rows: ArmRow[]][]): SweepResult => ({
  name: 'test',
  method: 'grid',
  product: 'rankfleet test',
  key: 'k',
  total: points.length,
  fields: [
    { field: 'serving.batch_size', column: 'batch', type: 'INTEGER' },
    { field, column: 'rate', type: 'DOUBLE' },
  ],
  judged: 'p99',
  money: 'usdPerMillionRequests',
  points: points.map(([values, rows], index) => ({ index, key: `${index}`, values, rows })),
});

sweeps('join the points that differ in nothing but the rate, arm by arm, whatever the unit', () => {
  const series = seriesOfSweep(
    sweepOf('load.arrivals.rate', [
      [
        [32, '1 kQPS'],
        [row('a', 2), row('b', 5)],
      ],
      [
        [32, '100 QPS'],
        [row('a', 1), row('b', undefined, 'DOES NOT FIT')],
      ],
      [[64, '100 QPS'], [row('a', 3)]],
      [[64, '300 QPS'], [row('a', 4, 'SATURATED')]],
    ]),
  );
  assert.equal(series, [
    {
      name: 'a, serving.batch_size 32',
      percentile: 'p99',
      points: [
        { offeredPerS: 100, latencyS: { mean: 1 }, verdict: 'STABLE', source: 1 },
        { offeredPerS: 1000, latencyS: { mean: 2 }, verdict: 'STABLE', source: 0 },
      ],
    },
    {
      name: 'a, serving.batch_size 64',
      percentile: 'p99',
      points: [
        { offeredPerS: 100, latencyS: { mean: 3 }, verdict: 'STABLE', source: 2 },
        { offeredPerS: 300, latencyS: { mean: 4 }, verdict: 'SATURATED', source: 3 },
      ],
    },
  ]);
});

sweeps('are none where no rate was swept, or all else differs, too', () => {
  assert.equal(
    seriesOfSweep(
      sweepOf('fleet.main.replicas', [
        [[32, 1], [row('a', 1)]],
        [[32, 2], [row('a', 2)]],
      ]),
    ),
    [],
  );
  assert.equal(
    seriesOfSweep(
      sweepOf('load.arrivals.rate', [
        [[32, '1 kQPS'], [row('a', 2)]],
        [[33, '2 kQPS'], [row('a', 1)]],
        [[34, '2 kQPS'], [row('a', 1)]],
        [[34, '2 kQPS'], [row('a', 1)]],
      ]),
    ),
    [],
  );
});

sweeps.run();

const plans = suite('load series: of a plan');

plans('are the curves of the alternatives that have one', () => {
  const curve = [1, 10, 40, 30].map((ratePerS) => ({ ratePerS, latencyS: ratePerS > 30 ? 0.1 : 0.01 }));
  const plan = {
    scenario: { sla: { percentile: 'p95', limitS: 0.1 } },
    alternatives: [{ name: 'small', capacity: { curve } }, { name: 'too large' }],
  } as unknown as PlanResult;
  const [series, ...others] = seriesOfPlan(plan);
  assert.is(others.length, 0);
  assert.is(series.name, 'small');
  assert.is(series.percentile, 'p95');
  assert.equal(
    series.points.map(({ offeredPerS }) => offeredPerS),
    [1, 10, 30, 40],
  );
  assert.is(series.knee!.offeredPerS, 30);
});

plans.run();
