import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { armsOf } from '../../../distil/experiment/arms.ts';
import { knownByPeriod, knownOrder, knownTimes } from '../../../distil/experiment/known-order.ts';
import { studentSteps } from '../../../distil/experiment/student-steps.ts';
import { type TeacherJob, trainTeacher } from '../../../distil/experiment/teacher-job.ts';
import { ownTrainer } from '../../../distil/experiment/trainer.ts';
import { trainBySteps } from '../../../distil/learner/train-by-steps.ts';
import { sumOfDays } from '../../../distil/metrics/day-sums.ts';
import { picked } from '../../../distil/streams/columns.ts';
import {
  type ExampleStream,
  noLabel,
  rowsOfVertical,
  secondsPerDay,
} from '../../../distil/streams/stream.ts';
import { readTeacherLog } from '../../../distil/teacher-log/log-file.ts';
import { normalizedEntropy } from '../../../sim/training/quality/normalized-entropy.ts';
import { smallLearner, smallWorld } from './small-experiment.ts';
import { usualKnobs } from './usual-knobs.ts';

const world = smallWorld();
const days = 8;
let folder: string;

const order = suite('experiment: when labels are known');

order('labels come in the order in which they are known, each once, and by the day of that', () => {
  const { stream } = world;
  const rows = Int32Array.from({ length: stream.size }, (_, row) => row);
  const times = knownTimes(stream.impressionS, stream.tasks[0], rows);
  const inOrder = knownOrder(times);
  assert.is(new Set(inOrder).size, stream.size);
  for (let i = 1; i < inOrder.length; i++) assert.ok(times[inOrder[i - 1]] <= times[inOrder[i]]);
  const byDay = knownByPeriod(times, days, secondsPerDay);
  for (const [day, positions] of byDay.entries())
    for (const position of positions) assert.is(Math.floor(times[position] / secondsPerDay), day);
  const late = times.filter((time) => time >= days * secondsPerDay).length;
  assert.ok(late > 0);
  assert.is(
    byDay.reduce((sum, positions) => sum + positions.length, 0),
    stream.size - late,
  );
});

order('what has no label is never known', () => {
  const task = { name: 't', labels: Uint8Array.of(1, noLabel, 0), delayS: Float32Array.of(9, Number.NaN, 1) };
  const times = knownTimes(Float64Array.of(0, 1, 2), task, Int32Array.of(0, 1, 2));
  assert.equal([...times], [9, Number.POSITIVE_INFINITY, 3]);
  assert.equal([...knownOrder(times)], [2, 0]);
});

order.run();

const teacher = suite('experiment: teacher');

teacher.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'rankfleet-experiment-'));
});

teacher.after.each(() => rmSync(folder, { recursive: true }));

function jobOn(stream: ExampleStream, changes: Partial<TeacherJob> = {}): TeacherJob {
  return {
    kind: 'teacher',
    stream,
    learner: smallLearner(),
    fields: ['f0', 'f1'],
    task: 'click',
    vertical: undefined,
    snapshotsPerDay: 1,
    stalenessDays: [0, 2],
    lagDays: [0, 1],
    metricsFromDay: 3,
    folder,
    id: 'teacher',
    ...changes,
  };
}

/** What each log says, read back from its file. */
async function said(stream: ExampleStream, changes: Partial<TeacherJob> = {}) {
  const { logs } = await trainTeacher(jobOn(stream, changes), ownTrainer());
  return logs.map(({ file }) => readTeacherLog(file, stream));
}

teacher('no snapshot has seen a label that was not known at its midnight', async () => {
  const midnight = 4;
  const { stream } = world;
  const [before] = await said(stream);
  const [after] = await said(flipped(stream, (knownS) => knownS >= midnight * secondsPerDay));
  let changed = 0;
  for (let row = 0; row < stream.size; row++) {
    const p = before.labels.probability[row];
    if (before.labels.snapshot[row] <= midnight)
      assert.ok(Object.is(p, after.labels.probability[row]), `${row}`);
    else if (p !== after.labels.probability[row]) changed++;
  }
  assert.ok(changed > 100, `${changed}`);
});

teacher('a snapshot has seen what was known just before its midnight', async () => {
  const { stream } = world;
  const [before] = await said(stream);
  const [after] = await said(flipped(stream, (knownS) => Math.floor(knownS / secondsPerDay) === 3));
  const of = (labels: typeof before, id: number) =>
    labels.labels.probability.filter((_, row) => before.labels.snapshot[row] === id);
  assert.equal(of(before, 3), of(after, 3));
  assert.not.equal(of(before, 4), of(after, 4));
});

teacher('snapshots some hours apart label what follows, and have seen no label from after them', async () => {
  const { stream } = world;
  const periodS = 6 * 3600;
  const changes = { snapshotsPerDay: 4 };
  const [fresh, stale] = await said(stream, changes);
  for (let row = 0; row < stream.size; row++) {
    const period = Math.floor(stream.impressionS[row] / periodS);
    assert.is(fresh.labels.snapshot[row], period >= 1 ? period : -1);
    assert.is(stale.labels.snapshot[row], period >= 9 ? period - 8 : -1);
  }
  const taken = 14;
  const [after] = await said(
    flipped(stream, (knownS) => knownS >= taken * periodS),
    changes,
  );
  const of = (labels: typeof fresh, isSo: (id: number) => boolean) =>
    labels.labels.probability.filter((_, row) => isSo(fresh.labels.snapshot[row]));
  assert.equal(
    of(fresh, (id) => id >= 1 && id <= taken),
    of(after, (id) => id >= 1 && id <= taken),
  );
  assert.not.equal(
    of(fresh, (id) => id === taken + 1),
    of(after, (id) => id === taken + 1),
  );
});

teacher(
  'day d is labelled by the snapshot of day d − s; the first days have no label, and are counted',
  async () => {
    const { stream } = world;
    for (const [at, { labels, report }] of (await said(stream)).entries()) {
      const staleness = [0, 2][at];
      for (let row = 0; row < stream.size; row++) {
        const day = Math.floor(stream.impressionS[row] / secondsPerDay);
        assert.is(labels.snapshot[row], day - staleness >= 1 ? day - staleness : -1);
      }
      assert.is(report.missing, 300 * (1 + staleness));
      assert.is(report.labelled + report.missing, stream.size);
      assert.is(report.snapshotsUsed, days - 1 - staleness);
    }
  },
);

teacher(
  'two days’ staleness is what the snapshot of then says of now: logs of 0 and 2 share snapshots',
  async () => {
    const { stream } = world;
    const outcome = await trainTeacher(jobOn(stream), ownTrainer());
    const ofLag = normalizedEntropy(sumOfDays(outcome.byLag[0], 3));
    assert.is(ofLag, normalizedEntropy(sumOfDays(outcome.whole[0].days, 3)));
    assert.ok(outcome.whole[0].auc > 0.5);
  },
);

teacher('of one vertical, labels its examples and nobody else’s', async () => {
  const { stream } = world;
  const [{ labels }] = await said(stream, { vertical: 1 });
  const rows = new Set(rowsOfVertical(stream, 1));
  for (let row = 0; row < stream.size; row++) {
    const isSeen = rows.has(row) && stream.impressionS[row] >= secondsPerDay;
    assert.is(Number.isNaN(labels.probability[row]), !isSeen);
  }
});

teacher.run();

const student = suite('experiment: student');

/** The pass of a student of vertical 0, with arm `all`. */
function predictionsOn(stream: ExampleStream) {
  const [task] = stream.tasks;
  const rows = rowsOfVertical(stream, 0);
  const times = knownTimes(stream.impressionS, task, rows);
  const positions = knownOrder(times);
  const ids = stream.fields.slice(0, 2).map((field) => picked(field.ids, rows));
  const arm = armsOf(['all'], [], usualKnobs).find(({ id }) => id === 'all')!;
  const labels = picked(picked(task.labels, rows), positions);
  const { predictions } = trainBySteps({
    spec: smallLearner({ distillation: arm.distillation }),
    learned: {
      ids: ids.map((column) => picked(column, positions)),
      labels,
      teacher: Float32Array.from(labels, () => 0.3),
    },
    served: ids,
    steps: studentSteps(8, picked(stream.impressionS, rows), picked(times, positions)),
  });
  return { rows, predictions };
}

student('no prediction rests on a label that was not known at its impression', () => {
  const { stream } = world;
  const t = 3.4 * secondsPerDay;
  const before = predictionsOn(stream);
  const after = predictionsOn(flipped(stream, (knownS) => knownS > t));
  let changed = 0;
  for (const [i, row] of before.rows.entries()) {
    if (stream.impressionS[row] <= t)
      assert.ok(Object.is(before.predictions[i], after.predictions[i]), `${row}`);
    else if (before.predictions[i] !== after.predictions[i]) changed++;
  }
  assert.ok(changed > 100, `${changed}`);
});

student('every example is predicted once, by a model that learns as it goes', () => {
  const { predictions } = predictionsOn(world.stream);
  assert.ok(predictions.every((p) => p > 0 && p < 1));
  assert.ok(new Set(predictions).size > predictions.length / 4);
});

student.run();

/** The stream with the labels of its first task turned over where they are known at some times. */
function flipped(stream: ExampleStream, isFlipped: (knownS: number) => boolean): ExampleStream {
  const [task, ...others] = stream.tasks;
  const labels = task.labels.map((label, row) =>
    isFlipped(stream.impressionS[row] + task.delayS[row]) ? 1 - label : label,
  );
  return { ...stream, tasks: [{ ...task, labels }, ...others] };
}
