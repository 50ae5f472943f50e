import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { toColumns } from '../../hardware-profiles/measurements.ts';
import type { Shape } from '../../hardware-profiles/operators-measured.ts';
import { surfacePoints } from '../../sim/cost/surface-points.ts';
import { predict, secondsByDevice, surfaceOf } from '../../sim/cost/surfaces.ts';
import { pointOf } from '../hardware-profiles/measured-points.ts';
import { drawShapes, gpu, measure, measurementsOf } from './synthetic.ts';

/** 3 µs and 80 % of 1 TB/s, for x, y and a product of `inputs`. */
const streamLaw = ({ rows, n, inputs }: Shape) => 3e-6 + ((inputs + 1) * rows * n * 2) / 0.8e12;
const shapes = drawShapes(120, { rows: [16, 65536], n: [64, 4096], inputs: [2, 3] });
const streams = measure({ operator: 'elementwise' }, shapes, streamLaw);
const fit = {
  operator: 'elementwise' as const,
  dataType: 'fp16' as const,
  backend: 'cuda',
  cores: 0,
  rates: { latencyS: 3e-6, flopPerS: 1e30, bytesPerS: 0.8e12, rereadBytesPerS: 2e12, stepS: 0 },
  waves: false,
  lengthScales: { rows: 3, n: 3, inputs: 1 },
  nugget: 0.01,
  sigma: 0.05,
};
const measured = gpu({ measured: measurementsOf(streams, [fit]) });

const surface = suite('efficiency surface');

surface('gives back what was measured, exactly and as measured', () => {
  const found = surfaceOf(measured, 'elementwise', 'fp16', 0)!;
  for (const { shape, medianS } of streams) {
    const { seconds, isMeasured } = predict(found, shape);
    assert.is(seconds, medianS);
    assert.ok(isMeasured);
  }
});

surface('follows the law between points and beyond them', () => {
  const found = surfaceOf(measured, 'elementwise', 'fp16', 0)!;
  const anyShape = fc.record({
    rows: fc.integer({ min: 1, max: 2_000_000 }),
    n: fc.integer({ min: 16, max: 20_000 }),
    inputs: fc.constantFrom(2, 3),
  });
  fc.assert(
    fc.property(anyShape, (shape) => {
      const { seconds } = predict(found, shape);
      assert.ok(Math.abs(seconds / streamLaw(shape) - 1) < 0.02, JSON.stringify(shape));
    }),
  );
});

surface('without a fit in the manifest still comes close', () => {
  const found = surfaceOf(gpu({ measured: measurementsOf(streams) }), 'elementwise', 'fp16', 0)!;
  for (const rows of [100, 1000, 30_000]) {
    const shape = { rows, n: 512, inputs: 2 };
    assert.ok(Math.abs(predict(found, shape).seconds / streamLaw(shape) - 1) < 0.2);
  }
});

surface(
  'outside the box holds the efficiency and scales by the rates; its error grows with the distance',
  () => {
    // Efficiency halves along n: what is held outside is that of the widest point.
    const uneven = measure(
      { operator: 'elementwise' },
      shapes,
      (shape) => streamLaw(shape) * (shape.n / 64) ** 0.3,
    );
    const found = surfaceOf(gpu({ measured: measurementsOf(uneven, [fit]) }), 'elementwise', 'fp16', 0)!;
    const widest = found.surface.clamp('n', 1e9);
    const largest = found.surface.clamp('rows', 1e9);
    const ratio = (shape: Shape) => predict(found, shape).seconds / secondsByDevice(found, shape);
    const at = (rows: number, n: number) => ({ rows, n, inputs: 2 });
    const edge = ratio(at(largest, widest));
    let before = 0;
    for (const factor of [2, 4, 16, 64]) {
      const shape = at(largest * factor, widest * factor);
      assert.ok(Math.abs(ratio(shape) / edge - 1) < 1e-9);
      const { logError } = predict(found, shape);
      assert.ok(logError > before);
      before = logError;
    }
    let last = 0;
    for (let rows = largest; rows < largest * 1000; rows *= 1.7) {
      const { seconds } = predict(found, at(rows, 512));
      assert.ok(seconds > last);
      last = seconds;
    }
  },
);

surface('carried to another device scales by the datasheets alone', () => {
  const bandwidth = { ...measured.memory.bandwidthBytesPerS, value: 1.7e12 };
  const other = gpu({
    name: 'other-gpu',
    memory: { ...measured.memory, bandwidthBytesPerS: bandwidth },
    calibratedLike: measured,
  });
  const here = surfaceOf(measured, 'elementwise', 'fp16', 0)!;
  const there = surfaceOf(other, 'elementwise', 'fp16', 0)!;
  assert.ok(there.isTransferred);
  assert.is(there.name, 'other-gpu elementwise fp16');
  for (const { shape, medianS } of streams) {
    const { seconds, isMeasured, logError } = predict(there, shape);
    assert.not(isMeasured);
    assert.ok(logError > predict(here, { ...shape, rows: shape.rows + 1 }).logError);
    // The same efficiency, which kriging knows to its nugget, and 1.7 times the bandwidth under the same latency.
    const body = (medianS - 3e-6) / 1.7;
    assert.ok(Math.abs(seconds / (3e-6 + body) - 1) < 1e-6, `${seconds} ${3e-6 + body}`);
  }
});

surface('of a device measured itself is its own, even when it is also calibrated like another', () => {
  const both = gpu({ measured: measurementsOf(streams, [fit]), calibratedLike: measured });
  assert.not(surfaceOf(both, 'elementwise', 'fp16', 0)!.isTransferred);
  assert.is(surfaceOf(both, 'gemm', 'fp16', 0), undefined);
});

surface('is not carried to a device that has no matrix units for the type', () => {
  const points = measure(
    { operator: 'gemm' },
    drawShapes(30, { m: [1, 4096], n: [64, 1024], k: [64, 1024] }),
    ({ m, n, k }) => 2e-6 + (2 * m * n * k) / 8e13,
  );
  const origin = gpu({ measured: measurementsOf([...points, ...streams]) });
  const { fp32 } = origin.peakFlopPerS;
  const old = gpu({ name: 'old-gpu', calibratedLike: origin, peakFlopPerS: { fp32: fp32! } });
  assert.is(surfaceOf(old, 'gemm', 'fp16', 0), undefined);
  assert.ok(surfaceOf(old, 'elementwise', 'fp16', 0)!.isTransferred);
  assert.ok(surfaceOf(gpu({ name: 'new-gpu', calibratedLike: origin }), 'gemm', 'fp16', 0)!.isTransferred);
});

surface.run();

const choice = suite('points of a surface');

const gemm = (m: number, medianS: number, implementation: string, cache: 'cold' | 'warm' = 'cold') =>
  pointOf({ operator: 'gemm', shape: { m, n: 64, k: 64 }, medianS, implementation, cache });

choice(
  'are those of the kernel that is fastest on shared shapes, and the fastest of all at each of its shapes',
  () => {
    const points = [
      ...[1, 2, 4, 8].map((m) => gemm(m, 10e-6, 'slow')),
      gemm(16, 10e-6, 'slow'),
      ...[1, 2, 4].map((m) => gemm(m, 5e-6, 'fast')),
      gemm(8, 12e-6, 'fast'),
    ];
    const { shapes, seconds, implementations } = surfacePoints(toColumns(points));
    assert.equal(implementations, ['fast', 'slow']);
    assert.equal(
      shapes.map(({ m }) => m),
      [1, 2, 4, 8],
    );
    assert.equal(seconds, [5e-6, 5e-6, 5e-6, 10e-6]);
  },
);

choice('take the cold time of a shape measured cold and warm, in either order', () => {
  for (const points of [
    [gemm(1, 9e-6, 'x'), gemm(1, 4e-6, 'x', 'warm')],
    [gemm(1, 4e-6, 'x', 'warm'), gemm(1, 9e-6, 'x')],
  ]) {
    assert.equal(surfacePoints(toColumns(points)).seconds, [9e-6]);
  }
});

choice('come from the native path before a framework, and from a portable one last', () => {
  const on = (backend: string, medianS: number) =>
    [1, 2, 3].map((m) => pointOf({ operator: 'gemm', shape: { m, n: 8, k: 8 }, backend, medianS }));
  const time = (...points: ReturnType<typeof on>) => {
    const found = surfaceOf(gpu({ measured: measurementsOf(points) }), 'gemm', 'fp16', 0)!;
    return predict(found, { m: 2, n: 8, k: 8 }).seconds;
  };
  assert.is(time(...on('webgpu', 3e-6), ...on('python', 2e-6), ...on('cuda', 4e-6)), 4e-6);
  assert.is(time(...on('webgpu', 1e-6), ...on('python', 2e-6)), 2e-6);
});

choice.run();
