// time-limit: 120 s
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../foundation/files.ts';
import { InputError } from '../../foundation/problem.ts';
import { loadDevice } from '../../hardware-profiles/files.ts';
import { type MeasuredColumns, toColumns } from '../../hardware-profiles/measurements.ts';
import type { MeasuredPoint, Shape } from '../../hardware-profiles/operators-measured.ts';
import { accuracy } from '../../harness/accuracy/accuracy.ts';
import { accuracyDocument } from '../../harness/accuracy/document.ts';
import { accuracyOf } from '../../harness/accuracy/surface-accuracy.ts';
import { transferAccuracy } from '../../harness/accuracy/transfer-accuracy.ts';
import { unseenAccuracy, unseenColumns } from '../../harness/accuracy/unseen-accuracy.ts';
import { fitMeasurements } from '../../harness/fit/fit.ts';
import { drawShapes } from '../cost/synthetic.ts';
import { manifestOf, pointOf, withFolder, writeMeasurements } from '../hardware-profiles/measured-points.ts';

const about = { kind: 'gpu', units: 132, cacheBytes: 5e7 } as const;
const plain = readFileSync(
  join(packageRoot, 'hardware-profiles/catalogue/devices/h200-sxm.yaml'),
  'utf8',
).replace(/^(measurements|calibrated_like):.*\n/gm, '');

/** A device file, by bandwidth, and its measurements by a law. */
function writeDevice(folder: string, name: string, bandwidth: string, points: readonly MeasuredPoint[]) {
  const manifest = manifestOf(name, { fit: fitMeasurements(points, name, about) });
  writeMeasurements(join(folder, name, '2025-01-02'), manifest, points);
  const text = plain.replace('name: h200-sxm', `name: ${name}`).replace('4.8 TB/s', bandwidth);
  writeFileSync(join(folder, `${name}.yaml`), `${text}measurements: ./${name}\n`);
  return loadDevice(join(folder, `${name}.yaml`));
}

const shapes = drawShapes(80, { rows: [64, 65536], n: [64, 4096], inputs: [2, 3] });
const streams = (bytesPerS: number) =>
  shapes.map((shape: Shape) =>
    pointOf({
      operator: 'elementwise',
      shape,
      medianS: 2e-6 + ((shape.inputs + 1) * shape.rows * shape.n * 2) / bytesPerS,
    }),
  );

/** The shapes of a column, with operator and type, as text. */
function shapeKeysOf({ operator, dataType, shapes: axes, medianS }: MeasuredColumns): string[] {
  const width = axes.length / medianS.length;
  return Array.from(medianS, (_, i) =>
    [operator, dataType, ...axes.slice(i * width, (i + 1) * width)].join(' '),
  );
}

const report = suite('accuracy');

report('of points that follow their law is high; the worst is named', () => {
  withFolder((folder) => {
    const points = streams(3e12);
    // One point off by half.
    points[40] = { ...points[40], medianS: points[40].medianS * 1.5 };
    const { surfaces, points: count } = accuracyOf(writeDevice(folder, 'mine', '4.8 TB/s', points));
    assert.is(count, 80);
    assert.is(surfaces.length, 1);
    const [{ leaveOneOut, worst, naive, isUsed }] = surfaces;
    assert.ok(leaveOneOut.median < 0.02, `${leaveOneOut.median}`);
    assert.equal(worst.shape, points[40].shape);
    assert.ok(worst.error < -0.25 && worst.error > -0.4, `${worst.error}`);
    assert.is(naive, undefined);
    assert.ok(isUsed);
  });
});

report('says which paths stand aside, what a naive model would say, and what has too few points', () => {
  withFolder((folder) => {
    const gemms = drawShapes(40, { m: [1, 8192], n: [64, 2048], k: [64, 2048] }).map((shape) =>
      pointOf({
        operator: 'gemm',
        shape,
        // Exactly the naive model: three quarters of 989.4 TFLOP/s, four fifths of 4.8 TB/s, 3 µs.
        medianS:
          3e-6 +
          Math.max(
            (2 * shape.m * shape.n * shape.k) / (0.75 * 989.4e12),
            (2 * (shape.m * shape.k + shape.n * shape.k + shape.m * shape.n)) / (0.8 * 4.8e12),
          ),
      }),
    );
    const eager = gemms.map((point) => ({ ...point, backend: 'python', implementation: 'torch-eager' }));
    const few = [pointOf({ operator: 'hash', dataType: 'int32', shape: { values: 10, rows: 10 } })];
    const device = writeDevice(folder, 'mine', '4.8 TB/s', [...gemms, ...eager, ...few]);
    const { surfaces, unfitted } = accuracyOf(device);
    assert.equal(
      surfaces.map(({ implementation, isUsed }) => [implementation, isUsed]),
      [
        ['rankfleet', true],
        ['torch-eager', false],
      ],
    );
    assert.ok(surfaces[0].naive!.p90 < 1e-6, JSON.stringify(surfaces[0].naive));
    assert.equal(unfitted, ['hash int32 on cuda (1)']);
  });
});

report('from one device to another is exact where only bandwidth differs and the datasheets say so', () => {
  withFolder((folder) => {
    const slow = writeDevice(folder, 'slow', '3 TB/s', streams(2e12));
    const quick = writeDevice(folder, 'quick', '6 TB/s', streams(4e12));
    const rows = transferAccuracy([slow, quick]);
    assert.equal(
      rows.map(({ from, to, operator }) => [from, to, operator]),
      [
        ['slow', 'quick', 'elementwise'],
        ['quick', 'slow', 'elementwise'],
      ],
    );
    for (const { errors } of rows) assert.ok(errors.p90 < 0.02, JSON.stringify(errors));
    // A datasheet that lies shows.
    const boasting = writeDevice(folder, 'boasting', '12 TB/s', streams(4e12));
    assert.ok(transferAccuracy([slow, boasting])[0].errors.median > 0.2);
  });
});

report("of shapes measured apart is that of predictions from a device's own points", () => {
  withFolder((folder) => {
    const points = streams(3e12);
    const device = writeDevice(folder, 'mine', '4.8 TB/s', points);
    const between = { operator: 'elementwise', shape: { rows: 3000, n: 700, inputs: 2 } } as const;
    const lawS = 2e-6 + (3 * 3000 * 700 * 2) / 3e12;
    const apart = [
      pointOf({ ...between, medianS: lawS }),
      pointOf({ operator: 'elementwise', shape: { rows: 900, n: 900, inputs: 3 }, medianS: 1 }),
      // Measured already, of another path, and without a surface: they say nothing.
      points[7],
      pointOf({ ...between, medianS: 1, backend: 'python' }),
      pointOf({ operator: 'hash', dataType: 'int32', shape: { values: 10, rows: 10 } }),
    ];
    const [alone, ...others] = unseenAccuracy(device, toColumns([apart[0], ...apart.slice(2)]));
    assert.equal(others, []);
    assert.is(alone.errors.points, 1);
    assert.ok(alone.errors.median < 0.02, `${alone.errors.median}`);
    const [{ errors, withinOneDeviation, worst }] = unseenAccuracy(device, toColumns(apart));
    assert.is(errors.points, 2);
    assert.ok(worst.measuredS === 1 && worst.error < -0.99);
    assert.ok(withinOneDeviation <= 0.5);
    assert.equal(unseenColumns(device), []);
  });
});

report('of shapes measured apart on the H200 has no shape that its fit has seen', () => {
  const device = loadDevice('h200-sxm');
  const seen = new Set(device.measured!.columns.flatMap(shapeKeysOf));
  const apart = unseenColumns(device).flatMap(shapeKeysOf);
  assert.ok(apart.length > 300);
  assert.equal(
    apart.filter((key) => seen.has(key)),
    [],
  );
});

report('of a device without measurements is a mistake that says what to do', () => {
  assert.throws(
    () => accuracy('mtia-v2i'),
    (error: Error) =>
      error instanceof InputError && /has no measurements.*rankfleet calibrate/.test(error.message),
  );
});

report('of the measurements that come with rankfleet is what docs/accuracy.md says', () => {
  const committed = readFileSync(join(packageRoot, 'docs/accuracy.md'), 'utf8');
  assert.is(
    committed,
    accuracyDocument(accuracy()),
    'docs/accuracy.md is out of date: npm run build && node dist/bench/accuracy-report.js',
  );
});

report.run();
