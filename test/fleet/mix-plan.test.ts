import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mixSection } from '../../reports/plan-mix-section.ts';
import { planMix } from '../../sim/fleet/mix/mix.ts';
import { type MixResult, mixResultSchema } from '../../sim/fleet/mix/mix-result.ts';
import { inThisThread } from '../../sim/fleet/workers.ts';
import { scenarioOf } from '../serving/scenarios.ts';

const planning = suite('mix: planning');

async function mixOf(plan: string, more = ''): Promise<MixResult> {
  const scenario = await scenarioOf(`
model: tiny
load: { candidates: { kind: fixed, value: 100 }, requests: 150 }
sharding: { strategy: singular }
sla: { latency: 20 ms }
replications: 2
${more}
plan:
  precision: 20 %
${plan}
arms:
  - name: small
    fleet: { main: { host: sc-small } }
  - name: large
    fleet: { main: { host: sc-large } }
  - name: sharded
    fleet: { main: { host: sc-large }, sparse: { host: sc-small } }
    sharding: { strategy: load-balanced, shards: 2 }
`);
  return planMix({ scenario, spec: scenario.settings.plan!, workers: inThisThread() });
}

const two = `
  workloads:
    - { name: light, target: 60 kQPS }
    - { name: heavy, target: 20 kQPS, pooling_scale: 4 }
`;

planning('chooses from the stock what simulations confirm', async () => {
  const mix = await mixOf(`  stock: { sc-small: 4, sc-large: 40 }${two}`);
  assert.equal(mixResultSchema.parse(mix), mix);
  assert.is(mix.state, 'SOLVED');
  assert.ok(mix.solution!.gap <= 1e-6);
  for (const { name, targetPerS } of mix.workloads) {
    const shares = mix.shares.filter(({ workload }) => workload === name);
    const served = shares.reduce((sum, { ratePerS }) => sum + ratePerS, 0);
    assert.ok(Math.abs(served / targetPerS - 1) < 1e-9, `${name}: ${served} of ${targetPerS}`);
    const states = shares.flatMap((share) => share.states);
    assert.ok(states.every(({ met, busiest }) => met === 'yes' && busiest.offered <= 0.9 * (1 + 1e-6)));
  }
  const small = mix.stock.find(({ host }) => host === 'sc-small')!;
  assert.ok(small.used <= 4);
  const hosts = mix.shares.flatMap(({ tiers }) => tiers).reduce((sum, tier) => sum + tier.hosts, 0);
  assert.is(hosts, mix.solution!.totals.hosts);
  const [each] = mix.comparisons;
  assert.is(each.isPossible, false);
  assert.ok(each.totals!.usdPerHour > 0);
});

planning('is the same twice, and its section names what was chosen', async () => {
  const plan = `  stock: { sc-small: 6 }${two}`;
  const [one, other] = [await mixOf(plan), await mixOf(plan)];
  assert.is(JSON.stringify(one), JSON.stringify(other));
  const text = mixSection(one);
  for (const { alternative, workload } of one.shares) {
    assert.match(text, workload);
    assert.match(text, alternative);
  }
  assert.match(text, /gap 0 %/);
  assert.match(text, /Stock/);
});

planning('without enough hosts says which are missing, and those would do', async () => {
  const short = await mixOf(`  stock: { sc-small: 1, sc-large: 1 }${two}`);
  assert.is(short.state, 'INFEASIBLE');
  assert.equal(short.shares, []);
  const stock = short.relaxations.find(({ constraint }) => constraint === 'plan.stock')!;
  const granted = { 'sc-small': 1, 'sc-large': 1 } as Record<string, number>;
  for (const one of stock.to.split(', ')) {
    const [count, host] = one.split(' ');
    granted[host] = Number(count);
  }
  const list = Object.entries(granted).map(([host, count]) => `${host}: ${count}`);
  const enough = await mixOf(`  stock: { ${list.join(', ')} }${two}`);
  assert.is(enough.state, 'SOLVED');
  assert.ok(short.relaxations.some(({ constraint }) => constraint === 'targets of all workloads'));
  assert.match(mixSection(short), /The stock\s+is\s+short/);
});

planning('keeps limits, counts spares, and survives a host', async () => {
  const plain = await mixOf(two);
  const { usdPerHour, hosts } = plain.solution!.totals;
  const spared = await mixOf(`  spares: 2${two}`);
  assert.is(spared.solution!.totals.hosts, hosts + 2 * plain.shares.flatMap(({ tiers }) => tiers).length);
  const robust = await mixOf(`  survive: host\n  headroom: 0 %${two}`);
  assert.ok(
    robust.shares.every(({ states }) => states.length === 2 && states.every(({ met }) => met === 'yes')),
  );
  const dear = await mixOf(`  limits: { price: ${usdPerHour / 2} USD/h }${two}`);
  assert.is(dear.state, 'INFEASIBLE');
  assert.ok(dear.relaxations.some(({ constraint }) => constraint === 'plan.limits.price'));
  const fewest = await mixOf(`  objective: hosts${two}`);
  assert.ok(fewest.solution!.totals.hosts <= hosts);
  assert.ok(fewest.solution!.totals.usdPerHour >= usdPerHour - 1e-9);
});

planning('never uses a pair that misses its SLA or does not fit', async () => {
  const mix = await mixOf(`
  workloads:
    - { name: tight, target: 100 QPS, sla: { latency: 2 us } }
    - { name: loose, target: 100 QPS }
`);
  assert.is(mix.state, 'INFEASIBLE');
  const tight = mix.pairs.filter(({ workload }) => workload === 'tight');
  assert.ok(
    tight.every(({ isPossible, reason }) => !isPossible && /lone requests already take/.test(reason)),
  );
  assert.match(mix.relaxations[0].constraint, 'sla.latency of tight');
  assert.match(mixSection(mix), /tight cannot run on any/);
});

planning.run();
