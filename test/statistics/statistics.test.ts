import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../foundation/random.ts';
import { BreakdownSketch } from '../../sim/statistics/breakdown-sketch.ts';
import { interval, relativeDifference } from '../../sim/statistics/interval.ts';
import { QuantileSketch } from '../../sim/statistics/quantile-sketch.ts';
import { normalQuantile, studentCdf, studentQuantile } from '../../sim/statistics/student.ts';

fc.configureGlobal({ includeErrorInReport: true });

const probabilities = [0, 0.01, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999, 1];

const sketch = suite('quantile sketch');

const laws: Record<string, (random: RandomStream) => number> = {
  exponential: (random) => 0.01 * random.exponential(),
  'log-normal': (random) => Math.exp(2 * random.normal()) * 1e-3,
  uniform: (random) => 1 + random.uniform(),
  pareto: (random) => 1e-4 * random.uniform() ** (-1 / 1.5),
  bimodal: (random) => (random.below(2) === 0 ? 1e-6 : 1e3) * (1 + 0.1 * random.uniform()),
  constant: () => 0.125,
  'tiny and huge': (random) => 2 ** (-33 + 56 * random.uniform()),
};

for (const [name, law] of Object.entries(laws)) {
  sketch(`${name}: within 0.1 % of the sorted values`, () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 1, max: 5000 }), (seed, count) => {
        const random = new RandomStream(seed);
        const values = Array.from({ length: count }, () => law(random));
        checkAgainstSorted(values);
      }),
      { numRuns: 20, seed: 3 },
    );
  });
}

sketch('any values in its range: between the order statistics around the rank, give or take a bin', () => {
  const value = fc.double({ min: 2 ** -34, max: 2 ** 23, noNaN: true });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 300 }), (values) => checkAgainstSorted(values)),
    { numRuns: 300, seed: 3 },
  );
});

sketch('mean, maximum and count are exact', () => {
  const random = new RandomStream(4);
  const values = Array.from({ length: 1000 }, () => random.exponential());
  const filled = sketchOf(values);
  assert.is(filled.count, 1000);
  assert.is(filled.max, Math.max(...values));
  near(filled.mean(), values.reduce((sum, value) => sum + value, 0) / 1000, 1e-12);
  assert.is(filled.quantiles([1])[0], filled.max);
});

sketch('what is outside its range counts at the ends', () => {
  const [low, high] = sketchOf([0, 1e-30, 2 ** 24, 1e300]).quantiles([0.25, 1]);
  assert.ok(low >= 0 && low <= 2 ** -33);
  assert.ok(high >= 2 ** 24 * 0.999);
});

sketch('without values has no quantiles', () => {
  assert.ok(new QuantileSketch().quantiles([0.5, 0.99]).every(Number.isNaN));
});

sketch.run();

const breakdown = suite('breakdown sketch');

breakdown('parts of a range of totals are means over the requests in it', () => {
  const parts = new BreakdownSketch(2);
  for (let i = 1; i <= 1000; i++) parts.add(i, Float64Array.of(0.25 * i, 0.75 * i));
  const [a, b] = parts.meanBetween(0, 1);
  near(a + b, 500.5, 1e-12);
  near(a / b, 1 / 3, 1e-12);
  // Bins are 1.6 % wide, so the middle fifth and the top percent are met about that closely.
  const middle = parts.meanBetween(0.4, 0.6);
  near(middle[0] + middle[1], 500.5, 0.016);
  const tail = parts.meanBetween(0.99, 1);
  near(tail[0] + tail[1], 995.5, 0.016);
});

breakdown('parts of any range lie between the totals at its ends', () => {
  const total = fc.double({ min: 1e-6, max: 1e3, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(total, { minLength: 1, maxLength: 100 }),
      fc.double({ min: 0, max: 0.9, noNaN: true }),
      (totals, from) => {
        const parts = new BreakdownSketch(3);
        for (const value of totals) parts.add(value, Float64Array.of(value / 2, value / 4, value / 4));
        const [half, quarter] = parts.meanBetween(from, from + 0.1);
        near(half, 2 * quarter, 1e-9);
        assert.ok(
          2 * half >= Math.min(...totals) * (1 - 1e-9) && 2 * half <= Math.max(...totals) * (1 + 1e-9),
        );
      },
    ),
    { numRuns: 200, seed: 3 },
  );
});

breakdown('of nothing is nothing', () => {
  assert.equal(new BreakdownSketch(2).meanBetween(0, 1), [0, 0]);
});

breakdown.run();

const quantiles = suite('normal and Student quantiles');

quantiles('of the normal distribution, as tabulated', () => {
  const tabulated: [number, number][] = [
    [0.5, 0],
    [0.8413447460685429, 1],
    [0.95, 1.6448536269514722],
    [0.975, 1.959963984540054],
    [0.99, 2.3263478740408408],
    [0.999, 3.090232306167813],
    [0.9999999, 5.199337582192817],
  ];
  for (const [p, z] of tabulated) {
    assert.ok(Math.abs(normalQuantile(p) - z) < 5e-9 * Math.max(1, z), `${p}`);
    assert.ok(Math.abs(normalQuantile(1 - p) + z) < 1e-8 * Math.max(1, z), `${1 - p}`);
  }
});

quantiles("of Student's t, as tabulated", () => {
  const tabulated: [number, number, number][] = [
    [0.975, 1, 12.7062],
    [0.975, 2, 4.30265],
    [0.975, 3, 3.18245],
    [0.975, 9, 2.26216],
    [0.975, 19, 2.09302],
    [0.995, 5, 4.03214],
    [0.95, 10, 1.81246],
    [0.9995, 4, 8.6103],
    [0.975, 120, 1.97993],
  ];
  for (const [p, degrees, t] of tabulated) near(studentQuantile(p, degrees), t, 1e-5);
  near(studentQuantile(0.975, 100_000), normalQuantile(0.975), 1e-4);
});

quantiles('invert their distribution function', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.501, max: 0.9999, noNaN: true }),
      fc.integer({ min: 1, max: 200 }),
      (p, degrees) => {
        assert.ok(Math.abs(studentCdf(studentQuantile(p, degrees), degrees) - p) < 1e-9);
      },
    ),
    { numRuns: 200, seed: 3 },
  );
});

quantiles.run();

const intervals = suite('intervals');

intervals('of a small sample, by hand', () => {
  const { mean, low, high } = interval([1, 2, 3], 0.95);
  assert.is(mean, 2);
  near(high! - 2, 4.30265 / Math.sqrt(3), 1e-5);
  near(2 - low!, 4.30265 / Math.sqrt(3), 1e-5);
});

intervals('need two observations; equal ones leave no doubt', () => {
  assert.equal(interval([5], 0.95), { mean: 5 });
  assert.equal(interval([5, 5, 5], 0.95), { mean: 5, low: 5, high: 5 });
});

intervals('cover the mean about as often as they say', () => {
  const random = new RandomStream(5);
  const trials = 2000;
  for (const level of [0.8, 0.95]) {
    let covered = 0;
    for (let trial = 0; trial < trials; trial++) {
      const { low, high } = interval(
        Array.from({ length: 6 }, () => random.normal()),
        level,
      );
      if (low! <= 0 && high! >= 0) covered++;
    }
    // Four binomial standard deviations.
    const bound = 4 * Math.sqrt(trials * level * (1 - level));
    assert.ok(Math.abs(covered - level * trials) < bound, `${covered} of ${trials} at ${level}`);
  }
});

intervals('of paired differences forget what the pairs share', () => {
  const random = new RandomStream(6);
  const base = Array.from({ length: 20 }, () => 1 + random.uniform());
  const value = base.map((each) => each * 1.1 * (1 + 1e-3 * random.normal()));
  const { mean, low, high } = relativeDifference(value, base, 0.95);
  assert.ok(low! < 0.1 && high! > 0.1 && high! - low! < 0.003, `${low} to ${high}`);
  near(mean, 0.1, 0.01);
});

intervals.run();

function sketchOf(values: readonly number[]): QuantileSketch {
  const filled = new QuantileSketch();
  for (const value of values) filled.add(value);
  return filled;
}

/** A quantile lies between the two order statistics around its rank, up to the width of a bin. */
function checkAgainstSorted(values: readonly number[]): void {
  const sorted = [...values].sort((a, b) => a - b);
  const found = sketchOf(values).quantiles(probabilities);
  probabilities.forEach((p, index) => {
    const rank = p * sorted.length;
    const low = sorted[Math.max(0, Math.ceil(rank) - 1)];
    const high = sorted[Math.min(sorted.length - 1, Math.floor(rank))];
    const value = found[index];
    assert.ok(
      value >= low * 0.999 && value <= high * 1.001,
      `p${p * 100}: ${value}, not in ${low} to ${high}`,
    );
  });
}

function near(value: number, expected: number, relative: number): void {
  assert.ok(Math.abs(value - expected) <= relative * Math.abs(expected), `${value}, expected ${expected}`);
}
