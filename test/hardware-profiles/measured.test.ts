import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../foundation/files.ts';
import { InputError } from '../../foundation/problem.ts';
import { evidenceByField } from '../../hardware-profiles/evidenced-fields.ts';
import { loadDevice, loadHost } from '../../hardware-profiles/files.ts';
import { csvHeader, csvLine, pointsFromCsv } from '../../hardware-profiles/measurement-csv.ts';
import {
  loadMeasurements,
  locateMeasurements,
  readMeasurements,
} from '../../hardware-profiles/measurement-files.ts';
import { toColumns, withoutPoints } from '../../hardware-profiles/measurements.ts';
import { measuredBackends, measuredDataTypes } from '../../hardware-profiles/measurements-schema.ts';
import {
  type MeasuredPoint,
  operatorAxes,
  operatorNames,
} from '../../hardware-profiles/operators-measured.ts';
import { manifestOf, pointOf, withFolder, writeMeasurements } from './measured-points.ts';

const anyPoint: fc.Arbitrary<MeasuredPoint> = fc.constantFrom(...operatorNames).chain((operator) =>
  fc.record<MeasuredPoint>(
    {
      operator: fc.constant(operator),
      backend: fc.constantFrom(...measuredBackends),
      implementation: fc.constantFrom('rankfleet', 'cublaslt', 'torch-eager', 'x.1_2'),
      dataType: fc.constantFrom(...measuredDataTypes),
      cores: fc.nat({ max: 512 }),
      shape: fc.record(
        Object.fromEntries(
          operatorAxes[operator].map((axis) => [
            axis,
            axis === 'skew' ? fc.constantFrom(0, 0.7, 1.05, 1.2) : fc.maxSafeNat().map((n) => n % 2 ** 40),
          ]),
        ),
        { noNullPrototype: true },
      ),
      // Times keep seven digits, ratios three.
      medianS: fc.integer({ min: 1, max: 9_999_999 }).map((digits) => Number(`${digits}e-11`)),
      spread: fc.nat({ max: 999 }).map((digits) => Number(`${digits}e-4`)),
      repeats: fc.integer({ min: 1, max: 1000 }),
      cache: fc.constantFrom('cold' as const, 'warm' as const),
      error: fc.nat({ max: 999 }).map((digits) => Number(`${digits}e-9`)),
      tolerance: fc.constantFrom(1e-6, 1e-3),
    },
    { noNullPrototype: true },
  ),
);

const csv = suite('measurement files: CSV');

csv('any points come back as they were written', () => {
  fc.assert(
    fc.property(fc.array(anyPoint, { minLength: 1, maxLength: 20 }), (points) => {
      const [{ operator }] = points;
      const own = points.filter((point) => point.operator === operator);
      const text = `${[csvHeader(operator), ...own.map(csvLine)].join('\n')}\n`;
      assert.equal(pointsFromCsv(operator, text, 'a.csv'), own);
    }),
    { numRuns: 60 },
  );
});

csv('a line that was cut off while it was written is left out, wherever it was cut', () => {
  const points = [1, 2].map((m) => pointOf({ operator: 'gemm', shape: { m, n: 64, k: 32 } }));
  const text = `${[csvHeader('gemm'), ...points.map(csvLine)].join('\n')}\n`;
  const second = text.trimEnd().lastIndexOf('\n') + 1;
  for (let end = second; end < text.length; end++) {
    assert.equal(pointsFromCsv('gemm', text.slice(0, end), 'a.csv'), points.slice(0, 1), `${end}`);
  }
});

csv('a wrong line is named by file and line', () => {
  const head = csvHeader('gemm');
  const good = 'cuda,cublaslt,fp16,0,1,2,3,1e-5,0.01,20,cold,0,1e-3';
  const wrong: [line: string, message: RegExp][] = [
    [good.replace('1e-5', '0'), /median_s: expected a number from/],
    [good.replace('1e-5', 'fast'), /median_s: .*got 'fast'/],
    [good.replace('1e-5', ''), /median_s: .*got ''/],
    [good.replace('fp16', 'fp61'), /data_type: expected one of .*did you mean 'fp16'/],
    [good.replace('cuda', 'cudda'), /backend: .*did you mean 'cuda'/],
    [good.replace(',1,2,3,', ',1.5,2,3,'), /m: expected a whole number .*got '1.5'/],
    [good.replace(',1,2,3,', ',-1,2,3,'), /m: expected a whole number/],
    [good.replace('cold', 'hot'), /cache: expected one of cold, warm/],
    [good.replace(',0,1e-3', ',0.1,1e-3'), /exceeds the tolerance/],
    [good.replace(',1e-3', ''), /has 12 values for 13 columns$/],
    [`${good},7`, /has 14 values for 13 columns$/],
  ];
  for (const [line, message] of wrong) {
    const text = `${head}\n${good}\n${line}\n`;
    const error = problemOf(() => pointsFromCsv('gemm', text, 'gemm.csv'));
    assert.match(error, message);
    assert.match(error, /^gemm\.csv:3:1: /);
  }
  assert.match(
    problemOf(() => pointsFromCsv('gemm', `${head.replace('m,n,k', 'm,k,n')}\n${good}\n`, 'gemm.csv')),
    /^gemm\.csv:1:1: expected the header backend,/,
  );
  assert.match(
    problemOf(() => pointsFromCsv('gemm', '', 'gemm.csv')),
    /gemm\.csv:1:1: expected the header/,
  );
  assert.match(
    problemOf(() => pointsFromCsv('gemm', `${head}\n"${good}\n`, 'gemm.csv')),
    /^gemm\.csv:/,
  );
});

csv('skew may be a fraction', () => {
  const shape = { rows: 100, dim: 16, pooling: 4, bags: 8, skew: 1.05 };
  const line = csvLine(pointOf({ operator: 'embedding-bag', shape }));
  const text = `${csvHeader('embedding-bag')}\n${line}\n`;
  assert.is(pointsFromCsv('embedding-bag', text, 'a.csv')[0].shape.skew, 1.05);
});

csv.run();

const folders = suite('measurement files: folders');

const gemm = (m: number, medianS = 1e-5) =>
  pointOf({ operator: 'gemm', shape: { m, n: 64, k: 32 }, medianS });

folders('of several points measured twice the later one counts', () => {
  const [columns, ...others] = toColumns([gemm(1), gemm(2), gemm(1, 3e-5)]);
  assert.is(others.length, 0);
  assert.equal([...columns.shapes], [1, 64, 32, 2, 64, 32]);
  assert.equal([...columns.medianS], [3e-5, 1e-5]);
});

folders('are read with their manifest; the hash tells any change', () => {
  withFolder((folder) => {
    writeMeasurements(folder, manifestOf('h200-sxm'), [gemm(1), gemm(2)]);
    const before = loadMeasurements(folder);
    assert.is(before.device, 'h200-sxm');
    assert.is(before.date, '2025-01-02');
    assert.is(before.units, 132);
    assert.is(before.points, 2);
    appendFileSync(join(folder, 'gemm.csv'), `${csvLine(gemm(3))}\n`);
    const after = loadMeasurements(folder);
    assert.is(after.points, 3);
    assert.is.not(after.hash, before.hash);
    assert.is(loadMeasurements(folder).hash, after.hash);
  });
});

folders('with a file of no operator are refused', () => {
  withFolder((folder) => {
    writeMeasurements(folder, manifestOf('h200-sxm'), [gemm(1)]);
    writeFileSync(join(folder, 'gem.csv'), '');
    assert.match(
      problemOf(() => readMeasurements(folder)),
      /gem\.csv: no operator is called 'gem' \(did you mean 'gemm'/,
    );
  });
});

folders('with a wrong manifest say where', () => {
  withFolder((folder) => {
    const manifest = manifestOf('h200-sxm');
    writeMeasurements(folder, manifest, [gemm(1)]);
    const file = join(folder, 'manifest.yaml');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('seed: 1', 'sead: 1'));
    assert.match(
      problemOf(() => readMeasurements(folder)),
      /manifest\.yaml:\d+:\d+: runs\[0\].*sead.*did you mean 'seed'/,
    );
    const accuracy = { points: 2, median: 0.1, mean: 0.1, p90: 0.2, bias: 0 };
    const fit = {
      operator: 'gemm' as const,
      data_type: 'fp16' as const,
      backend: 'cuda' as const,
      implementations: ['rankfleet'],
      cores: 0,
      rates: { latency_s: 1e-6, flop_per_s: 1e14, bytes_per_s: 1e12, reread_bytes_per_s: 2e12, step_s: 0 },
      waves: true,
      length_scales: { m: 2, n: 2 },
      nugget: 0.1,
      sigma: 0.1,
      leave_one_out: accuracy,
    };
    writeMeasurements(folder, { ...manifest, fit: [fit] }, [gemm(1)]);
    assert.match(
      problemOf(() => readMeasurements(folder)),
      /manifest\.yaml:\d+:\d+: fit\[0\]\.length_scales: no length scale for k/,
    );
  });
});

folders('of a device: the latest date is taken; a missing one is said', () => {
  withFolder((folder) => {
    for (const date of ['2025-01-02', '2025-11-01', '2025-03-04']) {
      writeMeasurements(join(folder, date), manifestOf('h200-sxm'), [gemm(1)]);
    }
    assert.is(locateMeasurements(`${folder}/`), join(folder, '2025-11-01'));
    assert.is(locateMeasurements(join(folder, '2025-01-02')), join(folder, '2025-01-02'));
    assert.match(
      problemOf(() => locateMeasurements(`${folder}/none`)),
      /no folder of measurements: .*none/,
    );
  });
  withFolder((folder) =>
    assert.match(
      problemOf(() => locateMeasurements(folder)),
      /expected manifest\.yaml/,
    ),
  );
});

folders.run();

const devices = suite('device files with measurements');

const h200 = readFileSync(
  join(packageRoot, 'hardware-profiles/catalogue/devices/h200-sxm.yaml'),
  'utf8',
).replace(/^measurements:.*\n/m, '');

devices('carry the points, which are no figures, and which a result does not repeat', () => {
  withFolder((folder) => {
    writeMeasurements(join(folder, 'mine/2025-01-02'), manifestOf('mine'), [gemm(1), gemm(2)]);
    writeFileSync(join(folder, 'mine.yaml'), `${h200}measurements: ./mine\n`);
    writeFileSync(join(folder, 'like.yaml'), `${h200}calibrated_like: mine.yaml\n`);
    const plain = writeAndLoad(folder, 'plain.yaml', h200);
    const mine = loadDevice(join(folder, 'mine.yaml'));
    assert.is(mine.measured?.points, 2);
    assert.equal(evidenceByField(mine), evidenceByField(plain));
    assert.equal(structuredClone(mine), mine);
    const like = loadDevice(join(folder, 'like.yaml'));
    assert.is(like.measured, undefined);
    assert.is(like.calibratedLike?.measured?.points, 2);
    const host = loadHost('h200x8');
    const shown = withoutPoints({ ...host, accelerators: { ...host.accelerators!, device: like } });
    assert.ok(JSON.stringify(shown).length < 20_000);
    assert.match(JSON.stringify(shown), new RegExp(mine.measured!.hash));
  });
});

devices('refuse what was not measured or cannot be carried over', () => {
  withFolder((folder) => {
    writeFileSync(join(folder, 'plain.yaml'), h200);
    const problem = (line: string) => problemOf(() => writeAndLoad(folder, 'a.yaml', `${h200}${line}\n`));
    assert.match(problem('measurements: ./none'), /a\.yaml:\d+:\d+: measurements: no folder of measurements/);
    assert.match(problem('calibrated_like: plain.yaml'), /calibrated_like: 'h200-sxm' has no measurements/);
    assert.match(
      problem('calibrated_like: skylake-20c'),
      /is a cpu: its efficiency says nothing about a gpu/,
    );
    assert.match(problem('calibrated_like: h20-sxm'), /calibrated_like: unknown device 'h20-sxm'/);
  });
});

devices.run();

function writeAndLoad(folder: string, name: string, text: string) {
  writeFileSync(join(folder, name), text);
  return loadDevice(join(folder, name));
}

function problemOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    assert.instance(error, InputError);
    return (error as Error).message;
  }
  return assert.unreachable('an InputError was expected') as never;
}
