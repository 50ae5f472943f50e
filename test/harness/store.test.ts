import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadMeasurements, readManifest } from '../../hardware-profiles/measurement-files.ts';
import type { RunRecord } from '../../hardware-profiles/measurements-schema.ts';
import { failureRecord } from '../../harness/failures.ts';
import { MeasurementStore } from '../../harness/store.ts';
import { manifestOf, pointOf, withFolder } from '../hardware-profiles/measured-points.ts';

const store = suite('a folder that is measured into');

const target = {
  operator: 'gemm',
  dataType: 'fp16',
  implementation: 'torch-compile',
  axes: [],
} as unknown as Parameters<typeof failureRecord>[0]['target'];
const shape = { m: 1, n: 2, k: 3 };

const [plain] = manifestOf('h200-sxm').runs;
const runOf = (date: string, failed: RunRecord['failed'] = []): RunRecord => ({ ...plain, date, failed });

store('counts the points of a later day apart from those of an earlier one', () => {
  withFolder((folder) => {
    const first = new MeasurementStore(folder, 'h200-sxm');
    first.begin(runOf('2025-01-02'));
    for (const m of [1, 2, 3]) first.add(pointOf({ operator: 'gemm', shape: { m, n: 2, k: 3 } }));
    first.save();
    const second = new MeasurementStore(folder, 'h200-sxm');
    second.begin(runOf('2025-01-03'));
    second.add(pointOf({ operator: 'gemm', shape: { m: 4, n: 2, k: 3 } }));
    second.save();
    assert.equal(
      readManifest(folder).runs.map(({ date, measured }) => [date, measured]),
      [
        ['2025-01-02', 3],
        ['2025-01-03', 1],
      ],
    );
  });
});

store('tells what failed, by kind', () => {
  withFolder((folder) => {
    const failed = (stage: 'compile' | 'verify') =>
      failureRecord({ target, shape, failure: { stage, reason: 'because' } } as Parameters<
        typeof failureRecord
      >[0]);
    const measured = new MeasurementStore(folder, 'h200-sxm');
    measured.begin(runOf('2025-01-02', [failed('compile'), failed('verify'), failed('compile')]));
    const kind = { operator: 'gemm', dataType: 'fp16', implementation: 'torch-compile' };
    assert.equal(loadMeasurements(folder).failures, [
      { ...kind, stage: 'compile', shapes: 2 },
      { ...kind, stage: 'verify', shapes: 1 },
    ]);
  });
});

store('keeps the beginning and the end of a long reason', () => {
  const log = `${'  in a frame\n'.repeat(1000)}RuntimeError: too large`;
  const failure = { stage: 'compile', reason: 'gemm does not compile', log };
  const { reason } = failureRecord({ target, shape, failure } as Parameters<typeof failureRecord>[0]);
  assert.ok(reason.startsWith('gemm does not compile\n'));
  assert.ok(reason.endsWith('RuntimeError: too large'));
  assert.ok(reason.length < 2100, String(reason.length));
});

store.run();
