import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../foundation/random.ts';

const draws = 100_000;

const keys = suite('random streams: keys');

keys('the same key gives the same stream', () => {
  assert.equal(first(new RandomStream(1, 2, 3, 4)), first(new RandomStream(1, 2, 3, 4)));
  const used = new RandomStream(9, 9, 9, 9);
  first(used);
  assert.equal(first(used.rekey(1, 2, 3, 4)), first(new RandomStream(1, 2, 3, 4)));
});

keys('missing parts of a key are zero', () => {
  assert.equal(first(new RandomStream(7)), first(new RandomStream(7, 0, 0, 0)));
});

keys('no two neighbouring keys share a stream, nor does their order', () => {
  const seen = new Set<string>();
  for (let index = 0; index < 4 ** 4; index++) {
    const key = [index & 3, (index >> 2) & 3, (index >> 4) & 3, index >> 6];
    seen.add(first(new RandomStream(...key)).join());
  }
  assert.is(seen.size, 4 ** 4);
});

keys('seeds up to 2³² − 1 differ', () => {
  const seeds = [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
  assert.is(new Set(seeds.map((seed) => first(new RandomStream(seed)).join())).size, seeds.length);
});

keys('streams of neighbouring keys are not correlated', () => {
  for (const part of [0, 1, 2, 3]) {
    const key = [5, 5, 5, 5];
    const a = new RandomStream(...key);
    key[part]++;
    const b = new RandomStream(...key);
    let sum = 0;
    for (let i = 0; i < draws; i++) sum += (a.uniform() - 0.5) * (b.uniform() - 0.5);
    // Twelve times the mean product is the correlation, with standard deviation 1/√n.
    assert.ok(Math.abs((12 * sum) / draws) < 4 / Math.sqrt(draws), `part ${part}`);
  }
});

keys('the first draws of consecutive keys are uniform: what a request draws first', () => {
  for (const part of [0, 1, 2, 3]) {
    const stream = new RandomStream();
    const value = (index: number) => {
      const key = [1, 2, 3, 4];
      key[part] = index;
      return stream.rekey(key[0], key[1], key[2], key[3]).uniform();
    };
    assertUniform(value, `part ${part}`);
  }
});

keys.run();

const laws = suite('random streams: laws');

laws('uniform: every cell gets its share, and never 0 or 1', () => {
  const stream = new RandomStream(42);
  assertUniform(() => stream.uniform(), 'one stream');
  for (let i = 0; i < draws; i++) {
    const value = stream.uniform();
    assert.ok(value > 0 && value < 1);
  }
});

laws('uniform: consecutive pairs fill the square', () => {
  const stream = new RandomStream(43);
  const cell = () => stream.below(10) * 10 + stream.below(10);
  assertUniform(() => (cell() + 0.5) / 100, 'pairs');
});

laws('below(n) is whole, in range, and uniform', () => {
  const stream = new RandomStream(44);
  const counts = new Array(7).fill(0);
  for (let i = 0; i < draws; i++) counts[stream.below(7)]++;
  assert.is(counts.length, 7);
  assert.ok(chiSquare(counts) < 22.5, 'χ² of 6 degrees at 0.1 %');
  assert.is(new RandomStream(1).below(1), 0);
});

laws('exponential: mean 1, variance 1, skewness 2', () => {
  const stream = new RandomStream(45);
  assertMoments(() => stream.exponential(), { mean: 1, variance: 1, skewness: 2, kurtosis: 9 });
});

laws('normal: mean 0, variance 1, no skewness', () => {
  const stream = new RandomStream(46);
  assertMoments(() => stream.normal(), { mean: 0, variance: 1, skewness: 0, kurtosis: 3 });
});

for (const shape of [0.1, 0.5, 1, 2.5, 40]) {
  laws(`gamma of shape ${shape}: mean 1, variance 1/shape, skewness 2/√shape`, () => {
    const stream = new RandomStream(47, shape * 10);
    const moments = { mean: 1, variance: 1 / shape, skewness: 2 / Math.sqrt(shape), kurtosis: 3 + 6 / shape };
    assertMoments(() => stream.gamma(shape), moments);
  });
}

laws.run();

function first(stream: RandomStream): number[] {
  return Array.from({ length: 8 }, () => stream.uint32());
}

/** χ² over 100 cells; 148.2 is its 0.1 % point at 99 degrees of freedom. */
function assertUniform(value: (index: number) => number, what: string): void {
  const counts = new Array(100).fill(0);
  for (let i = 0; i < draws; i++) counts[Math.floor(value(i) * 100)]++;
  const statistic = chiSquare(counts);
  assert.ok(statistic < 148.2, `${what}: χ² ${statistic}`);
}

function chiSquare(counts: number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** Mean and variance within four standard errors; skewness roughly, as its error is large for heavy tails. */
function assertMoments(
  draw: () => number,
  expected: { mean: number; variance: number; skewness: number; kurtosis: number },
): void {
  const values = Float64Array.from({ length: draws }, draw);
  const moment = (order: number, about: number) =>
    values.reduce((sum, value) => sum + (value - about) ** order, 0) / draws;
  const mean = moment(1, 0);
  const variance = moment(2, mean);
  const meanError = Math.sqrt(expected.variance / draws);
  const varianceError = expected.variance * Math.sqrt((expected.kurtosis - 1) / draws);
  assert.ok(Math.abs(mean - expected.mean) < 4 * meanError, `mean ${mean}`);
  assert.ok(Math.abs(variance - expected.variance) < 4 * varianceError, `variance ${variance}`);
  const skewness = moment(3, mean) / variance ** 1.5;
  assert.ok(Math.abs(skewness - expected.skewness) < 0.05 + 0.1 * expected.skewness, `skewness ${skewness}`);
}
