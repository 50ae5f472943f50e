import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseQuantity, roundedUp, toldApart } from '../../foundation/units.ts';
import { planReport } from '../../reports/plan-report.ts';
import type { PlanSpec } from '../../scenarios/plan-schema.ts';
import { buildAlternative } from '../../sim/fleet/alternative.ts';
import { crossing } from '../../sim/fleet/capacity-search.ts';
import { simulateFleets } from '../../sim/fleet/fleet-simulation.ts';
import { makePlan } from '../../sim/fleet/make-plan.ts';
import type { PlanResult } from '../../sim/fleet/plan-result.ts';
import { withRollingRefresh } from '../../sim/fleet/refresh.ts';
import { near, tiny } from '../serving/scenarios.ts';
import { plannerOf } from './planners.ts';

const alone = (arms = '') =>
  tiny(`
replications: 3
load: {arrivals: {kind: serial}, candidates: {kind: uniform, min: 20, max: 100}, requests: 400}
fleet: {main: {workers: 4}}
sharding: {strategy: singular}
${arms}`);

interface Options {
  targetPerS?: number;
  limitS?: number;
  spec?: Partial<PlanSpec>;
}

async function planOf(options: Options, arms?: string): Promise<PlanResult> {
  return makePlan(await plannerOf(alone(arms), { targetPerS: 100_000, limitS: 0.004, ...options }), 'test');
}

const changeOf = ({ relaxations }: PlanResult, wanted: string) =>
  relaxations.find(({ constraint }) => constraint === wanted)!;

const honest = suite('honest plans');

honest('prefer, of alternatives that cost the same, one that nothing beats', async () => {
  const arms = 'arms: [{name: heavy, pooling_scale: 3}, {name: light, pooling_scale: 1}]';
  const plan = await planOf({ targetPerS: 1000 }, arms);
  const [heavy, light] = plan.alternatives;
  near(heavy.money!.usdPerHour, light.money!.usdPerHour);
  assert.ok(light.power!.watts < heavy.power!.watts);
  assert.is(plan.best, 'light');
  assert.match(planReport(plan), /least price of 2 alternatives; heavy costs the same/);
  assert.ok(plan.frontier.find(({ alternative }) => alternative === plan.best)!.isEfficient);
});

honest('show no fleet of the frontier twice', async () => {
  const { frontier } = await planOf({ targetPerS: 1000 });
  const sizes = frontier.map(({ alternative, oversize }) => `${alternative} ${oversize}`);
  assert.is(new Set(sizes).size, sizes.length, sizes.join());
});

honest('are proven without the hosts that load a snapshot', async () => {
  const refresh = { every: 60, load_bandwidth: 1e8, mode: 'rolling' as const };
  const { alternatives } = await planOf({ spec: { refresh, spares: 1 } });
  const { fleet, states, power } = alternatives[0];
  const { extraHosts } = fleet!.refresh!;
  assert.ok(extraHosts > 0);
  assert.is(states[0].hosts[0].serving, fleet!.hosts - extraHosts - 1);
  const without = await planOf({ spec: { spares: 1 } });
  assert.ok(power!.watts > without.alternatives[0].power!.watts);
});

honest('refuse snapshots that come faster than they load, in every mode', async () => {
  for (const mode of ['rolling', 'double-memory', 'cheaper'] as const) {
    const plan = await planOf({ spec: { refresh: { every: 60, load_bandwidth: 1e6, mode } } });
    assert.is(plan.alternatives[0].state, 'MISSES SLA', mode);
    assert.ok(changeOf(plan, 'plan.refresh.load_bandwidth'));
  }
});

honest('find hosts for a refresh that takes almost all the time at once', () => {
  const share = 1 - 1e-9;
  const total = withRollingRefresh(new Map([['main', 1000]]), new Map([['main', 3600 * share]]), {
    every: 3600,
    load_bandwidth: 1,
    mode: 'rolling',
  }).get('main')!;
  assert.ok(total >= 1e12 && total < 1.01e12, `${total}`);
});

honest('name an SLA that does, as it is printed', async () => {
  const tight = await planOf({ limitS: 1e-5 });
  const limitS = parseQuantity(changeOf(tight, 'sla.latency').to, 'time');
  assert.is((await planOf({ limitS })).best, 'scenario');
});

honest('name an SLA that does where lone requests meet it and no fleet surely does', async () => {
  const planner = await plannerOf(alone(), { targetPerS: 100_000, limitS: 0.004 });
  const { capacity } = await buildAlternative(planner, planner.scenario.arms[0]);
  const limitS = capacity!.unloadedS * 1.0001;
  const tight = await planOf({ limitS });
  if (tight.best !== undefined) return;
  const relaxation = changeOf(tight, 'sla.latency');
  assert.is((await planOf({ limitS: parseQuantity(relaxation.to, 'time') })).best, 'scenario');
});

honest('name limits of price and power that do, as they are printed', async () => {
  for (const limits of [{ power: 1 }, { price: 0.01 }]) {
    const limited = await planOf({ spec: { limits } });
    const [[name, dimension]] = Object.keys(limits).map((key) => [key, key as 'power' | 'price']);
    const value = parseQuantity(changeOf(limited, `plan.limits.${name}`).to, dimension);
    assert.is((await planOf({ spec: { limits: { [name]: value } } })).best, 'scenario', `${name} ${value}`);
  }
});

honest('name a target that is served, and next to the highest', async () => {
  const limited = await planOf({ spec: { limits: { hosts: 1 } } });
  const { to } = changeOf(limited, 'plan.target');
  const served = parseQuantity(to.replace('requests', ''), 'rate');
  const spec = { limits: { hosts: 1 } };
  assert.is((await planOf({ targetPerS: served, spec })).best, 'scenario', to);
  assert.is((await planOf({ targetPerS: served * 1.1, spec })).best, undefined, to);
});

honest('report the use of the fleet, not of the slice that stands for it', async () => {
  const planner = await plannerOf(alone(), { targetPerS: 1e6, limitS: 0.004 });
  const { plan, capacity } = await buildAlternative(planner, planner.scenario.arms[0]);
  const ask = (main: number) => ({
    state: 'asked',
    plan: plan!,
    hosts: new Map([['main', main]]),
    ratePerS: 1e6,
    unloadedS: capacity!.unloadedS,
  });
  const [even, odd] = await simulateFleets(planner, [ask(400), ask(403)], 1);
  assert.is(odd.state.sliceOf, 100);
  near(odd.state.utilisation[0].offered / even.state.utilisation[0].offered, 400 / 403);
  assert.ok(odd.powerW > even.powerW);
});

honest('average uses, not their inverses, where use limits a rate', () => {
  const points = [1, 2, 3, 4].map((ratePerS) => ({ ratePerS, latencyS: [0.001, 0.001] }));
  near(crossing({ points, highestPerS: [1, 3] }, 1).ratePerS, 1.5);
});

honest('print what is enough', () => {
  assert.is(roundedUp(0.18531), 0.186);
  assert.is(roundedUp(0.185), 0.185);
  assert.is(roundedUp(12775.4), 12776);
  assert.is(roundedUp(2.5609), 2.57);
});

honest('fit a terminal', async () => {
  const arms = `arms:
  - {name: capacity-balanced 2, sharding: {strategy: capacity-balanced, shards: 2}}
  - {name: load-balanced 2, sharding: {strategy: load-balanced, shards: 2}}`;
  const lines = planReport(await planOf({ targetPerS: 1000 }, arms)).split('\n');
  const widest = Math.max(...lines.map((line) => [...line].length));
  assert.ok(widest <= 115, `${widest} columns`);
  assert.match(lines.join('\n'), /^1000 requests\/s with .*: .*, 3 hosts, /m);
  assert.not.match(planReport(await planOf({ targetPerS: 1000 })), /\b1 hosts/);
});

honest('say where too little was simulated to be sure', async () => {
  const planner = await plannerOf(alone(), { targetPerS: 1000, limitS: 0.004 });
  const { scenario } = planner;
  const once = { ...scenario, settings: { ...scenario.settings, replications: 1 } };
  const unsure = planReport(await makePlan({ ...planner, scenario: once }, 'test'));
  assert.match(unsure, /Not sure: scenario \(2 of 2 states UNDER-SAMPLED\)/);
  assert.not.match(planReport(await planOf({ targetPerS: 1000 })), /Not sure/);
});

honest('tell a latency from the limit that it misses by a hair', () => {
  assert.equal(toldApart(0.0025613, 0.0025611), ['2.5613 ms', '2.5611 ms']);
  assert.equal(toldApart(0.005, 0.001), ['5.00 ms', '1.00 ms']);
  assert.equal(toldApart(0.005, 0.005), ['5.00 ms', '5.00 ms']);
});

honest('do not begin with good news where growth cannot be served', async () => {
  const yaml = alone('plan: {growth: {quarters: 2, each_quarter: {rate: 10 %}}}');
  const planner = await plannerOf(yaml, { targetPerS: 1000, limitS: 0.004 });
  const plan = await makePlan(planner, 'test');
  assert.is(plan.growth!.state, 'INFEASIBLE');
  assert.not.match(planReport(plan), /\b1 hosts/);
  assert.match(planReport(plan).replace(/\s+/g, ' '), /Its growth cannot be served as asked: see below\./);
});

honest.run();
