import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dayInWords, daySection } from '../../reports/plan-day-section.ts';
import { loadSchema } from '../../scenarios/load-schema.ts';
import { daySchema } from '../../scenarios/plan-day-schema.ts';
import { planDefaults } from '../../scenarios/plan-schema.ts';
import { buildAlternative } from '../../sim/fleet/alternative.ts';
import { Autoscaler, type ScalingRule } from '../../sim/fleet/day/autoscaler.ts';
import { type LatencyCurve, latencyAt, shareWithin } from '../../sim/fleet/day/curve.ts';
import { planDay } from '../../sim/fleet/day/day.ts';
import { dayResultSchema } from '../../sim/fleet/day/day-result.ts';
import { dayLoad } from '../../sim/fleet/day/load.ts';
import { type DaySetting, runDay } from '../../sim/fleet/day/run.ts';
import { plannerOf } from './planners.ts';

const load = { ...loadSchema.parse({}), requests: 1000 };
const hour = 3600;

const loads = suite('fleet: the load of a day');

loads('a sine has its peak, its mean and its ratio', () => {
  const day = dayLoad(daySchema.parse({ peak_to_mean: 1.6 }), load, 800);
  assert.ok(Math.abs(day.meanPerS - 500) < 1e-6);
  assert.ok(Math.abs(day.ordinaryAt(16 * hour) - 800) < 1e-9);
  assert.ok(Math.abs(day.ordinaryAt(4 * hour) - 200) < 1e-9);
});

loads('a shape is followed by straight lines and peaks at the target', () => {
  const day = dayLoad(daySchema.parse({ shape: [1, 3, 2, 2] }), load, 900);
  assert.is(day.ordinaryAt(6 * hour), 900);
  assert.is(day.ordinaryAt(3 * hour), 600);
  assert.is(day.ordinaryAt(21 * hour), 450);
});

loads('a surge builds up, lasts and fades', () => {
  const surge = { start: '12 h', duration: '1 h', factor: 3, ramp: '10 min' };
  const day = dayLoad(daySchema.parse({ peak_to_mean: 1, surge }), load, 100);
  assert.is(day.surgingAt(11.9 * hour), 100);
  assert.ok(Math.abs(day.surgingAt(12 * hour + 300) - 200) < 1e-9);
  assert.is(day.surgingAt(12.5 * hour), 300);
  assert.ok(Math.abs(day.surgingAt(13 * hour + 300) - 200) < 1e-9);
  assert.is(day.surgingAt(13.2 * hour), 100);
});

loads('what contradicts itself is refused where it stands', () => {
  const problems = (value: unknown) => {
    const parsed = daySchema.safeParse(value);
    return parsed.success
      ? []
      : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  };
  assert.match(problems({ peak_to_mean: 1.5, shape: [1, 2] })[0], /^shape: state shape or peak_to_mean/);
  assert.match(problems({ surge: { start: '23 h', duration: '2 h', factor: 2 } })[0], /^surge: .* within/);
  assert.match(
    problems({ autoscaling: { min_share: '90 %', max_share: '50 %' } })[0],
    /^autoscaling.min_share/,
  );
  assert.match(
    problems({ autoscaling: { target_utilization: '60 %' } })[0],
    /did you mean .?target_utilisation/,
  );
});

loads.run();

const scaler = suite('fleet: autoscaler');

const rule: ScalingRule = {
  targetUse: 0.5,
  tolerance: 0.1,
  provisioningS: 90,
  scaleDownS: 300,
  least: 2,
  most: 40,
};

scaler('takes as many hosts as hold the target, after exactly the provisioning delay', () => {
  const autoscaler = new Autoscaler(rule, 10);
  autoscaler.look(60, 0.8);
  assert.is(autoscaler.paid, 16);
  assert.is(autoscaler.servingAt(149.999), 10);
  assert.is(autoscaler.meanServing(120, 60), 10 + 6 / 2);
  assert.is(autoscaler.servingAt(150), 16);
});

scaler('leaves a use near its target alone', () => {
  const autoscaler = new Autoscaler(rule, 10);
  autoscaler.look(60, 0.549);
  autoscaler.look(120, 0.451);
  assert.is(autoscaler.paid, 10);
});

scaler('lets hosts go only when for the whole delay fewer would have done', () => {
  const autoscaler = new Autoscaler(rule, 10);
  autoscaler.look(0, 0.5);
  for (let timeS = 60; timeS <= 300; timeS += 60) autoscaler.look(timeS, 0.2);
  assert.is(autoscaler.servingAt(300), 10);
  autoscaler.look(301, 0.2);
  assert.is(autoscaler.servingAt(301), 4);
});

scaler('hosts on their way go before those that serve', () => {
  const autoscaler = new Autoscaler({ ...rule, scaleDownS: 0, provisioningS: 600 }, 10);
  autoscaler.look(0, 1);
  assert.is(autoscaler.paid, 20);
  autoscaler.look(60, 0.6);
  assert.equal([autoscaler.paid, autoscaler.servingAt(60)], [12, 10]);
});

scaler('never leaves its bounds, whatever it sees', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 60 }), (uses) => {
      const autoscaler = new Autoscaler(rule, 10);
      uses.forEach((use, index) => {
        autoscaler.look(60 * index, use);
        assert.ok(autoscaler.paid >= 2 && autoscaler.paid <= 40);
        assert.ok(autoscaler.servingAt(60 * index) >= 2);
        assert.ok(autoscaler.servingAt(60 * index) <= autoscaler.paid);
      });
    }),
  );
});

scaler.run();

const runs = suite('fleet: a day in fluid steps');

/** One role: ten hosts at a use of 0.5 bear 1000 requests/s, with 10 ms; 20 ms when they are full. */
const curve: LatencyCurve = {
  percentile: 'p99',
  points: [0.1, 1, 2].map((at) => ({
    load: at,
    use: 0.5 * at,
    latencyS: { mean: at === 2 ? 0.02 : 0.01 },
    quantilesS: [0.001, at === 2 ? 0.02 : 0.01],
  })),
  probabilities: [0, 1],
  useOfGroup: new Map([['main', 0.5]]),
  dynamicW: 1000,
};

const role = { group: 'main', hosts: 10, use: 0.5, usdPerHour: 2, idleW: 100 };

function settingOf(ratePerS: (step: number) => number, steps = 60): DaySetting {
  const ratesPerS = Float64Array.from({ length: 2 * steps }, (_, step) => ratePerS(step % steps));
  return { roles: [role], curve, sizedPerS: 1000, limitS: 0.015, stepS: 60, ratesPerS };
}

runs('a static fleet under a steady load: money, energy and latency in closed form', () => {
  const run = runDay(
    settingOf(() => 1000),
    { kind: 'static', hosts: [10] },
  );
  assert.ok(Math.abs(run.hostHours - 10) < 1e-9);
  assert.ok(Math.abs(run.usd - 20) < 1e-9);
  assert.ok(Math.abs(run.energyJ - (10 * 100 + 1000) * 3600) < 1e-3);
  assert.ok(Math.abs(run.worstLatencyS.mean - 0.01) < 1e-12);
  assert.is(run.violationS, 0);
  assert.is(run.missedShare, 0);
});

runs('half the hosts are twice as full', () => {
  const run = runDay(
    settingOf(() => 999),
    { kind: 'static', hosts: [5] },
  );
  assert.ok(Math.abs(run.meanUse - 0.999) < 1e-9);
  assert.is(run.violationS, 3600);
});

runs('an overload leaves a backlog that drains at what is left of the capacity', () => {
  // 600 requests/s against 500 for ten steps, then 400: the backlog of 60,000 is gone after ten more.
  const overload = settingOf((step) => (step < 10 ? 600 : step < 40 ? 400 : 1), 60);
  const { series } = runDay(overload, { kind: 'static', hosts: [2.5] });
  const waits = series.latencyS.map(({ mean }) => mean > 1);
  assert.equal(waits.slice(0, 20), new Array(20).fill(true));
  assert.is(waits[20], false);
  // The longest wait: 60,000 requests at 500 a second.
  assert.ok(Math.abs(Math.max(...series.latencyS.map(({ mean }) => mean)) - 120) < 7);
});

runs('the autoscaled fleet follows, is paid for what it follows with, and never below the work', () => {
  const rate = (step: number) => 500 + 400 * Math.sin((2 * Math.PI * step) / 720);
  const rules = [{ ...rule, targetUse: 0.6, least: 1, most: 100 }];
  const run = runDay(settingOf(rate, 720), { kind: 'autoscaled', rules });
  const work = Array.from({ length: 720 }, (_, step) => rate(step) / 200);
  const needed = work.reduce((sum, hosts) => sum + hosts / 60, 0);
  assert.ok(run.hostHours >= needed, `${run.hostHours} host-hours for ${needed}`);
  assert.ok(run.hostHours < (1.35 * needed) / 0.6);
  assert.is(run.violationS, 0);
  assert.ok(run.fewestHosts < run.mostHosts);
});

runs('a later host never makes a day better', () => {
  const surge = (step: number) => (step < 300 ? 300 : 900);
  const missed = [0, 60, 300, 900, 1800].map((provisioningS) => {
    const rules = [{ ...rule, least: 1, most: 100, provisioningS }];
    return runDay(settingOf(surge, 600), { kind: 'autoscaled', rules }).missedShare;
  });
  missed.forEach((share, index) => {
    assert.ok(index === 0 || share >= missed[index - 1] - 1e-12, missed.join());
  });
});

runs('the curve is met at its points and lies between them', () => {
  assert.is(latencyAt(curve, 0).mean, 0.01);
  assert.ok(Math.abs(latencyAt(curve, 1.5).mean - Math.sqrt(0.01 * 0.02)) < 1e-12);
  assert.is(latencyAt(curve, 9).mean, 0.02);
  assert.is(shareWithin(curve, 1, 0.01), 1);
  assert.is(shareWithin(curve, 1, 0.0005), 0);
  assert.ok(Math.abs(shareWithin(curve, 1, 0.0055) - 0.5) < 1e-9);
});

runs.run();

const whole = suite('fleet: planDay');

whole('a sized fleet gets its day: autoscaling costs less than the peak, the mean is overrun', async () => {
  const yaml = `
model: tiny
load: { arrivals: { kind: diurnal, mean_rate: 20 kQPS, peak_to_mean: 1.8 }, requests: 400 }
fleet: { main: { workers: 4 }, sparse: { workers: 4 } }
replications: 3
`;
  const day = daySchema.parse({ surge: { start: '10 h', duration: '1 h', factor: 2 } });
  const planner = await plannerOf(yaml, {
    spec: { ...planDefaults(), precision: 0.1, day },
    targetPerS: 36_000,
    limitS: 0.02,
    percentile: 'p90',
  });
  const built = await buildAlternative(planner, planner.scenario.arms[0]);
  assert.is(built.alternative.state, 'SIZED', built.alternative.reason);
  const result = await planDay(planner, {
    plan: built.plan!,
    capacity: built.capacity!,
    needed: built.needed!,
  });
  assert.equal(dayResultSchema.parse(result), result);
  const [ordinary, surge] = result.days;
  const named = (name: string) => ordinary.policies.find(({ policy }) => policy === name)!;
  assert.ok(named('autoscaled').hostHours < named('static, ordinary peak').hostHours * 1.3);
  assert.is(named('static, ordinary peak').violationS, 0);
  const mean = named('static, ordinary peak').hostHours / 24;
  assert.is(
    Math.round(mean),
    [...built.needed!.values()].reduce((sum, hosts) => sum + hosts, 0),
  );
  assert.is(surge.policies.at(-1)!.violationS, 0, 'a fleet for the peak of the surge holds it');
  assert.ok(Math.abs(result.meanPerS - 20_000) < 1);
  assert.match(dayInWords(result), /On an ordinary day autoscaling at 60 %/);
  assert.match(daySection(result), /static, surge peak/);
});

whole.run();
