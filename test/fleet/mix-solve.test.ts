import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { greedyFleet } from '../../sim/fleet/mix/greedy.ts';
import {
  fleetValue,
  isFeasible,
  type MixFleet,
  type MixInstance,
  type MixObjective,
  type MixPair,
  rateOf,
  shortages,
  unitsFor,
  unused,
} from '../../sim/fleet/mix/instance.ts';
import { relaxMix } from '../../sim/fleet/mix/relax.ts';
import { solveMix } from '../../sim/fleet/mix/solve.ts';

const solving = suite('mix: solving');

const hostTypes = ['small', 'large', 'gpu'];
const prices: Record<string, number> = { small: 1, large: 2.5, gpu: 11 };
const watts: Record<string, number> = { small: 50, large: 110, gpu: 900 };

interface Drawn {
  targets: number[];
  /** By workload and pair: main host type, requests/s of a host, sparse hosts for each main host (0: none). */
  pairs: { workload: number; host: number; perHost: number; sparse: number; fixed: number }[];
  stock: number[];
  objective: MixObjective;
  maxAlternatives?: number;
}

const drawn: fc.Arbitrary<Drawn> = fc.record(
  {
    targets: fc.array(fc.integer({ min: 20, max: 100 }), { minLength: 1, maxLength: 2 }),
    pairs: fc.array(
      fc.record({
        workload: fc.integer({ min: 0, max: 1 }),
        host: fc.integer({ min: 0, max: 2 }),
        perHost: fc.integer({ min: 18, max: 90 }),
        sparse: fc.constantFrom(0, 0, 0.4, 1.3),
        fixed: fc.integer({ min: 0, max: 1 }),
      }),
      { minLength: 2, maxLength: 5 },
    ),
    stock: fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 3, maxLength: 3 }),
    objective: fc.constantFrom<MixObjective>('price', 'power', 'hosts'),
    maxAlternatives: fc.constantFrom(1, 2),
  },
  { requiredKeys: ['targets', 'pairs', 'stock', 'objective'] },
);

function instanceOf({ targets, pairs, stock, objective, maxAlternatives }: Drawn): MixInstance {
  const role = (group: string, host: string, perRequestPerS: number, fixed: number) => ({
    groups: [group],
    host,
    hostsPerUnit: 1,
    needs: [{ perRequestPerS, fixed }],
    usdPerHour: prices[host],
    idleW: watts[host],
  });
  return {
    workloads: targets.map((targetPerS) => ({ targetPerS, ...(maxAlternatives && { maxAlternatives }) })),
    pairs: pairs
      .filter(({ workload }) => workload < targets.length)
      .map(({ workload, host, perHost, sparse, fixed }, index) => ({
        workload,
        alternative: `${index}`,
        roles: [
          role('main', hostTypes[host], 1 / perHost, fixed),
          ...(sparse > 0 ? [role('shard 0', 'small', sparse / perHost, 0)] : []),
        ],
        joulesPerRequest: 2,
      })),
    stock: new Map(stock.map((count, index) => [hostTypes[index], count])),
    limits: {},
    objective,
  };
}

/**
 * The least value of any fleet, by trying all: some fleet of least value has every pair but the last of a workload at
 * the full rate of its hosts (hosts are what costs, but for the power of requests, which are alike here).
 */
function bruteForce(instance: MixInstance): number | undefined {
  const { workloads, pairs } = instance;
  let best: number | undefined;
  const visit = (index: number, fleet: MixFleet) => {
    if (index === pairs.length) {
      const served = cutToTargets(instance, fleet);
      if (!served || !isFeasible(instance, served)) return;
      const value = fleetValue(instance, served);
      if (best === undefined || value < best) best = value;
      return;
    }
    if (shortages({ pairs: pairs.slice(0, index), stock: instance.stock }, fleet).size > 0) return;
    for (const share of sharesOf(pairs[index], workloads[pairs[index].workload].targetPerS)) {
      visit(index + 1, [...fleet, share]);
    }
  };
  visit(0, []);
  return best;
}

/** Every number of hosts worth having: at each of them some role is full. */
function sharesOf(pair: MixPair, targetPerS: number): MixFleet {
  const rates = pair.roles.flatMap(({ needs: [{ perRequestPerS, fixed }] }) =>
    Array.from(
      { length: Math.ceil(perRequestPerS * targetPerS) + 2 },
      (_, units) => (units + 1 - fixed) / perRequestPerS,
    ),
  );
  const useful = [...new Set(rates.map((rate) => Math.min(rate, targetPerS)))].filter((rate) => rate > 1e-9);
  return [unused, ...useful.map((ratePerS) => ({ ratePerS, units: unitsFor(pair, ratePerS) }))];
}

/** The same hosts, with no more served than is asked. */
function cutToTargets({ workloads, pairs }: MixInstance, fleet: MixFleet): MixFleet | undefined {
  const totals = workloads.map((_, workload) =>
    fleet.reduce(
      (sum, { ratePerS }, index) => (pairs[index].workload === workload ? sum + ratePerS : sum),
      0,
    ),
  );
  if (totals.some((total, workload) => total < workloads[workload].targetPerS * (1 - 1e-12)))
    return undefined;
  return fleet.map((share, index) => {
    const { workload } = pairs[index];
    return { ...share, ratePerS: (share.ratePerS * workloads[workload].targetPerS) / totals[workload] };
  });
}

solving('finds what trying everything finds, and proves it', async () => {
  let solved = 0;
  await fc.assert(
    fc.asyncProperty(drawn, async (one) => {
      const instance = instanceOf(one);
      const solution = await solveMix(instance);
      const best = bruteForce(instance);
      assert.is(solution === undefined, best === undefined);
      if (!solution) return;
      solved++;
      assert.ok(isFeasible(instance, solution.fleet));
      assert.ok(Math.abs(solution.value - best!) <= 1e-6 * best!, `${solution.value}, by trying all ${best}`);
      assert.ok(
        solution.bound >= solution.value * (1 - 1e-6),
        `bound ${solution.bound} of ${solution.value}`,
      );
      assert.ok(solution.bound <= solution.value);
    }),
    { numRuns: 150, seed: 7 },
  );
  assert.ok(solved > 40, `only ${solved} instances had a solution`);
});

solving('a greedy fleet is feasible and never better', async () => {
  await fc.assert(
    fc.asyncProperty(drawn, async (one) => {
      const instance = instanceOf(one);
      const greedy = greedyFleet(instance);
      if (!greedy) return;
      const solution = await solveMix(instance);
      assert.ok(isFeasible(instance, greedy));
      assert.ok(solution!.value <= fleetValue(instance, greedy) * (1 + 1e-9));
    }),
    { numRuns: 100, seed: 3 },
  );
});

solving('more stock never costs more, less never costs less', async () => {
  await fc.assert(
    fc.asyncProperty(drawn, fc.integer({ min: 0, max: 2 }), async (one, type) => {
      const more = { ...one, stock: one.stock.map((count, index) => (index === type ? count + 1 : count)) };
      const [before, after] = [await solveMix(instanceOf(one)), await solveMix(instanceOf(more))];
      if (!before) return;
      assert.ok(after && after.value <= before.value * (1 + 1e-9));
    }),
    { numRuns: 60, seed: 11 },
  );
});

solving('a type without a stock is unlimited; limits are kept', async () => {
  const instance = instanceOf({
    targets: [1000],
    pairs: [
      { workload: 0, host: 1, perHost: 20, sparse: 0, fixed: 0 },
      { workload: 0, host: 2, perHost: 80, sparse: 0, fixed: 0 },
    ],
    stock: [0, 3, 0],
    objective: 'price',
  });
  const free = { ...instance, stock: new Map() };
  const solution = await solveMix(free);
  assert.is(solution!.value, 50 * 2.5);
  const byHosts = await solveMix({ ...free, limits: { hosts: 13 } });
  assert.is(byHosts!.value, 13 * 11);
  assert.is(await solveMix({ ...free, limits: { hosts: 12 } }), undefined);
  const mixed = await solveMix({ ...free, limits: { hosts: 20 } });
  assert.ok(mixed!.value > 125 && mixed!.value < 13 * 11);
});

solving('what a pair serves and what it needs agree', () => {
  fc.assert(
    fc.property(drawn, fc.double({ min: 0.01, max: 1, noNaN: true }), (one, share) => {
      const { pairs, workloads } = instanceOf(one);
      for (const pair of pairs) {
        const rate = workloads[pair.workload].targetPerS * share;
        const units = unitsFor(pair, rate);
        assert.ok(rateOf(pair, units) >= rate * (1 - 1e-4));
        assert.ok(units.every((count) => count >= 1));
      }
    }),
    { seed: 5 },
  );
});

const relaxing = suite('mix: relaxations');

const short = instanceOf({
  targets: [100, 60],
  pairs: [
    { workload: 0, host: 1, perHost: 25, sparse: 0, fixed: 0 },
    { workload: 1, host: 1, perHost: 30, sparse: 0, fixed: 0 },
    { workload: 1, host: 2, perHost: 60, sparse: 0, fixed: 0 },
  ],
  stock: [8, 3, 1],
  objective: 'price',
});

relaxing('say how many hosts are missing, and what share can be served', async () => {
  assert.is(await solveMix(short), undefined);
  const { extraHosts, fraction } = await relaxMix(short);
  assert.equal([...extraHosts!], [['large', 1]]);
  assert.ok(Math.abs(fraction! - 0.75) < 1e-6, `${fraction}`);
});

relaxing('are feasible when granted, and no less would do', async () => {
  await fc.assert(
    fc.asyncProperty(drawn, async (one) => {
      const instance = instanceOf({ ...one, stock: one.stock.map((count) => Math.floor(count / 2)) });
      if (await solveMix(instance)) return;
      const { extraHosts, fraction } = await relaxMix(instance);
      if (fraction !== undefined && fraction > 1e-6) {
        const less = scaled(instance, fraction * (1 - 1e-6));
        assert.ok(await solveMix(less), `${fraction} of the targets was said to be possible`);
        assert.is(await solveMix(scaled(instance, Math.min(1, fraction * 1.001))), undefined);
      }
      if (!extraHosts) return;
      const stock = new Map(
        [...instance.stock].map(([host, count]) => [host, count + (extraHosts.get(host) ?? 0)]),
      );
      assert.ok(await solveMix({ ...instance, stock }), 'more hosts did not help');
      const [[host]] = extraHosts;
      const fewer = new Map(stock).set(host, stock.get(host)! - 1);
      assert.is(await solveMix({ ...instance, stock: fewer }), undefined);
    }),
    { numRuns: 60, seed: 2 },
  );
});

relaxing('of a limit name the least that would do', async () => {
  const unlimited = { ...short, stock: new Map() };
  const { leastPrice } = await relaxMix({ ...unlimited, limits: { usdPerHour: 12 } });
  assert.is(leastPrice, 4 * 2.5 + 2 * 2.5);
});

function scaled(instance: MixInstance, factor: number): MixInstance {
  return {
    ...instance,
    workloads: instance.workloads.map((one) => ({ ...one, targetPerS: one.targetPerS * factor })),
  };
}

solving.run();
relaxing.run();
