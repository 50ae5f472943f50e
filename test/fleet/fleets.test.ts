import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { markEfficient } from '../../sim/fleet/frontier.ts';
import { racksOf, requiredRates, survivors, withRedundancy } from '../../sim/fleet/redundancy.ts';
import { withRollingRefresh } from '../../sim/fleet/refresh.ts';
import { sliceOf } from '../../sim/fleet/slice.ts';
import { near } from '../serving/scenarios.ts';

const survivals = ['nothing', 'host', 'rack', 'region'] as const;

const hosts = fc
  .tuple(fc.integer({ min: 1, max: 60 }), fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 4 }))
  .map(
    ([main, shards]) =>
      new Map([['main', main], ...shards.map((n, i): [string, number] => [`shard ${i}`, n])]),
  );

const spec = fc.record({
  survive: fc.constantFrom(...survivals),
  spares: fc.integer({ min: 0, max: 3 }),
  hosts_per_rack: fc.integer({ min: 1, max: 20 }),
  regions: fc.integer({ min: 2, max: 5 }),
});

const redundancy = suite('redundancy');

redundancy('leaves enough hosts of every role in every state', () => {
  fc.assert(
    fc.property(hosts, fc.double({ min: 0.3, max: 1, noNaN: true }), spec, (normal, share, asked) => {
      const failed = new Map(
        [...normal].map(([group, count]) => [group, Math.max(1, Math.ceil(count * share))]),
      );
      const total = withRedundancy(normal, failed, asked);
      const left = survivors(total, asked);
      for (const [group, count] of normal) {
        assert.ok(total.get(group)! - asked.spares >= count, `${group} in normal operation`);
        assert.ok(left.get(group)! >= failed.get(group)!, `${group} with a domain down`);
      }
    }),
  );
});

redundancy('of nothing asks for nothing', () => {
  const needed = new Map([['main', 7]]);
  const asked = { survive: 'nothing', spares: 0, hosts_per_rack: 16, regions: 3 } as const;
  assert.equal(withRedundancy(needed, needed, asked), needed);
});

redundancy('of a host is N+1, and spares come on top', () => {
  const needed = new Map([
    ['main', 7],
    ['shard 0', 1],
  ]);
  const asked = { survive: 'host', spares: 2, hosts_per_rack: 16, regions: 3 } as const;
  assert.equal([...withRedundancy(needed, needed, asked).values()], [10, 4]);
});

redundancy('of a rack survives the loss of the fullest rack when hosts are dealt one by one', () => {
  fc.assert(
    fc.property(hosts, fc.integer({ min: 1, max: 20 }), (needed, perRack) => {
      const asked = { survive: 'rack', spares: 0, hosts_per_rack: perRack, regions: 3 } as const;
      const total = withRedundancy(needed, needed, asked);
      const racks = racksOf(
        [...total.values()].reduce((sum, n) => sum + n, 0),
        perRack,
      );
      for (const [group, count] of total) {
        const fullest = Math.max(...dealt(count, racks));
        assert.ok(count - fullest >= needed.get(group)!, `${group}: ${count} over ${racks} racks`);
      }
    }),
  );
});

function dealt(count: number, racks: number): number[] {
  const held = new Array<number>(racks).fill(0);
  for (let i = 0; i < count; i++) held[i % racks]++;
  return held;
}

redundancy('of a region shares the load of one that is down among the others', () => {
  const rates = requiredRates(900, {
    survive: 'region',
    spares: 0,
    hosts_per_rack: 1,
    regions: 3,
    headroom: 0.25,
  });
  assert.equal(rates, { normalPerS: 400, failedPerS: 450, regions: 3 });
});

redundancy.run();

const slices = suite('slices of a fleet');

slices('never load a host less than the fleet does, nor more than a hundredth more', () => {
  fc.assert(
    fc.property(hosts, fc.double({ min: 1, max: 1e6, noNaN: true }), (fleet, rate) => {
      const { hosts: part, ratePerS, sliceOf: parts } = sliceOf(fleet, rate);
      near(ratePerS * parts, rate);
      for (const [group, count] of fleet) {
        const load = ratePerS / part.get(group)! / (rate / count);
        assert.ok(load >= 1 - 1e-9 && load <= 1.01 + 1e-9, `${group}: ${load}`);
      }
      if (parts > 1) assert.ok(part.get('main')! >= 4);
    }),
  );
});

slices('of four hundred hosts are of four', () => {
  const { hosts: part, sliceOf: parts } = sliceOf(new Map([['main', 400]]), 1000);
  assert.is(parts, 100);
  assert.is(part.get('main'), 4);
});

slices.run();

const refreshes = suite('rolling refresh');

refreshes('keeps enough in service while the others load, with no host to spare', () => {
  fc.assert(
    fc.property(hosts, fc.double({ min: 0, max: 0.9, noNaN: true }), (needed, share) => {
      const loadS = new Map([...needed.keys()].map((group) => [group, share * 3600]));
      const total = withRollingRefresh(needed, loadS, { every: 3600, load_bandwidth: 1e9, mode: 'rolling' });
      for (const [group, count] of needed) {
        const serving = (n: number) => n - Math.ceil(n * share - 1e-9);
        assert.ok(serving(total.get(group)!) >= count);
        assert.ok(total.get(group) === count || serving(total.get(group)! - 1) < count);
      }
    }),
  );
});

refreshes.run();

const pareto = suite('Pareto frontier');

pareto('is what nothing beats', () => {
  const points = fc.array(
    fc.tuple(fc.integer({ max: 5, min: 1 }), fc.integer({ max: 5, min: 1 }), fc.integer({ max: 5, min: 1 })),
    {
      minLength: 1,
      maxLength: 12,
    },
  );
  fc.assert(
    fc.property(points, (drawn) => {
      const marked = markEfficient(
        drawn.map(([usdPerHour, latency, watts], index) => ({
          alternative: `${index}`,
          oversize: 1,
          usdPerHour,
          latencyS: { mean: latency },
          watts,
        })),
      );
      assert.ok(marked.some(({ isEfficient }) => isEfficient));
      for (const one of marked) {
        const isBeaten = marked.some(
          (other) =>
            other.usdPerHour <= one.usdPerHour &&
            other.latencyS.mean <= one.latencyS.mean &&
            other.watts <= one.watts &&
            (other.usdPerHour < one.usdPerHour ||
              other.latencyS.mean < one.latencyS.mean ||
              other.watts < one.watts),
        );
        assert.is(one.isEfficient, !isBeaten);
      }
    }),
  );
});

pareto.run();
