import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { planReport } from '../../reports/plan-report.ts';
import type { PlanSpec } from '../../scenarios/plan-schema.ts';
import { buildAlternative } from '../../sim/fleet/alternative.ts';
import { simulateFleets } from '../../sim/fleet/fleet-simulation.ts';
import { makePlan } from '../../sim/fleet/make-plan.ts';
import { type PlanResult, planResultSchema } from '../../sim/fleet/plan-result.ts';
import { near, tiny } from '../serving/scenarios.ts';
import { plannerOf } from './planners.ts';

const load =
  'load: {arrivals: {kind: serial}, candidates: {kind: uniform, min: 20, max: 100}, requests: 600}';

const arms = tiny(`
replications: 4
${load}
fleet: {main: {workers: 4}, sparse: {workers: 4, host: sc-small}}
arms:
  - {name: alone, sharding: {strategy: singular}}
  - {name: two, sharding: {strategy: load-balanced, shards: 2}}`);

const alone = tiny(`
replications: 4
${load}
fleet: {main: {workers: 4}}
sharding: {strategy: singular}`);

async function planOf(
  yaml: string,
  options: { targetPerS?: number; limitS?: number; spec?: Partial<PlanSpec> } = {},
): Promise<PlanResult> {
  return makePlan(await plannerOf(yaml, options), 'test');
}

const plans = suite('plan');

plans('sizes every alternative, proves it and picks the cheapest', async () => {
  const plan = await planOf(arms, { targetPerS: 100_000, limitS: 0.004 });
  planResultSchema.parse(plan);
  const sized = plan.alternatives.filter(({ state }) => state === 'SIZED');
  assert.is(sized.length, 2);
  for (const { states, fleet, money, power, name } of sized) {
    assert.equal(
      states.map(({ met }) => met),
      ['yes', 'yes'],
    );
    assert.ok(states.every(({ utilisation }) => utilisation[0].offered <= 0.9 + 1e-9));
    near(money!.usdPerMonth, money!.usdPerHour * 730);
    near(money!.usdPerMillionRequests, (money!.usdPerHour / 3600 / 100_000) * 1e6);
    assert.ok(power!.watts > 0);
    assert.is(
      fleet!.hosts,
      fleet!.tiers.reduce((sum, { total }) => sum + total, 0),
      name,
    );
  }
  const cheapest = Math.min(...sized.map(({ money }) => money!.usdPerHour));
  assert.is(sized.find(({ name }) => name === plan.best)!.money!.usdPerHour, cheapest);
  assert.match(planReport(plan), /requests\/s with p99 ≤ 4\.00 ms/);
});

plans('has no main host to spare', async () => {
  const planner = await plannerOf(alone, { targetPerS: 100_000, limitS: 0.004 });
  const { plan, capacity, needed } = await buildAlternative(planner, planner.scenario.arms[0]);
  const fewer = new Map([['main', needed!.get('main')! - 1]]);
  const [answer] = await simulateFleets(planner, [
    { state: 'fewer', plan: plan!, hosts: fewer, ratePerS: 125_000, unloadedS: capacity!.unloadedS },
  ]);
  const isTooBusy = answer.state.utilisation[0].offered > planner.spec.max_utilisation;
  assert.ok(isTooBusy || answer.state.met !== 'yes', JSON.stringify(answer.state));
});

for (const targetPerS of [5_000, 9_000])
  plans(
    `comes within a host of each tier of the cheapest of all fleets, ${targetPerS} requests/s`,
    async () => {
      const yaml = tiny(`
replications: 4
${load}
fleet: {main: {workers: 4, host: sc-small}, sparse: {workers: 1}}
sharding: {strategy: load-balanced, shards: 2}`);
      const planner = await plannerOf(yaml, { targetPerS, limitS: 0.004, spec: { headroom: 0 } });
      const { plan, capacity, alternative } = await buildAlternative(planner, planner.scenario.arms[0]);
      const { unloadedS } = capacity!;
      const counts = [1, 2, 3, 4, 5, 6];
      const fleets = counts.flatMap((main) => counts.map((shard) => ({ main, shard })));
      const answers = await simulateFleets(
        planner,
        fleets.map(({ main, shard }) => ({
          state: '',
          plan: plan!,
          hosts: new Map([
            ['main', main],
            ['shard 0', shard],
            ['shard 1', shard],
          ]),
          ratePerS: targetPerS,
          unloadedS,
        })),
      );
      const { main, sparse } = plan!.arm;
      const prices = fleets
        .filter((_, i) => answers[i].state.met === 'yes' && answers[i].state.utilisation[0].offered <= 0.9)
        .map(
          (fleet) =>
            fleet.main * main.host.pricePerHourUsd.value +
            2 * fleet.shard * sparse.host.pricePerHourUsd.value,
        );
      assert.ok(
        prices.length > 0 && prices.length < fleets.length,
        `${prices.length} of ${fleets.length} do`,
      );
      const tolerance = main.host.pricePerHourUsd.value + sparse.host.pricePerHourUsd.value;
      assert.ok(
        alternative.money!.usdPerHour <= Math.min(...prices) + tolerance + 1e-9,
        `${alternative.money!.usdPerHour}, ${Math.min(...prices)}`,
      );
    },
  );

plans('of twice the load needs about twice the hosts', async () => {
  const hosts = async (targetPerS: number) =>
    (await planOf(alone, { targetPerS, limitS: 0.004 })).alternatives[0].fleet!.hosts;
  const [one, two] = [await hosts(100_000), await hosts(200_000)];
  assert.ok(two >= 1.7 * one && two <= 2.1 * one, `${one} and ${two}`);
});

plans('adds hosts for headroom, spares and failures', async () => {
  const hosts = async (spec: Partial<PlanSpec>) => {
    const { alternatives } = await planOf(alone, {
      targetPerS: 80_000,
      limitS: 0.004,
      spec: { headroom: 0, ...spec },
    });
    assert.ok(alternatives[0].states.every(({ met }) => met === 'yes'));
    return alternatives[0].fleet!.hosts;
  };
  const bare = await hosts({});
  assert.is(await hosts({ spares: 2 }), bare + 2);
  assert.is(await hosts({ survive: 'host' }), bare + 1);
  assert.ok((await hosts({ headroom: 0.5 })) >= 1.8 * bare);
  assert.ok((await hosts({ survive: 'region', regions: 2 })) >= 2 * bare);
  assert.ok((await hosts({ survive: 'rack', hosts_per_rack: 4 })) > bare);
});

plans('without a target is the capacity of a replica set', async () => {
  const plan = await planOf(alone, { limitS: 0.004 });
  assert.is(plan.alternatives[0].state, 'REPLICA SET');
  assert.is(plan.best, 'scenario');
  assert.equal(plan.frontier, []);
});

plans('is the same twice', async () => {
  const once = await planOf(arms, { targetPerS: 50_000, limitS: 0.004 });
  assert.equal(await planOf(arms, { targetPerS: 50_000, limitS: 0.004 }), once);
});

plans.run();

const infeasible = suite('infeasible plans');

infeasible('below the latency of lone requests say how far the SLA is off', async () => {
  const plan = await planOf(alone, { targetPerS: 1000, limitS: 1e-5 });
  assert.is(plan.best, undefined);
  assert.is(plan.alternatives[0].state, 'MISSES SLA');
  const relaxation = plan.relaxations.find(({ constraint }) => constraint === 'sla.latency')!;
  const unloaded = plan.alternatives[0].capacity!.unloadedS;
  assert.match(relaxation.from, /µs/);
  const relaxed = await planOf(alone, { targetPerS: 1000, limitS: unloaded * 1.2 });
  assert.is(relaxed.best, 'scenario');
});

infeasible('by a limit name the limit that would do, and it does', async () => {
  const options = { targetPerS: 100_000, limitS: 0.004 };
  const free = (await planOf(alone, options)).alternatives[0];
  const hosts = free.fleet!.hosts;
  const limited = await planOf(alone, { ...options, spec: { limits: { hosts: hosts - 1 } } });
  assert.is(limited.best, undefined);
  assert.is(limited.alternatives[0].state, 'EXCEEDS LIMITS');
  const byName = (name: string) => limited.relaxations.find(({ constraint }) => constraint === name);
  assert.is(byName('plan.limits.hosts')!.to, `${hosts} hosts`);
  assert.is((await planOf(alone, { ...options, spec: { limits: { hosts } } })).best, 'scenario');
  const lower = Number.parseFloat(byName('plan.target')!.to.replace(' k', 'e3'));
  assert.ok(lower > 0 && lower < 100_000, byName('plan.target')!.to);
  assert.is(byName('plan.headroom')!.to, '0 %');
});

infeasible('by stock name the type that lacks', async () => {
  const plan = await planOf(alone, {
    targetPerS: 100_000,
    limitS: 0.004,
    spec: { stock: { 'sc-large': 1 } },
  });
  assert.ok(plan.relaxations.some(({ constraint }) => constraint === 'plan.stock.sc-large'));
});

infeasible('by memory name what would make the tables fit', async () => {
  const crowded = tiny(`
replications: 2
${load}
fleet: {dram_reserved: 95 %}
model: drm1-like
sharding: {strategy: singular}`).replace('model: tiny\n', '');
  const plan = await planOf(crowded, { targetPerS: 1000, limitS: 1 });
  assert.is(plan.alternatives[0].state, 'DOES NOT FIT');
  assert.ok(plan.relaxations.some(({ constraint }) => constraint === 'memory of a host for tables'));
});

infeasible('by refresh: two snapshots do not fit, or load too slowly', async () => {
  const spec: Partial<PlanSpec> = { refresh: { every: 10, load_bandwidth: 1e6, mode: 'rolling' } };
  const plan = await planOf(alone, { targetPerS: 1000, limitS: 0.01, spec });
  assert.is(plan.best, undefined);
  assert.match(plan.alternatives[0].reason, /to load its tables, no less than/);
  assert.ok(plan.relaxations.some(({ constraint }) => constraint === 'plan.refresh.every'));
});

infeasible.run();
