import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Axis } from '../../sweep/axis.ts';
import { permutation } from '../../sweep/permutation.ts';
import { coordinates, grid, sampled } from '../../sweep/sample.ts';
import { maxSobolDimensions, sobolBits } from '../../sweep/sobol.ts';

const sobol = suite('sobol');

sobol('has the first points that every book shows', () => {
  const first = [0, 1, 2, 3, 4, 5].map((index) => [0, 1, 2].map((axis) => sobolBits(index, axis) / 2 ** 32));
  assert.equal(first, [
    [0, 0, 0],
    [0.5, 0.5, 0.5],
    [0.75, 0.25, 0.25],
    [0.25, 0.75, 0.75],
    [0.375, 0.375, 0.625],
    [0.875, 0.875, 0.125],
  ]);
});

sobol('has the thousandth point that SciPy has, in all dimensions', () => {
  // scipy.stats.qmc.Sobol(32, scramble=False, bits=32), its point 1000 as multiples of 2⁻³².
  const known = [
    943718400, 415236096, 2227175424, 2906652672, 1203765248, 3896508416, 197132288, 3862953984, 2151677952,
    297795584, 364904448, 1094713344, 692060160, 1648361472, 616562688, 1589641216, 3091202048, 1480589312,
    4257218560, 3116367872, 2243952640, 2361393152, 4081057792, 2319450112, 2503999488, 3896508416, 171966464,
    4206886912, 255852544, 1463812096, 633339904, 624951296,
  ];
  assert.is(maxSobolDimensions, known.length);
  assert.equal(
    known.map((_, dimension) => sobolBits(1000, dimension)),
    known,
  );
});

sobol('puts as many points into every interval as its share, shifted by any seed or not', () => {
  const points = 256;
  for (const seed of [0, 1, 99]) {
    const at = coordinates('sobol', maxSobolDimensions, points, seed);
    for (let dimension = 0; dimension < maxSobolDimensions; dimension++) {
      const counts = new Array(points).fill(0);
      for (let index = 0; index < points; index++) counts[Math.floor(at(index, dimension) * points)]++;
      assert.ok(
        counts.every((count) => count === 1),
        `seed ${seed}, dimension ${dimension}`,
      );
    }
  }
});

sobol('leaves squares of the plane less uneven than chance does', () => {
  const points = 1024;
  const cells = 8;
  const worst = (method: 'sobol' | 'random') => {
    const at = coordinates(method, 8, points, 7);
    let most = 0;
    for (let x = 0; x < 8; x++) {
      for (let y = 0; y < x; y++) {
        const counts = new Array(cells * cells).fill(0);
        for (let index = 0; index < points; index++) {
          counts[Math.floor(at(index, x) * cells) * cells + Math.floor(at(index, y) * cells)]++;
        }
        most = Math.max(most, ...counts.map((count) => Math.abs(count - points / cells ** 2)));
      }
    }
    return most;
  };
  assert.ok(worst('sobol') * 2 < worst('random'), `${worst('sobol')} against ${worst('random')}`);
});

sobol.run();

const latin = suite('latin hypercube');

latin('has one point in each stratum of each dimension', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(2 ** 32 - 1), (points, seed) => {
      const at = coordinates('latin-hypercube', 5, points, seed);
      for (let dimension = 0; dimension < 5; dimension++) {
        const strata = new Set(
          Array.from({ length: points }, (_, index) => Math.floor(at(index, dimension) * points)),
        );
        if (strata.size !== points) return false;
      }
      return true;
    }),
    { numRuns: 60 },
  );
});

latin('pairs the strata of two dimensions by chance', () => {
  const points = 1000;
  const at = coordinates('latin-hypercube', 2, points, 3);
  let sum = 0;
  for (let index = 0; index < points; index++) sum += (at(index, 0) - 0.5) * (at(index, 1) - 0.5);
  const correlation = (sum / points) * 12;
  // The standard deviation of a correlation of 1000 pairs is 0.032.
  assert.ok(Math.abs(correlation) < 0.13, `correlation ${correlation}`);
});

latin('rests on permutations that reach every place once', () => {
  for (const size of [1, 2, 3, 17, 64, 1000]) {
    const place = permutation(size, 1, 2, 3);
    const reached = new Set(Array.from({ length: size }, (_, index) => place(index)));
    assert.is(reached.size, size);
    assert.ok([...reached].every((one) => one >= 0 && one < size));
  }
});

latin.run();

const samples = suite('samples');

const axes: Axis[] = [2, 3, 4].map((size) => ({
  size,
  nth: (index) => index,
  at: (coordinate) => Math.floor(coordinate * size),
}));

samples('a grid has every combination once, the last field varying fastest', () => {
  const { size, valuesAt } = grid(axes);
  assert.is(size, 24);
  const all = Array.from({ length: size }, (_, index) => valuesAt(index).join(' '));
  assert.is(new Set(all).size, 24);
  assert.equal(all.slice(0, 5), ['0 0 0', '0 0 1', '0 0 2', '0 0 3', '0 1 0']);
  assert.is(all[23], '1 2 3');
});

samples('a point is the same whichever others were asked for, and however many there are', () => {
  for (const method of ['random', 'sobol'] as const) {
    const few = sampled(axes, { method, points: 10, seed: 5 });
    const many = sampled(axes, { method, points: 100, seed: 5 });
    many.valuesAt(77);
    assert.equal(many.valuesAt(9), few.valuesAt(9));
  }
});

samples('other seeds make other points', () => {
  for (const method of ['random', 'sobol', 'latin-hypercube'] as const) {
    const text = (seed: number) => {
      const { valuesAt } = sampled(axes, { method, points: 30, seed });
      return Array.from({ length: 30 }, (_, index) => valuesAt(index).join(' ')).join(', ');
    };
    assert.is(text(1), text(1));
    assert.is.not(text(1), text(2));
  }
});

samples('random coordinates are uniform', () => {
  const points = 4000;
  const at = coordinates('random', 1, points, 11);
  const values = Array.from({ length: points }, (_, index) => at(index, 0)).sort((a, b) => a - b);
  const gap = Math.max(...values.map((value, index) => Math.abs(value - (index + 0.5) / points)));
  // Kolmogorov: 1.95 / √n is passed by chance once in a thousand seeds.
  assert.ok(gap < 1.95 / Math.sqrt(points), `${gap}`);
});

samples.run();
