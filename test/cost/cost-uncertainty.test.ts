import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../foundation/random.ts';
import type { SurfaceFit } from '../../hardware-profiles/measurements.ts';
import type { ResolvedScenario } from '../../scenarios/deployment.ts';
import { resultSchema } from '../../sim/result.ts';
import { jobsOf, planScenario, runScenario } from '../../sim/run.ts';
import { interval, withCostError } from '../../sim/statistics/interval.ts';
import { studentQuantile } from '../../sim/statistics/student.ts';
import { armOf, scenarioOf } from '../serving/scenarios.ts';
import { drawShapes, measure, measurementsOf } from './synthetic.ts';

const intervals = suite('intervals with the error of costs');

intervals('hold both half-widths in quadrature, and keep the one of costs', () => {
  const values = [10, 11, 12, 9, 10, 11];
  const perturbed = values.map((value, index) => value * Math.exp(index % 2 ? 0.1 : -0.1));
  const sampled = interval(values, 0.95);
  const { mean, low, high, cost } = withCostError(sampled, values, perturbed, 0.95);
  assert.is(mean, sampled.mean);
  // Every log ratio is 0.1 in size.
  near(cost!, 0.1 * mean * studentQuantile(0.975, 6));
  const half = Math.hypot(sampled.high! - sampled.mean, cost!);
  near(high! - mean, half);
  near(mean - low!, half);
});

intervals('are as they were without a second run, without a difference, and of one replication', () => {
  const values = [10, 11, 12];
  const sampled = interval(values, 0.95);
  assert.equal(withCostError(sampled, values, [], 0.95), sampled);
  assert.equal(withCostError(sampled, values, values, 0.95), sampled);
  assert.equal(withCostError(interval([10], 0.95), [10], [11], 0.95), { mean: 10 });
});

intervals('of values around zero take plain differences', () => {
  const values = [0, 0, -1, 1];
  const { cost } = withCostError(interval(values, 0.9), values, [1, -1, 0, 2], 0.9);
  near(cost!, studentQuantile(0.95, 4));
});

intervals('cover a model that is off by its own error as often as they say', () => {
  const random = new RandomStream(21);
  const truth = 5;
  const [sampling, model] = [0.08, 0.05];
  let covered = 0;
  const trials = 2000;
  for (let trial = 0; trial < trials; trial++) {
    // The nominal model is off by one draw in all replications; the perturbed runs draw anew.
    const nominalLog = Math.log(truth) - model * random.normal();
    const values = Array.from({ length: 10 }, () => Math.exp(nominalLog + sampling * random.normal()));
    const perturbed = values.map((value) => value * Math.exp(model * random.normal()));
    const { low, high } = withCostError(interval(values, 0.95), values, perturbed, 0.95);
    if (low! <= truth && truth <= high!) covered++;
  }
  const share = covered / trials;
  assert.ok(share > 0.93 && share < 0.985, `${share}`);
});

intervals.run();

const runs = suite('runs with measured costs');

const yaml = `
question: What does the dense part cost?
model: tiny
load: {arrivals: {kind: poisson, rate: 200 QPS}, requests: 300, candidates: {kind: fixed, value: 48}}
fleet: {main: {host: sc-large}}
replications: 6
arms:
  - {name: one, sharding: {strategy: singular}}
  - {name: other, sharding: {strategy: singular}, serving: {net_overhead: 40 us}}
`;

/** A fit whose kriging is off by `sigma`. */
const fit = (sigma: number): SurfaceFit => ({
  operator: 'gemm',
  dataType: 'fp32',
  backend: 'cpu',
  cores: 1,
  rates: { latencyS: 1e-6, flopPerS: 3e10, bytesPerS: 1e10, rereadBytesPerS: 3e10, stepS: 0 },
  waves: false,
  lengthScales: { m: 2, n: 2, k: 2, misaligned: 2 },
  nugget: 0.2,
  sigma,
});

const points = measure(
  { operator: 'gemm', dataType: 'fp32', backend: 'cpu', cores: 1 },
  drawShapes(80, { m: [1, 4096], n: [8, 512], k: [8, 512] }),
  ({ m, n, k }) => 1e-6 + (2 * m * n * k) / 3e10,
);

async function measuredScenario(sigma: number): Promise<ResolvedScenario> {
  const scenario = await scenarioOf(yaml);
  const measured = measurementsOf(points, [fit(sigma)]);
  const arms = scenario.arms.map((arm) => {
    const host = { ...arm.main.host, cpu: { ...arm.main.host.cpu, measured } };
    return { ...arm, main: { ...arm.main, host }, sparse: { ...arm.sparse, host } };
  });
  return { ...scenario, arms };
}

runs('of what was measured are made twice, of nothing measured once', async () => {
  const plain = await scenarioOf(yaml);
  const jobs = jobsOf(plain, await planScenario(plain));
  assert.is(jobs.length, 12);
  assert.ok(jobs.every(({ key }) => !key.withCostErrors));
  const known = await measuredScenario(0.3);
  assert.is(jobsOf(known, await planScenario(known)).length, 24);
});

runs('have wider intervals the less the costs are known, around the same means', async () => {
  const [sure, unsure] = await Promise.all(
    [0.01, 0.3].map(async (sigma) => runScenario(await measuredScenario(sigma), 'test')),
  );
  const p50 = (result: typeof sure, name: string) => armOf(result, name).measured.latencyS.p50;
  for (const name of ['one', 'other']) {
    const [narrow, wide] = [p50(sure, name), p50(unsure, name)];
    assert.is(wide.mean, narrow.mean);
    assert.ok(wide.cost! > 5 * narrow.cost!, `${wide.cost} ${narrow.cost}`);
    assert.ok(wide.high! - wide.mean >= wide.cost! * (1 - 1e-9));
  }
  // Both arms are off by the same errors: their difference is known far better than either.
  const { cost = 0 } = armOf(unsure, 'other').measured.overBaseline!.p50;
  const { cost: alone, mean } = p50(unsure, 'other');
  assert.ok(cost < (0.2 * alone!) / mean, `${cost} ${alone! / mean}`);
});

runs('say what their time rests on, operator by operator, and do not repeat the points', async () => {
  const result = await runScenario(await measuredScenario(0.05), 'test');
  const { typicalTime } = armOf(result, 'one').evidence;
  assert.ok(typicalTime!.fitted! > 0.1, JSON.stringify(typicalTime));
  const total = Object.values(typicalTime!).reduce((sum, share) => sum + share, 0);
  near(total, 1);
  const text = JSON.stringify(result);
  assert.not.match(text, /"shapes"/);
  assert.match(
    text,
    /"measured":{"device":"test-gpu","date":"2025-01-02","points":80,"hash":"[0-9a-f]{16}"}/,
  );
  resultSchema.parse(result);
});

runs('have another fingerprint when the measurements are others', async () => {
  const scenario = await measuredScenario(0.05);
  const other = {
    ...scenario,
    arms: scenario.arms.map((arm) => {
      const { cpu } = arm.main.host;
      const host = { ...arm.main.host, cpu: { ...cpu, measured: { ...cpu.measured!, hash: 'other' } } };
      return { ...arm, main: { ...arm.main, host }, sparse: { ...arm.sparse, host } };
    }),
  };
  const hashOf = async (of: ResolvedScenario) => (await runScenario(of, 'test')).fingerprint.inputHash;
  assert.is.not(await hashOf(scenario), await hashOf(other));
});

runs.run();

function near(value: number, expected: number): void {
  assert.ok(Math.abs(value / expected - 1) < 1e-9, `${value}, expected ${expected}`);
}
