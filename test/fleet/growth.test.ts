import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { growthInWords, growthSection } from '../../reports/plan-growth-section.ts';
import { growthSchema } from '../../scenarios/plan-growth-schema.ts';
import { planDefaults } from '../../scenarios/plan-schema.ts';
import { checkGrowthHosts } from '../../sim/fleet/growth/build.ts';
import { hoursPerQuarter } from '../../sim/fleet/growth/describe.ts';
import { factorsByQuarter } from '../../sim/fleet/growth/factors.ts';
import { planGrowth } from '../../sim/fleet/growth/growth.ts';
import { growthResultSchema } from '../../sim/fleet/growth/growth-result.ts';
import type { GrowthInstance, HostType } from '../../sim/fleet/growth/instance.ts';
import { planPurchases, withLeanShares } from '../../sim/fleet/growth/model.ts';
import { roleNeeds } from '../../sim/fleet/growth/needs.ts';
import { mostServed } from '../../sim/fleet/growth/quarter.ts';
import { naiveStrategies } from '../../sim/fleet/growth/strategies.ts';
import { plannerOf } from './planners.ts';

const factors = suite('fleet: growth factors');

factors('compound, or one value for each quarter', () => {
  const same = factorsByQuarter(growthSchema.parse({ quarters: 3, each_quarter: { rate: '10 %' } }));
  assert.ok(Math.abs(same[2].rate - 1.331) < 1e-12);
  assert.is(same[2].tables, 1);
  const listed = factorsByQuarter(
    growthSchema.parse({ quarters: 2, each_quarter: { tables: ['100 %', '-50 %'] } }),
  );
  assert.equal(
    listed.map(({ tables }) => tables),
    [2, 1],
  );
});

factors('a list of another length is refused where it stands', () => {
  const parsed = growthSchema.safeParse({ quarters: 3, each_quarter: { rate: ['10 %'] } });
  assert.is(parsed.success, false);
  const [issue] = parsed.error!.issues;
  assert.equal(issue.path, ['each_quarter', 'rate']);
  assert.match(issue.message, /1 values for 3 quarters/);
});

factors.run();

const type = (host: string, more: Partial<HostType> = {}): HostType => ({
  host,
  owned: 0,
  usdPerHour: 1,
  idleW: 100,
  leadQuarters: 0,
  firstOrder: 0,
  ...more,
});

/** Alternatives of one role each: `slopes[alternative][quarter]` hosts of its type for all of the demand. */
function instanceOf(
  types: HostType[],
  slopes: number[][],
  more: Partial<GrowthInstance> = {},
): GrowthInstance {
  return {
    demandPerS: slopes[0].map(() => 100),
    types,
    alternatives: slopes.map((list, index) => ({
      name: `a${index}`,
      options: list.map((slope) =>
        Number.isNaN(slope)
          ? undefined
          : {
              dynamicW: 0,
              roles: [
                {
                  group: 'main',
                  type: index % types.length,
                  lines: [{ slope, constant: 0 }],
                  least: 1,
                  times: 1,
                },
              ],
            },
      ),
    })),
    isReturnable: false,
    limits: {},
    ...more,
  };
}

const purchases = suite('fleet: growth purchases');

purchases('enough hosts in place: nothing is bought', async () => {
  const plan = await planPurchases(instanceOf([type('x', { owned: 5 })], [[3, 4, 5]]), { goal: 'money' });
  assert.equal(plan!.delivered, [[0, 0, 0]]);
  assert.is(plan!.objective, 15);
});

purchases('hosts come when they are needed, and stay', async () => {
  const plan = await planPurchases(instanceOf([type('x', { owned: 2 })], [[2, 2.5, 4.1]]), { goal: 'money' });
  assert.equal(plan!.inventory, [[2, 3, 5]]);
  assert.equal(plan!.delivered, [[0, 1, 2]]);
  assert.is(plan!.objective, 10);
  assert.ok(plan!.objective - plan!.bound <= 1e-3);
});

purchases('hosts that may be returned follow the demand down', async () => {
  const instance = instanceOf([type('x', { owned: 4 })], [[4, 2, 3]], { isReturnable: true });
  assert.equal((await planPurchases(instance, { goal: 'money' }))!.inventory, [[4, 2, 3]]);
});

purchases('a lead time longer than the time left cannot be met', async () => {
  const instance = instanceOf([type('x', { owned: 2, leadQuarters: 2 })], [[2, 3, 3]]);
  assert.is(await planPurchases(instance, { goal: 'money' }), undefined);
  const nearest = await planPurchases(instance, { goal: 'unserved' });
  assert.ok(Math.abs(nearest!.unserved[1] - 1 / 3) < 1e-6);
  assert.equal([nearest!.unserved[0], nearest!.unserved[2]], [0, 0]);
  const owned = await planPurchases(instance, { goal: { kind: 'owned', type: 0 } });
  assert.is(owned!.objective, 1);
});

purchases('a cheaper generation is waited for only where waiting can be afforded', async () => {
  const old = type('old', { owned: 2, usdPerHour: 3 });
  const late = type('new', { usdPerHour: 1, firstOrder: 1, leadQuarters: 1 });
  // The new type serves all with three hosts from the third quarter on.
  const plan = await planPurchases(
    instanceOf(
      [old, late],
      [
        [2, 3, 5],
        [3, 3, 3],
      ],
    ),
    { goal: 'money' },
  );
  assert.equal(plan!.inventory[0], [2, 3, 3]);
  // Three old hosts serve three fifths; the new ones the other two.
  assert.equal(plan!.inventory[1], [0, 0, 2]);
});

purchases('deliveries of a quarter, stock and price are limits', async () => {
  const few = instanceOf([type('x', { perQuarter: 2 })], [[2, 3, 6]]);
  assert.equal((await planPurchases(few, { goal: 'money' }))!.delivered, [[2, 2, 2]]);
  assert.is(
    await planPurchases(instanceOf([type('x', { stock: 5 })], [[2, 3, 6]]), { goal: 'money' }),
    undefined,
  );
  const dear = instanceOf([type('x')], [[2, 3, 6]], { limits: { usdPerHour: 5 } });
  assert.is(await planPurchases(dear, { goal: 'money' }), undefined);
  const price = await planPurchases(dear, { goal: { kind: 'price' } });
  assert.ok(Math.abs(price!.objective - 1) < 1e-6);
});

purchases('equals trying everything on small instances', async () => {
  const slope = fc.constantFrom(0.5, 1, 1.5, 2.2, 3, Number.NaN);
  const host = fc.record({
    owned: fc.integer({ min: 0, max: 2 }),
    usdPerHour: fc.integer({ min: 1, max: 4 }),
    leadQuarters: fc.integer({ min: 0, max: 1 }),
    firstOrder: fc.integer({ min: 0, max: 1 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(host, host),
      fc.tuple(fc.tuple(slope, slope, slope), fc.tuple(slope, slope, slope), fc.tuple(slope, slope, slope)),
      async ([a, b], slopes) => {
        const instance = instanceOf(
          [type('a', a), type('b', b)],
          slopes.map((list) => [...list]),
        );
        const plan = await planPurchases(instance, { goal: 'money' });
        assert.is(plan?.objective, cheapest(instance));
      },
    ),
    { numRuns: 25, seed: 7 },
  );
});

/** Cheapest Σ USD per hour over all deliveries of up to three hosts; an alternative has one role with one line. */
function cheapest(instance: GrowthInstance): number | undefined {
  const { types } = instance;
  const quarters = instance.demandPerS.length;
  let best: number | undefined;
  const canServe = (inventory: readonly number[], quarter: number) => {
    // Of two alternatives on one type, all of its hosts are best with the one that needs fewer.
    const share = inventory.reduce((sum, hosts, at) => {
      const slopes = instance.alternatives.flatMap(({ options }) => {
        const role = options[quarter]?.roles[0];
        return role?.type === at ? [role.lines[0].slope] : [];
      });
      return slopes.length > 0 ? sum + hosts / Math.min(...slopes) : sum;
    }, 0);
    return share >= 1 - 1e-9;
  };
  const go = (quarter: number, inventory: readonly number[], usd: number): void => {
    if (best !== undefined && usd >= best) return;
    if (quarter === quarters) {
      best = usd;
      return;
    }
    const most = types.map(({ firstOrder, leadQuarters }) => (quarter >= firstOrder + leadQuarters ? 3 : 0));
    for (let first = 0; first <= most[0]; first++) {
      for (let second = 0; second <= most[1]; second++) {
        const next = [inventory[0] + first, inventory[1] + second];
        if (!canServe(next, quarter)) continue;
        go(quarter + 1, next, usd + next.reduce((sum, count, at) => sum + count * types[at].usdPerHour, 0));
      }
    }
  };
  go(
    0,
    types.map(({ owned }) => owned),
    0,
  );
  return best;
}

purchases('simple ways to buy never cost less', async () => {
  const old = type('old', { owned: 2, usdPerHour: 3 });
  const late = type('new', { usdPerHour: 1, firstOrder: 1, leadQuarters: 1 });
  const instance = instanceOf(
    [old, late],
    [
      [2, 3, 5, 7],
      [3, 3, 3, 3],
    ],
  );
  const plan = await planPurchases(instance, { goal: 'money' });
  for (const { name, plan: other } of await naiveStrategies(instance)) {
    const usd = other?.usdPerHour.reduce((sum, value) => sum + value, 0) ?? Number.POSITIVE_INFINITY;
    assert.ok(usd >= plan!.objective - 1e-9, name);
  }
});

purchases('what hosts in place bear: their number over the hosts for the demand', async () => {
  const instance = instanceOf([type('x', { owned: 5 }), type('y', { owned: 3 })], [[2], [6]]);
  const rate = await mostServed(instance, 0, [5, 3]);
  assert.ok(Math.abs(rate - 100 * (5 / 2 + 3 / 6)) < 1e-4);
  const plan = await planPurchases(instance, { goal: 'money' });
  const lean = await withLeanShares(instance, plan!);
  assert.equal(lean.shares, [[1, 0]]);
});

purchases('failures, spares and regions', () => {
  const spec = { ...planDefaults(), headroom: 0.2, spares: 1 };
  const redundancy = { racks: 4, loading: new Map<string, number>() };
  const lines = (survive: 'nothing' | 'host' | 'rack' | 'region') =>
    roleNeeds({ ...spec, survive, regions: 3 }, redundancy, 'main', 12)!;
  assert.equal(lines('nothing'), { lines: [{ slope: 15, constant: 1 }], least: 2, times: 1 });
  assert.equal(lines('host').lines[1], { slope: 12, constant: 2 });
  assert.equal(lines('rack').lines[1], { slope: 16, constant: 2 });
  assert.equal(lines('region'), {
    lines: [
      { slope: 5, constant: 1 },
      { slope: 6, constant: 1 },
    ],
    least: 2,
    times: 3,
  });
});

purchases.run();

const whole = suite('fleet: planGrowth');

const yaml = (growth: string, more = '') => `
model: tiny
load: { arrivals: { kind: poisson, rate: 20 kQPS }, requests: 400 }
fleet: { main: { workers: 4 }, sparse: { workers: 4 } }
replications: 2
sla: { percentile: p90, latency: 20 ms }
arms:
  - { name: alone, sharding: { strategy: singular } }
${more}
plan:
  precision: 20 %
  growth: ${growth}
`;

async function grown(growth: string, more = '') {
  const planner = await plannerOf(yaml(growth, more), {
    targetPerS: 20_000,
    limitS: 0.02,
    percentile: 'p90',
  });
  return planGrowth(planner);
}

whole('growth in rate alone: hosts in proportion, one measurement, orders a lead time ahead', async () => {
  const result = await grown(
    '{ quarters: 4, each_quarter: { rate: 50 % }, owned: { sc-large: 40 }, lead_time: 1 }',
  );
  assert.equal(growthResultSchema.parse(result), result);
  const [{ points }] = result.alternatives;
  const hosts = points.map((point) => point.hosts!['sc-large']);
  const perHost = points[0].ratePerS!;
  for (const [index, count] of hosts.entries()) {
    assert.is(points[index].ratePerS, perHost);
    assert.is(count, Math.max(1, Math.ceil((20_000 * 1.5 ** (index + 1)) / 0.8 / perHost - 1e-6)));
  }
  assert.is(result.state, 'PLANNED', result.reason);
  for (const { ordered, delivered } of result.orders) assert.is(delivered - ordered, 1);
  const total = result.plan.reduce((sum, { usd }) => sum + usd, 0);
  assert.ok(Math.abs(total - result.money.totalUsd) < 1e-6 * total);
  const byHand = result.plan.reduce(
    (sum, quarter) => sum + 3.5 * quarter.hosts['sc-large'] * hoursPerQuarter,
    0,
  );
  assert.ok(Math.abs(total - byHand) < 1e-6 * total);
  assert.ok(result.proofs.every(({ met }) => met !== 'no'));
});

whole('tables outgrow a host: the alternative ends, and the report says so', async () => {
  const result = await grown(
    '{ quarters: 4, each_quarter: { rows: 900 % }, owned: { sc-large: 60 } }',
    '  - { name: apart, sharding: { strategy: capacity-balanced, shards: 2 } }',
  );
  const [alone] = result.alternatives;
  assert.equal(alone.runsOut!.reason.startsWith('its tables no longer fit'), true, alone.runsOut!.reason);
  assert.is(alone.points.at(-1)!.state, 'DOES NOT FIT');
  assert.ok(alone.points[0].tableBytes * 9.9 < alone.points[1].tableBytes);
  assert.match(growthSection(result), /no longer fit/);
});

whole('a lead time that is too long: infeasible, with what would help', async () => {
  const result = await grown('{ quarters: 3, each_quarter: { rate: 40 % }, lead_time: 2 }');
  assert.is(result.state, 'INFEASIBLE');
  assert.match(result.reason, /^Q1, Q2 cannot be served.*hosts ordered now arrive in Q3/);
  const constraints = result.relaxations.map(({ constraint }) => constraint);
  assert.ok(constraints.includes('lead time of sc-large') && constraints.includes('sc-large in place'));
  assert.match(growthInWords(result), /run out in Q1: no hosts are in place/);
});

whole('a lead time longer than the plan leaves only other hosts', async () => {
  const result = await grown('{ quarters: 2, lead_time: 3 }');
  assert.match(result.reason, /arrive after the last quarter/);
});

whole('a host that no arm runs on is refused where it stands, with the near name', async () => {
  const check = async (growth: string) => {
    const planner = await plannerOf(yaml(growth));
    try {
      checkGrowthHosts(planner.scenario);
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };
  assert.is(await check('{ owned: { sc-large: 3 } }'), '');
  assert.match(
    await check('{ owned: { sc-lage: 3 } }'),
    /scenario.yaml:12:.*no arm runs on 'sc-lage'.*sc-large/,
  );
  assert.match(
    await check('{ generations: [{ host: h200x8 }] }'),
    /generations\[0\].host.*no arm runs on 'h200x8'/,
  );
});

whole.run();
