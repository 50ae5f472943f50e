import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { attribute, type MixtureOutcome, weightsOf } from '../../sim/compare/attribution.ts';
import type { Design } from '../../sim/compare/coalitions.ts';
import type { AttributedTarget } from '../../sim/compare/comparison-result.ts';
import type { ReplicationOutcome } from '../../sim/serving/replication.ts';

const attribution = suite('compare: attribution');

const replications = 5;

/** Outcomes of mixtures whose p99 is given by replication. */
function outcomesOf(value: (mask: number, replication: number) => number, count: number) {
  return new Map(
    Array.from({ length: 2 ** count }, (_, mask): [number, MixtureOutcome] => [
      mask,
      {
        nominal: Array.from(
          { length: replications },
          (_, replication) =>
            ({
              percentiles: { p99: value(mask, replication) },
              cpuS: [mask + 1],
              acceleratorS: 0,
            }) as unknown as ReplicationOutcome,
        ),
        perturbed: [],
        pricePerHourUsd: 3 + mask,
        isSaturated: false,
      },
    ]),
  );
}

function attributed(method: Design['method'], count: number, value: (mask: number, r: number) => number) {
  const factors = Array.from({ length: count }, (_, factor) => ({ fields: [`f${factor}`] }));
  const mixtures = new Map() as Design['mixtures'];
  return attribute({ method, factors, mixtures }, outcomesOf(value, count), 'p99', 0.95);
}

const bit = (mask: number, factor: number) => (mask >> factor) & 1;
const near = (x: number, y: number, size: number) => Math.abs(x - y) <= 1e-9 * size;

function partsSum({ parts, interaction }: AttributedTarget): number {
  return parts.reduce((sum, { difference }) => sum + difference.mean, interaction?.mean ?? 0);
}

attribution('what fields add one by one is found by either method, without interaction', () => {
  const effects = [3, -1, 0.5, 7, 2, -4];
  for (const [method, count] of [
    ['shapley', 4],
    ['two-orders', 6],
  ] as const) {
    const value = (mask: number, r: number) =>
      100 + r + effects.slice(0, count).reduce((sum, effect, i) => sum + effect * bit(mask, i) * (1 + r), 0);
    const { latency } = attributed(method, count, value);
    latency.parts.forEach(({ difference }, index) => {
      assert.ok(near(difference.mean, effects[index] * 3, 100), `${method} ${index}`);
    });
    assert.equal(latency.interaction, method === 'shapley' ? undefined : { mean: 0, low: 0, high: 0 });
  }
});

attribution('the parts add up to the whole, and shares to one, whatever the mixtures cost', () => {
  const table = fc.array(fc.double({ min: 1, max: 100, noNaN: true }), { minLength: 64, maxLength: 64 });
  fc.assert(
    fc.property(table, fc.integer({ min: 2, max: 6 }), (values, count) => {
      const method = count <= 4 ? 'shapley' : 'two-orders';
      const value = (mask: number, r: number) => values[mask % 64] + r * values[(mask * 7 + r) % 64] * 0.01;
      const { latency, compute, price } = attributed(method, count, value);
      for (const target of [latency, compute, price]) {
        assert.ok(near(partsSum(target), target.total.mean, 200));
        const shares = target.parts.map(({ share }) => share);
        if (shares[0] === undefined) continue;
        const rest = (target.interaction?.mean ?? 0) / target.total.mean;
        const whole = shares.reduce((sum: number, share) => sum + share!, rest);
        assert.ok(Math.abs(whole - 1) < 1e-6 * (1 + Math.abs(200 / target.total.mean)), `${whole}`);
      }
    }),
  );
});

attribution('two fields that only work together share evenly; one order alone would not', () => {
  const both = (mask: number) => 10 + (mask === 3 ? 6 : 0);
  const { latency } = attributed('shapley', 2, both);
  assert.equal(
    latency.parts.map(({ difference }) => difference.mean),
    [3, 3],
  );
});

attribution('Shapley weights: with minus without, over all orders', () => {
  const weights = weightsOf('shapley', 3, 0);
  assert.is(weights.size, 8);
  assert.ok(near(weights.get(1)!, 1 / 3, 1));
  assert.ok(near(weights.get(3)!, 1 / 6, 1));
  assert.ok(near(weights.get(7)!, 1 / 3, 1));
  assert.is(
    [...weights.values()].reduce((sum, weight) => sum + weight, 0),
    0,
  );
  assert.equal(
    [...weightsOf('two-orders', 3, 0)],
    [
      [1, 0.5],
      [0, -0.5],
      [7, 0.5],
      [6, -0.5],
    ],
  );
});

attribution('a difference that is not told from zero has no shares', () => {
  const { latency, price } = attributed('shapley', 2, (mask, r) => 10 + (mask % 2) * (r % 2 === 0 ? 1 : -1));
  assert.is(latency.parts[0].share, undefined);
  assert.is(typeof price.parts[0].share, 'number');
});

attribution.run();
