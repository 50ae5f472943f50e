import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../foundation/random.ts';
import { type KrigingModel, krige } from '../../sim/cost/kriging.ts';

const kriging = suite('kriging');

/** Points of a function on the unit square, `side` × `side`. */
function gridModel(
  side: number,
  scale: number,
  nugget: number,
  f: (x: number, y: number) => number,
): KrigingModel {
  const places: number[] = [];
  const values: number[] = [];
  for (let i = 0; i < side; i++) {
    for (let j = 0; j < side; j++) {
      const [x, y] = [i / (side - 1), j / (side - 1)];
      places.push(x / scale, y / scale);
      values.push(f(x, y));
    }
  }
  return { dimensions: 2, places: Float64Array.from(places), values: Float64Array.from(values), nugget };
}

const smooth = (x: number, y: number) => Math.sin(3 * x) + x * y ** 2;

kriging('without a nugget gives known points back, with no variance', () => {
  const model = gridModel(7, 0.5, 0, smooth);
  for (let point = 0; point < model.values.length; point++) {
    const place = [model.places[2 * point], model.places[2 * point + 1]];
    const { value, variance } = krige(model, place)!;
    assert.ok(Math.abs(value - model.values[point]) < 1e-5);
    assert.ok(variance < 1e-5);
  }
});

kriging('interpolates a smooth function', () => {
  const model = gridModel(9, 0.5, 0, smooth);
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (x, y) => {
        const { value } = krige(model, [x / 0.5, y / 0.5])!;
        // In the outermost cells the slope is known from one side only.
        const allowed = Math.min(x, y, 1 - x, 1 - y) < 1 / 8 ? 0.03 : 0.01;
        assert.ok(Math.abs(value - smooth(x, y)) < allowed, `${x} ${y}: ${value}`);
      },
    ),
  );
});

kriging('gives a constant back anywhere, and adding one adds it', () => {
  const flat = gridModel(4, 0.3, 0.1, () => 2.5);
  const model = gridModel(4, 0.3, 0.1, smooth);
  const raised = { ...model, values: model.values.map((value) => value + 7) };
  for (const place of [
    [0.1, 0.2],
    [1, 1],
    [50, -3],
  ]) {
    assert.ok(Math.abs(krige(flat, place)!.value - 2.5) < 1e-9);
    assert.ok(Math.abs(krige(raised, place)!.value - krige(model, place)!.value - 7) < 1e-9);
  }
});

kriging('variance grows with the distance from all points, to that of the function and its mean', () => {
  const model = gridModel(4, 0.3, 0.05, smooth);
  const away = [1, 1.5, 2, 4, 40].map((x) => krige(model, [x / 0.3, 1.7])!.variance);
  for (let i = 1; i < away.length; i++) assert.ok(away[i] > away[i - 1]);
  assert.ok(away.at(-1)! > 1 && away.at(-1)! < 1.5);
});

kriging('has no estimate when every point is left out, and does not look at one that is', () => {
  const model = gridModel(3, 0.5, 0, smooth);
  assert.is(
    krige(model, [0, 0], () => true),
    undefined,
  );
  const spoilt = { ...model, values: model.values.slice() };
  spoilt.values[4] = 1e9;
  const without = (point: number) => point === 4;
  assert.is(krige(spoilt, [1, 1], without)!.value, krige(model, [1, 1], without)!.value);
});

kriging('errors lie within one standard deviation as often as they should', () => {
  // Draws of the very process that kriging assumes: correlated normals by Cholesky.
  const random = new RandomStream(11);
  const count = 60;
  const covariance = (d: number) => (1 + Math.sqrt(3) * d) * Math.exp(-Math.sqrt(3) * d);
  let inside = 0;
  const trials = 1500;
  for (let trial = 0; trial < trials; trial++) {
    const places = Float64Array.from({ length: count }, () => 6 * random.uniform());
    const factor = cholesky(
      count,
      (i, j) => covariance(Math.abs(places[i] - places[j])) + (i === j ? 1e-9 : 0),
    );
    const draws = Array.from({ length: count }, () => random.normal());
    const values = Float64Array.from(factor, (row) =>
      row.reduce((sum, value, j) => sum + value * draws[j], 0),
    );
    const known = { dimensions: 1, places: places.subarray(20), values: values.subarray(20), nugget: 0 };
    const { value, variance } = krige(known, [places[0]])!;
    if (Math.abs(value - values[0]) <= Math.sqrt(variance)) inside++;
  }
  const share = inside / trials;
  // Four standard errors of a share of 0.683.
  assert.ok(Math.abs(share - 0.683) < 0.048, `${share}`);
});

kriging.run();

function cholesky(count: number, entry: (i: number, j: number) => number): number[][] {
  const factor = Array.from({ length: count }, () => new Array<number>(count).fill(0));
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = entry(i, j);
      for (let k = 0; k < j; k++) sum -= factor[i][k] * factor[j][k];
      factor[i][j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / factor[j][j];
    }
  }
  return factor;
}
