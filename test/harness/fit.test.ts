// time-limit: 120 s
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../foundation/random.ts';
import type { MeasuredPoint, Shape } from '../../hardware-profiles/operators-measured.ts';
import { errorStatistics, quantile } from '../../harness/accuracy/error-statistics.ts';
import { shapesOf } from '../../harness/candidates/shapes.ts';
import { fitMeasurements, roughnessOf } from '../../harness/fit/fit.ts';
import { fitSurface } from '../../harness/fit/fit-surface.ts';
import { fitRates } from '../../harness/fit/rates-fit.ts';
import { wholeShapes } from '../../harness/fit/whole-shapes.ts';
import { waveSeconds } from '../../sim/cost/gemm-waves.ts';
import { predictLeftOut } from '../../sim/cost/left-out.ts';
import { lawFor } from '../../sim/cost/surface.ts';
import { drawShapes } from '../cost/synthetic.ts';
import { pointOf } from '../hardware-profiles/measured-points.ts';

const setting = { units: 100, memory: { unitBytes: 32, cacheBytes: 50e6 } };
const random = new RandomStream(3);

function pointsFrom(shapes: readonly Shape[], law: (shape: Shape) => number) {
  return {
    shapes: [...shapes],
    seconds: shapes.map(law),
    spread: shapes.map(() => 0.01),
    implementations: ['rankfleet'],
  };
}

const rates = suite('fit: rates');

rates('are found again from times that follow them', () => {
  const law = lawFor('gemm', 'fp16', setting, false);
  const truth = { latencyS: 3e-6, flopPerS: 7e13, bytesPerS: 8e11, rereadBytesPerS: 1, stepS: 2e-9 };
  const shapes = drawShapes(200, { m: [1, 65536], n: [64, 4096], k: [64, 4096] });
  const seconds = shapes.map((shape) => law.seconds(shape, law.work(shape), truth));
  const found = fitRates(law, shapes, seconds);
  for (const name of ['latencyS', 'flopPerS', 'bytesPerS', 'stepS'] as const) {
    assert.ok(Math.abs(Math.log(found[name] / truth[name])) < 0.05, `${name}: ${found[name]}`);
  }
});

rates('are not bent by a few times that are far off', () => {
  const law = lawFor('elementwise', 'fp16', setting, false);
  const truth = { latencyS: 3e-6, flopPerS: 1e30, bytesPerS: 8e11, rereadBytesPerS: 1, stepS: 1e-15 };
  const shapes = drawShapes(100, { rows: [1, 65536], n: [64, 4096], inputs: [2, 3] });
  const seconds = shapes.map(
    (shape, index) => law.seconds(shape, law.work(shape), truth) * (index % 20 === 0 ? 10 : 1),
  );
  const found = fitRates(law, shapes, seconds);
  assert.ok(Math.abs(Math.log(found.bytesPerS / truth.bytesPerS)) < 0.1, `${found.bytesPerS}`);
});

rates.run();

const surfaces = suite('fit: surfaces');

/** 100 multiprocessors that take whole waves of 128 × 128 tiles at 70 TFLOP/s, 0.85 TB/s, 2 µs; 2 % noise. */
function waveLaw({ m, n, k }: Shape): number {
  const waves = Math.ceil((Math.ceil(m / 128) * Math.ceil(n / 128)) / 100);
  const arithmetic = (waves * 2 * 128 * 128 * k * 100) / 7e13;
  const memory = (2 * (m * k + n * k + m * n)) / 8.5e11;
  return (2e-6 + Math.max(arithmetic, memory)) * Math.exp(0.02 * random.normal());
}

const limits = {
  kind: 'gpu',
  memoryBytes: 3e10,
  flops: 1e12,
  devices: 1,
  cores: 0,
  outputBytes: 1e10,
} as const;
const candidates = shapesOf('gemm', 'fp16', limits).filter(({ n, k }) => n > 1 && k % 8 === 0);
const gemms = pointsFrom(
  candidates.filter((_, index) => index % 4 === 0),
  waveLaw,
);

surfaces(
  'know a product that comes in waves to a few percent, from others of its layer and from other layers',
  () => {
    const { leaveOneOut, wholeShape } = fitSurface('gemm', 'fp16', gemms, setting);
    const alone = errorStatistics(leaveOneOut);
    const whole = errorStatistics(wholeShape!);
    assert.ok(alone.points > 200);
    assert.ok(alone.median < 0.06 && alone.p90 < 0.2, JSON.stringify(alone));
    assert.ok(whole.median < 0.08 && whole.p90 < 0.25, JSON.stringify(whole));
    assert.ok(waves);
  },
);

surfaces('have errors within one standard deviation as often as normal ones', () => {
  const shapes = drawShapes(200, { rows: [1, 65536], n: [64, 4096], inputs: [2, 3] });
  const noisy = pointsFrom(
    shapes,
    ({ rows, n, inputs }) => (2e-6 + (rows * n * inputs) / 4e11) * Math.exp(0.1 * random.normal()),
  );
  const { leaveOneOut, sigma } = fitSurface('elementwise', 'fp16', noisy, setting);
  const inside = leaveOneOut.filter(({ error, variance }) => Math.abs(error) <= sigma * Math.sqrt(variance));
  const share = inside.length / leaveOneOut.length;
  assert.ok(share > 0.6 && share < 0.76, `${share}`);
  // All that is left is noise of a tenth.
  assert.ok(Math.abs(errorStatistics(leaveOneOut).mean - 0.08) < 0.03);
});

surfaces('give the same fit every time', () => {
  const few = pointsFrom(gemms.shapes.slice(0, 60), () => 1e-5);
  few.seconds = gemms.seconds.slice(0, 60);
  assert.equal(fitSurface('gemm', 'fp16', few, setting), fitSurface('gemm', 'fp16', few, setting));
});

surfaces('whose point is left out do not see it, nor its whole shape', () => {
  const shapes = [
    ...[1, 2, 4, 8].map((m) => ({ m, n: 64, k: 64 })),
    ...[1, 2, 4, 8].map((m) => ({ m, n: 256, k: 64 })),
  ];
  const groups = wholeShapes('gemm', shapes)!;
  assert.is(new Set(groups).size, 2);
  const places = Float64Array.from(shapes.flatMap(({ m, n, k }) => [m, n, k].map(Math.log2)));
  const model = (values: number[]) => ({
    dimensions: 3,
    places,
    values: Float64Array.from(values),
    nugget: 0.1,
  });
  const values = [1, 2, 3, 4, 5, 6, 7, 8];
  const predicted = (of: number[], by?: string[]) => {
    const [{ error }] = predictLeftOut(model(of), [0], by);
    return error + of[0];
  };
  const other = [99, ...values.slice(1)];
  assert.ok(Math.abs(predicted(other) - predicted(values)) < 1e-9);
  const otherShape = [99, 98, 97, 96, ...values.slice(4)];
  assert.ok(Math.abs(predicted(otherShape, groups) - predicted(values, groups)) < 1e-9);
  assert.ok(Math.abs(predicted(otherShape) - predicted(values)) > 1);
});

surfaces('of one shape alone have no whole shape to leave out', () => {
  assert.is(wholeShapes('rpc-serialise', [{ bytes: 1 }, { bytes: 2 }]), undefined);
});

surfaces.run();

const waves = suite('waves of tiles');

const fast = { latencyS: 0, flopPerS: 1e14, bytesPerS: 1e12, rereadBytesPerS: 1e16, stepS: 0 };

waves('one more tile than multiprocessors takes a second wave; as many take one', () => {
  const at = (tiles: number) => waveSeconds({ m: 256 * tiles, n: 128, k: 65536 }, 2, 100, fast);
  const whole = (2 * 256 * 128 * 65536 * 100) / 1e14;
  assert.ok(Math.abs(at(100) / whole - 1) < 1e-9);
  // Smaller tiles soften the step, but more than the work is added.
  assert.ok(at(101) > 1.02 * at(100) && at(101) <= 2 * at(100));
});

waves('never take less than the arithmetic at full rate, and grow with every size', () => {
  for (const shape of drawShapes(300, { m: [1, 10000], n: [1, 5000], k: [1, 5000] })) {
    const { m, n, k } = shape;
    const seconds = waveSeconds({ m, n, k }, 2, 132, fast);
    assert.ok(seconds >= (2 * m * n * k) / 1e14);
    for (const larger of [
      { m: 2 * m, n, k },
      { m, n: 2 * n, k },
    ]) {
      assert.ok(waveSeconds(larger, 2, 132, fast) >= seconds * (1 - 1e-12));
    }
  }
});

waves.run();

const files = suite('fit: records for the manifest');

const about = { kind: 'gpu', units: 100, cacheBytes: 5e7 } as const;
const measured: MeasuredPoint[] = gemms.shapes
  .slice(0, 60)
  .map((shape, index) => pointOf({ operator: 'gemm', shape, medianS: gemms.seconds[index] }));

files('one for each operator, type and path with enough points', () => {
  const few = drawShapes(5, { rows: [1, 100], n: [1, 100] }).map((shape) =>
    pointOf({ operator: 'layer-norm', shape }),
  );
  const python = measured.map((point) => ({ ...point, backend: 'python', implementation: 'torch-eager' }));
  const records = fitMeasurements([...measured, ...few, ...python], 'no-such-device', about);
  assert.equal(
    records.map(({ operator, backend, implementations }) => [operator, backend, implementations]),
    [
      ['gemm', 'cuda', ['rankfleet']],
      ['gemm', 'python', ['torch-eager']],
    ],
  );
  const [{ length_scales: scales, leave_one_out: alone, whole_shape: whole }] = records;
  assert.equal(Object.keys(scales), ['m', 'n', 'k', 'misaligned']);
  assert.is(alone.points, 60);
  assert.ok(whole!.median >= 0);
});

files('a surface in the making is as rough as its points say, once there are some', () => {
  const target = {
    operator: 'gemm',
    dataType: 'fp16',
    implementation: 'rankfleet',
    cores: 0,
    axes: ['m', 'n', 'k'],
    shapes: [],
    weight: 1,
  } as const;
  assert.is(roughnessOf(target, measured.slice(0, 7)), undefined);
  const { lengthScales, error } = roughnessOf(target, measured)!;
  assert.is(lengthScales.length, 3);
  const noisy = measured.map((point) => ({ ...point, medianS: point.medianS * Math.exp(random.normal()) }));
  assert.ok(roughnessOf(target, noisy)!.error > 2 * error);
});

files.run();

const statistics = suite('statistics of errors');

statistics('are shares of the measured time', () => {
  const errors = [Math.log(1.1), Math.log(0.9), 0, Math.log(2)].map((error) => ({ error }));
  const { points, median, mean, p90, bias } = errorStatistics(errors);
  assert.is(points, 4);
  near(median, 0.1);
  near(mean, 1.2 / 4);
  near(p90, quantile([0, 0.1, 0.1, 1], 0.9));
  near(bias, 1 / 4);
});

statistics.run();

function near(value: number, expected: number): void {
  assert.ok(Math.abs(value - expected) < 1e-9, `${value}, expected ${expected}`);
}
