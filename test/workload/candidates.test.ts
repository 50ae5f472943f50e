import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../foundation/random.ts';
import type { CandidatesSpec } from '../../scenarios/load-schema.ts';
import { candidateLaw } from '../../sim/workload/candidates.ts';
import { independentSizes, stratifiedSizes } from '../../sim/workload/request-sizes.ts';

const laws = suite('candidates: laws');

laws('mean and median of each distribution', () => {
  const cases: [CandidatesSpec, { mean?: number; median: number }][] = [
    [
      { kind: 'fixed', value: 64 },
      { mean: 64, median: 64 },
    ],
    [
      { kind: 'lognormal', median: 200, sigma: 0.8, max: 1_000_000 },
      { mean: 200 * Math.exp(0.32), median: 200 },
    ],
    [
      { kind: 'normal', mean: 500, standard_deviation: 50, max: 6000 },
      { mean: 500, median: 500 },
    ],
    // Mean of a Pareto law: shape × min / (shape − 1).
    [
      { kind: 'pareto', min: 100, shape: 3, max: 1_000_000 },
      { mean: 150, median: 100 * 2 ** (1 / 3) },
    ],
    [
      { kind: 'uniform', min: 1, max: 9 },
      { mean: 5, median: 5 },
    ],
    [
      { kind: 'choices', values: [10, 20, 90], weights: [1, 2, 1] },
      { mean: 35, median: 20 },
    ],
    [
      { kind: 'choices', values: [1, 3] },
      { mean: 2, median: 3 },
    ],
  ];
  for (const [spec, { mean, median }] of cases) {
    const law = candidateLaw(spec);
    // Even steps of u integrate the inverse distribution function.
    const steps = 20_000;
    const average = sum(Array.from({ length: steps }, (_, i) => law((i + 0.5) / steps))) / steps;
    if (mean !== undefined) near(average, mean, 0.003, spec.kind);
    assert.ok(Math.abs(law(0.5) - median) <= 0.5, `${spec.kind}: median ${law(0.5)}`);
  }
});

laws('give whole numbers from 1 to the maximum, ascending in u', () => {
  const u = fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true });
  const max = fc.integer({ min: 1, max: 10_000 });
  fc.assert(
    fc.property(u, u, max, fc.double({ min: 0, max: 5, noNaN: true }), (a, b, most, spread) => {
      const specs: CandidatesSpec[] = [
        { kind: 'lognormal', median: 200, sigma: spread, max: most },
        { kind: 'normal', mean: 200, standard_deviation: 100 * spread, max: most },
        { kind: 'pareto', min: 3, shape: 0.1 + spread, max: most },
        { kind: 'uniform', min: 1, max: most },
      ];
      for (const spec of specs) {
        const law = candidateLaw(spec);
        const [low, high] = [law(Math.min(a, b)), law(Math.max(a, b))];
        assert.ok(
          Number.isInteger(low) && low >= 1 && high <= most && low <= high,
          `${spec.kind} ${low} ${high}`,
        );
      }
    }),
    { numRuns: 300, seed: 2 },
  );
});

laws('of choices never give a value of weight zero', () => {
  const law = candidateLaw({ kind: 'choices', values: [5, 6, 7], weights: [0, 1, 0] });
  for (const u of [1e-12, 0.3, 1 - 1e-12]) assert.is(law(u), 6);
});

laws.run();

const strata = suite('candidates: stratified sizes');

const key = { seed: 5, replication: 2 };

strata('hit every stratum of a block exactly once', () => {
  for (const requests of [1, 7, 1000, 2500]) {
    const variates = stratifiedSizes(key, requests);
    const size = Math.min(requests, 1000);
    for (let block = 0; (block + 1) * size <= requests; block++) {
      const hit = Array.from({ length: size }, (_, i) => Math.floor(variates(block * size + i) * size));
      assert.equal(
        hit.sort((a, b) => a - b),
        Array.from({ length: size }, (_, i) => i),
      );
    }
  }
});

strata('of the next block come in another order', () => {
  const variates = stratifiedSizes(key, 2000);
  const first = Array.from({ length: 1000 }, (_, i) => Math.floor(variates(i) * 1000));
  const second = Array.from({ length: 1000 }, (_, i) => Math.floor(variates(1000 + i) * 1000));
  assert.is.not(first.join(), second.join());
});

strata('do not change the law of one request', () => {
  // Over replications, request 17 is uniform: its tenths are hit evenly (200 ± 13).
  const tenths = new Array<number>(10).fill(0);
  for (let replication = 0; replication < 2000; replication++) {
    tenths[Math.floor(stratifiedSizes({ seed: 5, replication }, 50)(17) * 10)]++;
  }
  assert.ok(
    tenths.every((count) => Math.abs(count - 200) < 65),
    tenths.join(),
  );
});

strata('vary less in their mean than independent ones', () => {
  const spread = (variates: typeof stratifiedSizes | typeof independentSizes) => {
    const means = Array.from({ length: 30 }, (_, replication) => {
      const draw = variates({ seed: 5, replication }, 1000);
      return sum(Array.from({ length: 1000 }, (_v, i) => draw(i))) / 1000;
    });
    const centre = sum(means) / 30;
    return Math.sqrt(sum(means.map((mean) => (mean - centre) ** 2)) / 29);
  };
  assert.ok(spread(stratifiedSizes) < 0.05 * spread(independentSizes));
});

strata('are a function of the key and the request alone', () => {
  const [a, b] = [independentSizes(key), independentSizes(key)];
  for (let i = 0; i < 5; i++) a(i);
  assert.is(a(7), b(7));
  assert.is.not(a(7), a(8));
  assert.is.not(a(7), independentSizes({ ...key, replication: 3 })(7));
  const random = new RandomStream(1);
  const inOrder = stratifiedSizes(key, 3000);
  const anywhere = stratifiedSizes(key, 3000);
  for (let i = 0; i < 20; i++) {
    const request = random.below(3000);
    assert.is(anywhere(request), inOrder(request));
  }
});

strata.run();

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function near(value: number, expected: number, relative: number, what: string): void {
  assert.ok(Math.abs(value / expected - 1) <= relative, `${what}: ${value}, expected ${expected}`);
}
